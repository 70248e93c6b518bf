fires = сработает
silent = промолчит
ask = Текст { $number } из { $count }: сработает ли в нём признак?
ask_most = В каком из { $count } { $count ->
        [one] текста
       *[other] текстов
    } он сработает сильнее всего?
text = Текст { $number }
named = { $number }: { $text }
why_fires =
    Срабатывает: на { $token } активация { NUMBER($peak, maximumFractionDigits: 1) }, это
    { NUMBER($share, maximumFractionDigits: 0) } % от рекорда во всех прочитанных заранее текстах
    ({ NUMBER($highest, maximumFractionDigits: 1) }). Начиная с { NUMBER($bound, maximumFractionDigits: 0) } %
    мы говорим, что признак сработал.
why_silent =
    Молчит: высшая активация в этом тексте { NUMBER($peak, maximumFractionDigits: 1) }, а во всех
    прочитанных заранее текстах { NUMBER($highest, maximumFractionDigits: 1) }.
shared = Слова «{ $word }», хотя оно есть и в его сильнейших текстах, не хватило.
related = Слово «{ $word }» подходит к теме «{ INLINE($topic) }», но этот признак на него не откликается.
why_most =
    В тексте { $number } пик { NUMBER($peak, maximumFractionDigits: 1) } на { $token }; у следующего за ним
    { NUMBER($second, maximumFractionDigits: 1) }.
measured = Что измерено; полный цвет — рекорд признака.
peaks = Высшая активация в каждом тексте
