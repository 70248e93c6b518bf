heading = Твоё свидетельство
title = Свидетельство
awarded = Настоящим удостоверяется, что выпускной экзамен сдан:
nobody = имени пока нет
score =
    { $stars } из { $total } { $total ->
        [one] звезды
       *[other] звёзд
    }
day = Дата: { $day }
steer = Лучшее управление: «{ $level }», ответов { $hits } из { $count }
dial = { $name } (признак { NUMBER($feature, useGrouping: 0) }, { $site }), { $method }, сила { $strength }
alt = Свидетельство: { $name }. { $score }
name = Имя на нём
name_info = Оно остаётся в этом браузере и на картинке. Игра хранит только его отпечаток, чтобы свидетельство можно было проверить.
save = Сохранить картинкой (PNG)
code = № { $code }
verify = Как проверить, что оно настоящее
