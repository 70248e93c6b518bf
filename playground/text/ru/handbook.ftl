search = Поиск по справочнику
placeholder = например, сила
contents = Все страницы справочника
found =
    { $count ->
        [one] Нашлась { $count } страница
        [few] Нашлись { $count } страницы
       *[other] Нашлось { $count } страниц
    }
none = Ни на одной странице нет «{ $query }». Попробуй слово покороче.
previous = ← { $title }
next = { $title } →
again = Коснись слова ещё раз, чтобы открыть его страницу.
here = Слова на этом экране: { $words }
near = Может быть, одна из этих?
alphabet = Все слова по алфавиту
see = см. «{ $title }»
aliases = Ещё говорят: { ROW($names) }
try_sandbox = Попробовать в песочнице: всё уже заполнено
try_feature = Посмотреть на такой признак
levels = Уровни, где это нужно:
levels_more = { " " }и ещё { $count }
checked = Сверено с источниками: { $month }.
improve = Улучшить эту страницу
improve_file = Текст лежит в файле { $file }; как его улучшить, сказано в CONTRIBUTING.md.
