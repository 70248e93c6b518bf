ask =
    One feature was turned up. Which of these six others fires more in what the model then wrote? One
    pair of { $count } is shown; the rise is averaged over all.
why =
    “{ $label }” rose by { NUMBER($rise, maximumFractionDigits: 1) } % of its own maximum, averaged over
    all tokens, and in { $times } of { $count } pairs of replies with and without the dial. None of the
    five others moved by more than { NUMBER($still, maximumFractionDigits: 1) } %. Read at
    { SITE($site) }, in the finished texts and without the dial: this says what came into the texts along
    with “{ $dialled }”, not which feature switched on which.
dialled = The dialled feature, at strength { $strength }
changes = Change of the mean activation at { SITE($site) }, with the dial less without
risen = The feature that rose in the texts
