ask = Prompt { $number }: by which method was the feature turned in this reply?
add = add: the same push on every token, on top of what is there
clamp = clamp: the feature's own part is taken out and a fixed amount put in
ablate = ablate: what the feature reads is taken out, and nothing else
project = project: whatever lies along the feature's direction is set to 0
why_add =
    Add. After the dial it reads { NUMBER($dark, maximumFractionDigits: 1) } activation units where it
    was silent and { NUMBER($lit, maximumFractionDigits: 1) } where it fired by itself at
    { NUMBER($own, maximumFractionDigits: 1) }. { NUMBER($kept, maximumFractionDigits: 0) } % of its own
    firing stays on top of the push of strength { $strength } (1 is the usual size of the inner
    state).
why_clamp =
    Clamp. After the dial it reads { NUMBER($dark, maximumFractionDigits: 1) } activation units where it
    was silent and { NUMBER($lit, maximumFractionDigits: 1) } where it fired by itself at
    { NUMBER($own, maximumFractionDigits: 1) }. Only { NUMBER($kept, maximumFractionDigits: 0) } % of its
    own firing stands out, as it was taken out and a push of strength { $strength } put in (1 is the
    usual size of the inner state).
before_lit = before the dial, where it fires by itself ({ $count ->
        [one] one token
       *[other] { $count } tokens
    })
after_lit = after the dial, where it fires by itself ({ $count ->
        [one] one token
       *[other] { $count } tokens
    })
after_dark = after the dial, where it is silent ({ $count ->
        [one] one token
       *[other] { $count } tokens
    })
before = Before the dial, in activation units. Here it is read in the step that chose each token, just before and just after the dial.
after = After the dial, in activation units
mean = The feature's mean activation
pushed = tokens of the reply that the dial pushed
portrait = It tells texts about { INLINE($topic) }
left_ablate =
    Ablate. Where it fired by itself, at { NUMBER($own, maximumFractionDigits: 1) } activation units, it
    reads { NUMBER($lit, maximumFractionDigits: 1) } after the dial, and only { $touched } of { $count }
    tokens were pushed: those where it fired. Where it is silent, there is nothing to take out. A rest may
    remain, for what is taken out is the feature's decoder row, and its encoder reads along a direction that
    is not quite the same.
left_project =
    Project. Where it fired by itself, at { NUMBER($own, maximumFractionDigits: 1) } activation units, it
    reads { NUMBER($lit, maximumFractionDigits: 1) } after the dial, and all { $count } tokens were pushed,
    though it fired on { $fired } only: the direction itself was set to 0, even where the feature reads
    nothing.
means_lit = Mean after the dial where the feature fired by itself, by each method
# Of earlier versions; players' kept verdicts hold them.
why_ablate =
    Ablate. After the dial it reads { NUMBER($after, maximumFractionDigits: 1) } activation units, and
    only { $touched } of { $count } tokens were pushed: those where it fired. Where it is silent, there
    is nothing to take out.
why_project =
    Project. After the dial it reads { NUMBER($after, maximumFractionDigits: 1) } activation units, and
    all { $count } tokens were pushed, though it fired on { $fired } only: the direction itself was set
    to 0, even where the feature reads nothing.
means = Mean after the dial, by each method
