ask =
    Write a text on which this feature reaches { NUMBER($needed, maximumFractionDigits: 1) } activation
    units, half of the highest that it ever reached in the texts read beforehand. Not allowed: { ROW($banned) }.
peak = It peaked at { NUMBER($peak, maximumFractionDigits: 1) } activation units, on { $token }; { NUMBER($needed, maximumFractionDigits: 1) } were needed.
small = A small word can be the brightest: at each token the model has read all that stands before it, so a feature may light up just after the words that wake it.
silent = The feature stayed silent in the whole text; { NUMBER($needed, maximumFractionDigits: 1) } activation units were needed.
used = You used { $words }, which { $count ->
        [one] is
       *[other] are
    } not allowed here, in any spelling or glued to another word.
nothing = You wrote nothing, so there was nothing to fire on.
found =
    One of the texts that work: “{ $text }”. The feature peaks there at
    { NUMBER($peak, maximumFractionDigits: 1) } activation units;
    { NUMBER($needed, maximumFractionDigits: 1) } were needed.
works = A text that works
reading = Your text, in activation units
