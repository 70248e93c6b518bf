ask = Both replies were pushed equally hard. Which push came from a feature, A or B?
why =
    { $right } came from the feature for { INLINE($topic) }, pushed with strength { $strength } in
    residual norms (1 is the usual size of the model's inner state there). { $evidence } Damage is
    { NUMBER($own, maximumFractionDigits: 0) } of 100 in { $right } and
    { NUMBER($other, maximumFractionDigits: 0) } of 100 in { $wrong }.
shown = Signs of { INLINE($topic) } found in it: { $count } ({ ROW($words) }); in the random one: { $less ->
        [0] none
       *[other] { $less }
    }.
not_shown = This was a hard one: { INLINE($topic) } hardly shows in the text.
untouched = Untouched model
reply = Reply { $name }
effect = Feature: effect, how much of { INLINE($topic) } is there
random_effect = Random push: effect
damage = Feature: damage to the text
random_damage = Random push: damage to the text
bars = Measured on these two replies; the subject is { INLINE($topic) }
