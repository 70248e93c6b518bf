# Directions that a learner makes of two lists of texts, without an SAE.
means = difference of means
probe = linear probe
way = There is no way “{ $way }” to make a direction; there are { $known }.
no_name = Give your direction a name: one or two words that say what it should point at.
long_name = The name is too long; it has { $limit } characters at most.
too_much = That is too much text: a list has at most { $count } texts and { $limit } characters in all.
too_few =
    { $way ->
        [probe] A linear probe
       *[means] A difference of means
    } needs at least { $few ->
        [one] one text
       *[other] { $few } different texts
    } in each list; you have { $about } in the first and { $others } in the second.
equal = Both lists say the same, so nothing tells them apart. Write the second list about something else.
both = “{ $text }” is in both lists. Take it out of one of them.
