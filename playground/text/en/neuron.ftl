# The kind `neuron`.
ask =
    A and B look at the same { $about ->
        [one] text about { INLINE($topic) } and at others
       *[other] { $about } texts about { INLINE($topic) } and at others
    }. One is a neuron of the MLP at the { SITE($site) } site, the other a feature of the SAE there; each is the best of its sort
    for this topic. Which one tells new texts about it from others better, and what is it?
strips = { $name }: texts about the topic first, then others; its values
feature = { $name } is cleaner, and { $name } is the feature
neuron = { $name } is cleaner, and { $name } is the neuron
why =
    The feature was { $name }. Of 100 pairs of new texts about { INLINE($topic) } and others it ranks
    { NUMBER($feature, maximumFractionDigits: 0) } right, the neuron { NUMBER($neuron, maximumFractionDigits: 0) }. { $won ->
        [neuron] So here the neuron is cleaner,
       *[feature] So the feature is cleaner,
    } by { NUMBER($low, maximumFractionDigits: 0) } to { NUMBER($high, maximumFractionDigits: 0) } pairs of 100 (95 %
    interval). Measured on { $about } texts about it and { $others } others.
bar_feature = { $name }, the feature
bar_neuron = { $name }, the neuron
bars = How well each tells new texts apart
