said =
    Untouched, { $before } of { $count } replies { $before ->
        [one] is
       *[other] are
    } about { INLINE($topic) }; with your dials { $on } of { $count } { $on ->
        [one] is
       *[other] are
    }, and the untouched model finds them { $mood }. Pushes of the same size in random directions
    leave { $random } of { $count }.
idle = No dial is on, so nothing was taken out: choose a feature.
