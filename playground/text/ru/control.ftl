which =
    Одни и те же промпты продолжены трижды, и каждый раз толчок одинаково сильный. Один — от признака, у
    которого есть своя тема; два других — контроль: случайное направление и строка постороннего признака.
    Где признак: A, B или C?
reply = Ответ { $name }
column = { $name }
because =
    Признак — { $right }: его тема «{ INLINE($topic) }», сила толчка { $strength } (1 — обычный размер
    внутреннего состояния модели в том месте). Ответов на тему: { $on } из { $count } ({ ROW($words) }).
    У контроля таких: { $others }.
random = { $on } в { $name } (случайное направление)
feature = { $on } в { $name } (строка постороннего признака)
mean_damage = Ущерб тексту в среднем, по { $count } { $count ->
        [one] ответу
       *[other] ответам
    }
own_share = этот признак, ответов: { $count }
control_share = его контроль в среднем, направлений: { $count }
control_most = направление контроля, у которого больше всех
counted = Сосчитано в атласе: ответы на тему «{ INLINE($topic) }»
# Of earlier versions; players' kept verdicts hold them.
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
effect = Признак: эффект, сколько там темы «{ INLINE($topic) }»
random_effect = Случайный толчок: эффект
damage = Признак: ущерб тексту
random_damage = Случайный толчок: ущерб тексту
bars = Измерено на этих двух ответах; тема — «{ INLINE($topic) }»
