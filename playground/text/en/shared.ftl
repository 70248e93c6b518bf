ask = Tick the features that together find sentences about { INLINE($topic) } best. A sentence is found if any of them fires.
partner = Feature { $alone } alone finds sentences about { INLINE($topic) } best, and misses some. Which other finds most of those?
feature = Feature { $name }
why =
    In { $about } unseen sentences about { INLINE($topic) } and { $others } others, { $best } reach an AUROC of
    { NUMBER($area, maximumFractionDigits: 0) } of 100, { $single } alone, the best single one,
    { NUMBER($alone, maximumFractionDigits: 0) }: better by { NUMBER($low, maximumFractionDigits: 0) } to
    { NUMBER($high, maximumFractionDigits: 0) } (95 % interval). It is the best of { $sets } sets, and the best of many always
    looks a little better than it is. Sets that are not clearly worse count as right too.
caught =
    In { $missed } of { $about } unseen sentences about { INLINE($topic) } { $alone } stays under
    { NUMBER($fires, style: "percent") } of its highest activation: it has missed them. { $best } finds { $caught } of these,
    the next best { $second }.
bars = Each feature alone, and the best set of at most three
unit = AUROC, of 100
holes = How many of the missed sentences each one finds
sentences = sentences
