# Levels that ask, whatever their kind.
won = You got { $right } of { $count } right. Guessing would get about { NUMBER($chance, maximumFractionDigits: 1) }.
gave_up = You gave up this round. Here is how each question goes{ $right ->
        [0] {""}
       *[other] ; you had { $right } right already
    }.
written = You got { $right } of { $count } right.
hidden = The feature. Its name stays hidden until you have answered.
without = Without the dial
with = With the dial
with_hidden = With the hidden dial
no_probe = In this level there is nothing to probe.
answers = { $count ->
        [one] There is one question
       *[other] There are { $count } questions
    }, and { $answers ->
        [one] one answer
       *[other] { $answers } answers
    } came.
no_answer = This question has { $count ->
        [one] one answer
       *[other] { $count } answers
    }, not { $answer }.
too_long = Your text has { $count ->
        [one] one word
       *[other] { $count } words
    }; at most { $limit } are allowed.
set = { $them }
