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
