settles =
    Каждая строка читает модель после ещё одного из её блоков (всего их { $count }), будто она остановилась там. В конце
    она говорит { $word }. Смотри на последний столбец: с какой строки { $word } впереди и больше не уступает?
early =
    Модель продолжит одним словом и почти уверена в нём. А какое слово она сказала бы, остановись она после блока
    { $block } из { $count }?
earliest =
    Каждый текст обрывается, и модель почти уверена в слове в скобках. В каком из них она решается раньше всего, в самом
    раннем блоке?
curve =
    Вот насколько вероятно было слово после каждого блока. Какое это из слов в скобках, в конце своего текста?
offered = { $text } [{ $word }]
cut = Текст, докуда модель его прочитала
after = после блока { $block }
block = блок { $block }
corner = Остановка
word = Слово
hidden = это слово
chart = Что сказала бы модель дальше после каждого из последних слов, остановись она на этой строке
chart_marked = Что сказала бы модель дальше после каждого из последних слов. В рамке: что говорит вся модель
curves = Насколько вероятно слово после каждого блока
why =
    { $word } впереди с блока { $block } из { $count }: { NUMBER($chance, style: "percent", maximumFractionDigits: 0) } там и
    { NUMBER($last, style: "percent", maximumFractionDigits: 0) } в конце. Блоком раньше впереди было { $before }:
    { NUMBER($share, style: "percent", maximumFractionDigits: 0) }.
why_once =
    { $word } впереди уже с первого блока из { $count }: { NUMBER($chance, style: "percent", maximumFractionDigits: 0) } там и
    { NUMBER($last, style: "percent", maximumFractionDigits: 0) } в конце.
early_why =
    После блока { $block } это было { $early }: { NUMBER($share, style: "percent", maximumFractionDigits: 0) }. Вся модель
    говорит { $word }: { NUMBER($chance, style: "percent", maximumFractionDigits: 0) }.
