first_broken =
    One feature, { $strengths } strengths, { $shown ->
        [one] one reply
       *[other] { $shown } replies
    } of each. At which strength does the text break first? A reply is broken when its damage is above
    { NUMBER($limit, maximumFractionDigits: 0) } of 100; a strength breaks the text when that happens to
    more than half of { $seeds } replies. The ones shown are some of those { $seeds }.
first_broken_along =
    One direction, that of texts about one subject, { $strengths } strengths, { $shown ->
        [one] one reply
       *[other] { $shown } replies
    } of each. At which strength does the text break first? A reply is broken when its damage is above
    { NUMBER($limit, maximumFractionDigits: 0) } of 100; a strength breaks the text when that happens to
    more than half of { $seeds } replies. The ones shown are some of those { $seeds }.
at = at strength { $strength }
strength = strength { $strength }
never = it never breaks here
gave_way =
    At strength { $at } { $broken } of { $seeds } replies are broken. { $before } The feature is
    about { INLINE($topic) }.
gave_way_along =
    At strength { $at } { $broken } of { $seeds } replies are broken. { $before } The direction is that of
    texts about { INLINE($topic) }.
below = At { $at } it is { $broken ->
        [0] none
       *[other] { $broken }
    } of them.
weakest = That is the weakest push shown.
bore =
    Even at strength { $at } { $broken ->
        [0] none
       *[other] only { $broken }
    } of { $seeds } replies are broken. The feature is about { INLINE($topic) }.
bore_along =
    Even at strength { $at } { $broken ->
        [0] none
       *[other] only { $broken }
    } of { $seeds } replies are broken. The direction is that of texts about { INLINE($topic) }.
broken_replies = Broken replies, with damage above { NUMBER($limit, maximumFractionDigits: 0) } of 100
replies = of { $seeds } replies
measured =
    Damage and effect, averaged over { $seeds } replies at each strength; beside them the same push along
    { $controls } other directions, a reply each
# Of earlier versions; players' kept verdicts hold them.
ask =
    One feature, five strengths. At which does the text break first? It counts as broken when the
    damage, averaged over { $seeds } replies, is above { NUMBER($limit, maximumFractionDigits: 0) } of 100.
broke =
    At strength { $at } the damage is { NUMBER($damage, maximumFractionDigits: 0) } of 100, averaged
    over { $seeds } replies: above { NUMBER($limit, maximumFractionDigits: 0) }, so it is broken.
    { $before } The feature is about { INLINE($topic) }.
before = At { $at } it is { NUMBER($damage, maximumFractionDigits: 0) }.
held =
    Even at strength { $at } the damage is { NUMBER($damage, maximumFractionDigits: 0) } of 100,
    averaged over { $seeds } replies: not above { NUMBER($limit, maximumFractionDigits: 0) }. The feature
    is about { INLINE($topic) }.
damage = Damage, averaged over { $seeds } replies
curve = Averaged over { $seeds } replies; the random push over one reply at each strength
