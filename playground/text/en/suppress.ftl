said =
    { $hits } of { $count } replies count: they are not about { INLINE($topic) }, and undamaged. Untouched, { $before } of { $count } { $before ->
        [one] is
       *[other] are
    } about it; with your dials { $after } of { $count } { $after ->
        [one] is
       *[other] are
    }. Equal pushes in other directions make { $control } of { $count } count.
idle = No dial is on, so nothing was taken out: choose a feature.
