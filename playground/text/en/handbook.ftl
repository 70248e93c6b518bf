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
