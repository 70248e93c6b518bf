ask =
    Напиши (по-английски) текст, на котором активация этого признака дойдёт до
    { NUMBER($needed, maximumFractionDigits: 1) }, половины его рекорда в атласе. Нельзя: { ROW($banned) }.
peak = Пик: { NUMBER($peak, maximumFractionDigits: 1) }, на «{ $token }»; нужно было { NUMBER($needed, maximumFractionDigits: 1) }.
silent = Во всём тексте признак промолчал; нужна была активация { NUMBER($needed, maximumFractionDigits: 1) }.
used = { $count ->
        [1] Слово { $words } здесь под запретом.
       *[other] Слова { $words } здесь под запретом.
    }
nothing = Ничего не написано, так что и срабатывать было не на чем.
found =
    Один из подходящих текстов: «{ $text }». Пик признака там { NUMBER($peak, maximumFractionDigits: 1) };
    нужно было { NUMBER($needed, maximumFractionDigits: 1) }.
works = Подходящий текст
reading = Твой текст, в единицах активации
