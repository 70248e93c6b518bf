ask = Включён тайный регулятор. Что он вталкивает в ответы?
why =
    Это была тема «{ INLINE($topic) }»: признак { NUMBER($feature, useGrouping: 0) } (место: { SITE($site) }) с
    силой { $strength } (1 — обычный размер внутреннего состояния модели в этом месте). На нескольких
    промптах тема появлялась в { NUMBER($effect, maximumFractionDigits: 0) } ответах из 100; с таким же
    толчком в случайном направлении — в { NUMBER($random, maximumFractionDigits: 0) } из 100.
told =
    Это была тема «{ INLINE($topic) }»: признак { NUMBER($feature, useGrouping: 0) } (место: { SITE($site) }) с
    силой { $strength } (1 — обычный размер внутреннего состояния модели в этом месте). С ним на эту тему
    было { $hits } из { $count } ответов, без него { $untouched } из { $count }, а из семи других вариантов
    ни один не появлялся почти так же часто.
place = Признак { NUMBER($feature, useGrouping: 0) }, место: { SITE($site) }, сила { $strength }
curve = Как часто появляется тема «{ INLINE($topic) }» при разной силе; отметка — тайный регулятор
