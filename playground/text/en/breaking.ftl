ask =
    One feature, five strengths. At which does the text break first? It counts as broken when the
    damage, averaged over { $seeds } replies, is above { NUMBER($limit, maximumFractionDigits: 0) } of 100.
at = at { $strength } residual norms
strength = { $strength } residual norms
never = it never breaks here
broke =
    At { $at } residual norms the damage is { NUMBER($damage, maximumFractionDigits: 0) } of 100, averaged
    over { $seeds } replies: above { NUMBER($limit, maximumFractionDigits: 0) }, so it is broken.
    { $before } The feature is about { INLINE($topic) }.
before = At { $at } it is { NUMBER($damage, maximumFractionDigits: 0) }.
weakest = That is the weakest push shown.
held =
    Even at { $at } residual norms the damage is { NUMBER($damage, maximumFractionDigits: 0) } of 100,
    averaged over { $seeds } replies: not above { NUMBER($limit, maximumFractionDigits: 0) }. The feature
    is about { INLINE($topic) }.
damage = Damage, averaged over { $seeds } replies
curve = Averaged over { $seeds } replies; the random push over one reply at each strength
