ask = Оба ответа получили одинаково сильный толчок. Который из них от признака, A или B?
why =
    От признака темы «{ INLINE($topic) }» — ответ { $right }, сила толчка { $strength } (1 — обычный размер
    внутреннего состояния модели в этом месте). { $evidence } Ущерб в { $right }:
    { NUMBER($own, maximumFractionDigits: 0) } из 100, в { $wrong }:
    { NUMBER($other, maximumFractionDigits: 0) } из 100.
shown = Примет темы «{ INLINE($topic) }» в нём { $count } ({ ROW($words) }); в случайном { $less ->
        [0] ни одной
       *[other] { $less }
    }.
not_shown = Это был трудный случай: тема «{ INLINE($topic) }» в тексте почти не видна.
untouched = Модель без вмешательства
reply = Ответ { $name }
effect = Признак: эффект, сколько там темы «{ INLINE($topic) }»
random_effect = Случайный толчок: эффект
damage = Признак: ущерб тексту
random_damage = Случайный толчок: ущерб тексту
bars = Измерено на этих двух ответах; тема — «{ INLINE($topic) }»
