replay = Показать лучшую попытку
nearest = Ближе всего к цели: «{ $goal }» Получилось: { $found }.
back_to = Назад: { $title }
goals = Чтобы победить
met = достигнуто
unmet = ещё нет
hint_open = Показать подсказку (осталось: { $left })
hint_none = Все подсказки открыты.
hints = Подсказки
hint_nudge = Намёк
hint_method = Как за это взяться
hint_answer = Ответ
hint_feature = Открыть карточку признака { NUMBER($feature, useGrouping: 0) } (место: { SITE($site) })
best_won =
    Твой лучший результат: { $stars }, за { $attempts ->
        [one] { $attempts } попытку
        [few] { $attempts } попытки
       *[other] { $attempts } попыток
    }.
best_lost =
    Пока { $attempts ->
        [one] { $attempts } попытка
        [few] { $attempts } попытки
       *[other] { $attempts } попыток
    }. Засчитывается победа.
learned = Что теперь ясно
words = Слова: { $words }
look_up = Почитать: { $words }
source = Читать дальше: { $source }
next = Следующий уровень
again = Сыграть ради новых звёзд
anew = Сыграть ещё раз
won = Победа!
lost = Пока нет
open = Пока не ясно
gave_up = Теперь ты знаешь
next_star =
    { $stars ->
        [2] Для второй звезды
       *[other] Для третьей звезды
    } нужно { $need } ({ $measure }); сейчас вышло { $found }.
capped = Третьей звезды здесь уже не получить: ответ показан.
missing = Выбери уровень на карте.

# Подсказки.
hint_free = Эта подсказка бесплатная.
hint_costly = С этой подсказкой можно получить не больше { $left } из { $stars } звёзд.

# С какой вероятностью проходит неверный ответ.
by_chance = { $tries } { $tries ->
        [one] попытка
        [few] попытки
       *[other] попыток
    } наугад { $wins ->
        [0] не принесли ни одной победы
        [one] принесли { $wins } победу
        [few] принесли { $wins } победы
       *[other] принесли { $wins } побед
    }.
half_right = { $tries ->
        [1] Одна попытка с ответом, который верен наполовину, { $wins ->
            [0] не выиграла
           *[other] выиграла
        }.
       *[other] Из { $tries } попыток с ответом, который верен наполовину, { $wins ->
            [0] не выиграла ни одна
            [one] выиграла { $wins }
            [few] выиграли { $wins }
           *[other] выиграло { $wins }
        }.
    }
