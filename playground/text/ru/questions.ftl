won = Верно: { $right } из { $count }. Наугад вышло бы около { NUMBER($chance, maximumFractionDigits: 1) }.
gave_up = Этот раунд ты оставил. Вот как отвечать на каждый вопрос{ $right ->
        [0] {""}
       *[other] ; верных ответов уже было { $right }
    }.
written = Верно: { $right } из { $count }.
hidden = Признак. Его имя скрыто, пока ты не ответишь.
without = Без регулятора
with = С регулятором
with_hidden = С тайным регулятором
no_probe = В этом уровне нечего испытывать.
answers = Здесь { $count ->
        [one] { $count } вопрос
        [few] { $count } вопроса
       *[other] { $count } вопросов
    }, а пришло { $answers ->
        [one] { $answers } ответ
        [few] { $answers } ответа
       *[other] { $answers } ответов
    }.
no_answer = У этого вопроса { $count ->
        [one] { $count } ответ
        [few] { $count } ответа
       *[other] { $count } ответов
    }. Такого нет: { $answer }.
too_long = В тексте { $count ->
        [one] { $count } слово
        [few] { $count } слова
       *[other] { $count } слов
    }; можно не больше { $limit }.
set = { $them }
