search = Search the handbook
placeholder = such as strength
contents = All pages of the handbook
found =
    { $count ->
        [one] One page says it
       *[other] { $count } pages say it
    }
none = No page says “{ $query }”. Try a shorter word.
previous = ← { $title }
next = { $title } →
again = Tap the word again to read its page.
here = Words used here: { $words }
near = Did you mean one of these?
alphabet = A to Z
see = see “{ $title }”
aliases = Also called: { ROW($names) }
try_sandbox = Try it in the sandbox: everything is filled in
try_feature = Look at such a feature
levels = Levels that use this:
levels_more = { " " }and { $count } more
checked = Checked against its sources in { $month }.
improve = Improve this page
improve_file = Its text is the file { $file }; CONTRIBUTING.md says how to improve it.
