which =
    The same beginnings were written three times, pushed equally hard. One push came from a feature that
    stands for one subject; the others are its controls, a random direction and the row of another
    feature. Which came from the feature, A, B or C?
which_along =
    The same beginnings were written three times, pushed equally hard. One push went along the direction
    in which texts about one subject differ from all others; the others are its controls, a random
    direction and the row of some feature. Which push had the subject, A, B or C?
reply = Reply { $name }
column = { $name }
because =
    { $right } came from the feature for { INLINE($topic) }, pushed at strength { $strength } (1 is
    the usual size of the model's inner state there): { $on } of its { $count } replies are about
    { INLINE($topic) } ({ ROW($words) }). Of the controls' replies: { $others }.
because_along =
    { $right } was pushed along the direction of texts about { INLINE($topic) }, at strength { $strength }
    (1 is the usual size of the model's inner state there): { $on } of its { $count } replies are about
    { INLINE($topic) } ({ ROW($words) }). Of the controls' replies: { $others }.
random = { $on } in { $name } (a random direction)
feature = { $on } in { $name } (the row of another feature)
mean_damage = Damage to the text, averaged over { $count } replies of each
own_share = this feature, { $count } replies
own_share_along = this direction, { $count } replies
control_share = its { $count } controls, on average
control_most = the control that has most
counted = What the atlas counted: replies about { INLINE($topic) }
# Of earlier versions; players' kept verdicts hold them.
ask = Both replies were pushed equally hard. Which push came from a feature, A or B?
why =
    { $right } came from the feature for { INLINE($topic) }, pushed at strength { $strength }
    (1 is the usual size of the model's inner state there). { $evidence } Damage is
    { NUMBER($own, maximumFractionDigits: 0) } of 100 in { $right } and
    { NUMBER($other, maximumFractionDigits: 0) } of 100 in { $wrong }.
shown = Signs of { INLINE($topic) } found in it: { $count } ({ ROW($words) }); in the random one: { $less ->
        [0] none
       *[other] { $less }
    }.
not_shown = This was a hard one: { INLINE($topic) } hardly shows in the text.
untouched = Untouched model
effect = Feature: effect, how much of { INLINE($topic) } is there
random_effect = Random push: effect
damage = Feature: damage to the text
random_damage = Random push: damage to the text
bars = Measured on these two replies; the subject is { INLINE($topic) }
