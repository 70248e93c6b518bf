said =
    { $on } of { $count } replies { $on ->
        [one] is
       *[other] are
    } about { INLINE($first) } and { INLINE($second) } at once ({ $on_first } about { INLINE($first) },
    { $on_second } about { INLINE($second) }), and the untouched model finds them { $mood }. Pushes of
    the same sizes in random directions bring both into { $random } of { $count }.
idle = Your dials are at 0, so nothing was pushed in: turn the strengths up.
