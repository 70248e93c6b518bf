# The kind `beat`.
ask =
    A linear probe learned { INLINE($topic) } from labelled texts at the { SITE($site) } site; of 100 pairs of new texts it ranks
    { NUMBER($probe, maximumFractionDigits: 1) } right. A and B are the two features that do best there. Which of them keep
    up with the probe, that is, are at most { NUMBER($close, maximumFractionDigits: 0) } pairs behind?
card = Feature { $name }
first = A does, B does not
second = B does, A does not
either = each of them does, alone
both = neither alone, only both together
probe = not even both together: the probe wins
why_one =
    Only { $name } keeps up on { INLINE($topic) }. Pairs of 100 that each ranks right beyond the probe: A { $first },
    B { $second }. Measured on { $about } new texts about it and { $others } others.
why_either =
    Each keeps up on { INLINE($topic) }. Pairs of 100 that each ranks right beyond the probe: A { $first }, B { $second }.
    Measured on { $about } new texts about it and { $others } others. The SAE found without labels what the probe was taught.
why_both =
    Alone each falls behind on { INLINE($topic) }: A { $first } pairs of 100 beyond the probe, B { $second }. Added up they
    keep up: { $together }. Measured on { $about } new texts about it and { $others } others.
why_probe =
    Here the SAE loses. Pairs of 100 beyond the probe on { INLINE($topic) }: A { $first }, B { $second }, both together
    { $together }. Measured on { $about } new texts about it and { $others } others.
gap =
    { NUMBER($value, maximumFractionDigits: 1) } (95 % interval { NUMBER($low, maximumFractionDigits: 1) } to
    { NUMBER($high, maximumFractionDigits: 1) })
probe_bar = linear probe
means_bar = difference of means
feature_bar = feature { $name }
both_bar = A and B together
unit = AUROC on new texts: 0.5 guesses, 1 never errs
bars = How well each tells the texts apart
ask_push =
    Three directions at the { SITE($site) } site pushed towards { INLINE($topic) }, each at the strength that suited it best: a
    feature of the SAE, the weights of a linear probe, a difference of means. Here are the first replies of each. Which
    of them brought { INLINE($topic) } into clearly more of { $count } replies than both others, with the text still whole?
replies_feature = First replies: the feature
replies_probe = First replies: the linear probe
replies_means = First replies: the difference of means
push_feature = the feature
push_probe = the linear probe
push_means = the difference of means
push_control = the control
push_none = none of them: no clear winner
why_push =
    Clearly ahead on { INLINE($topic) }: { $way }. Of { $count } replies about it and whole: feature { $feature }, probe
    { $probe }, difference of means { $means }, control { $control }.
why_none =
    No clear winner on { INLINE($topic) }. Of { $count } replies about it and whole: feature { $feature }, probe { $probe },
    difference of means { $means }, control { $control }. With so few replies the differences may be chance.
hits = replies about it, and whole
hits_bars = What each direction brought
harm_bars = Damage, on average
