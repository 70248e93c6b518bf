ask =
    Напиши (по-английски) текст, на котором активация этого признака дойдёт до
    { NUMBER($needed, maximumFractionDigits: 1) }, половины его рекорда в атласе. Нельзя: { ROW($banned) }.
peak = Пик: { NUMBER($peak, maximumFractionDigits: 1) }, на «{ $token }»; нужно было { NUMBER($needed, maximumFractionDigits: 1) }.
small = Ярче всего может гореть и короткое словцо: на каждом токене модель уже прочла всё, что стоит перед ним, и признак часто загорается сразу после слов, которые его будят.
silent = Во всём тексте признак промолчал; нужна была активация { NUMBER($needed, maximumFractionDigits: 1) }.
used = { $count ->
        [1] Слово { $words } здесь под запретом, как его ни пиши и к чему ни приклеивай.
       *[other] Слова { $words } здесь под запретом, как их ни пиши и к чему ни приклеивай.
    }
nothing = Ничего не написано, так что и срабатывать было не на чем.
found =
    Один из подходящих текстов: «{ $text }». Пик признака там { NUMBER($peak, maximumFractionDigits: 1) };
    нужно было { NUMBER($needed, maximumFractionDigits: 1) }.
works = Подходящий текст
reading = Твой текст, в единицах активации
