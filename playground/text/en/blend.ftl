said =
    { $hits } of { $count } replies count: they are about { INLINE($first) } and { INLINE($second) } at once, and undamaged
    ({ $on_first } are about { INLINE($first) }, { $on_second } about { INLINE($second) }). With equal pushes in
    other directions { $control } of { $count } count.
idle = Your dials are at 0, so nothing was pushed in: turn the strengths up.
