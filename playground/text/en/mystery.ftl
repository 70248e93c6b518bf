ask = A hidden dial is on. What does it push into the replies?
why =
    It was { INLINE($topic) }: feature { NUMBER($feature, useGrouping: 0) } in the { SITE($site) } part of
    the model, at strength { $strength } (1 is the usual size of the model's inner state there).
    Over several prompts this brought { INLINE($topic) } into
    { NUMBER($effect, maximumFractionDigits: 0) } of 100 replies; a push of the same size in a random
    direction into { NUMBER($random, maximumFractionDigits: 0) } of 100.
told =
    It was { INLINE($topic) }: feature { NUMBER($feature, useGrouping: 0) } in the { SITE($site) } part of
    the model, at strength { $strength } (1 is the usual size of the model's inner state there).
    { $hits } of { $count } replies with it were about { INLINE($topic) }, { $untouched } of { $count }
    without it, and none of the other seven came up nearly as often.
place = Feature { NUMBER($feature, useGrouping: 0) }, { SITE($site) } part of the model, strength { $strength }
curve = How often { INLINE($topic) } comes at each strength; the mark is the hidden dial
