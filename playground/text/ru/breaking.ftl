first_broken =
    Один признак, разных сил — { $strengths }, ответов на каждую — { $shown }. При какой силе текст ломается
    впервые? Ответ сломан, если его ущерб больше { NUMBER($limit, maximumFractionDigits: 0) } из 100; сила
    ломает текст, если так вышло больше чем в половине из { $seeds } { $seeds ->
        [one] ответа
       *[other] ответов
    }. Показана часть из них.
first_broken_along =
    Одно направление — текстов на одну тему, разных сил — { $strengths }, ответов на каждую — { $shown }. При какой
    силе текст ломается впервые? Ответ сломан, если его ущерб больше { NUMBER($limit, maximumFractionDigits: 0) } из
    100; сила ломает текст, если так вышло больше чем в половине из { $seeds } { $seeds ->
        [one] ответа
       *[other] ответов
    }. Показана часть из них.
at = при силе { $strength }
strength = сила { $strength }
never = здесь он не ломается
gave_way =
    При силе { $at } сломано { $broken } из { $seeds } { $seeds ->
        [one] ответа
       *[other] ответов
    }. { $before } Тема признака — «{ INLINE($topic) }».
gave_way_along =
    При силе { $at } сломано { $broken } из { $seeds } { $seeds ->
        [one] ответа
       *[other] ответов
    }. { $before } Это направление текстов на тему «{ INLINE($topic) }».
below = При { $at } — { $broken ->
        [0] ни одного
       *[other] { $broken }
    }.
weakest = Это самый слабый из показанных толчков.
bore =
    Даже при силе { $at } сломанных ответов { $broken ->
        [0] нет
       *[other] всего { $broken }
    } (из { $seeds }). Тема признака — «{ INLINE($topic) }».
bore_along =
    Даже при силе { $at } сломанных ответов { $broken ->
        [0] нет
       *[other] всего { $broken }
    } (из { $seeds }). Это направление текстов на тему «{ INLINE($topic) }».
broken_replies = Сломанные ответы: ущерб больше { NUMBER($limit, maximumFractionDigits: 0) } из 100
replies = из { $seeds } { $seeds ->
        [one] ответа
       *[other] ответов
    }
measured =
    Ущерб и эффект в среднем по { $seeds } { $seeds ->
        [one] ответу
       *[other] ответам
    } на каждую силу; рядом такой же толчок в других направлениях (их { $controls }), по одному ответу
# Of earlier versions; players' kept verdicts hold them.
ask =
    Один признак, пять сил. При какой текст ломается впервые? Сломан он тогда, когда ущерб в среднем по
    { $seeds } { $seeds ->
        [one] ответу
       *[other] ответам
    } больше { NUMBER($limit, maximumFractionDigits: 0) } из 100.
broke =
    При силе { $at } ущерб { NUMBER($damage, maximumFractionDigits: 0) } из 100 в среднем по { $seeds } { $seeds ->
        [one] ответу
       *[other] ответам
    }: больше { NUMBER($limit, maximumFractionDigits: 0) }, значит, сломан. { $before } Тема признака —
    «{ INLINE($topic) }».
before = При { $at } он { NUMBER($damage, maximumFractionDigits: 0) }.
held =
    Даже при силе { $at } ущерб { NUMBER($damage, maximumFractionDigits: 0) } из 100 в среднем по { $seeds }
    { $seeds ->
        [one] ответу
       *[other] ответам
    }: не больше { NUMBER($limit, maximumFractionDigits: 0) }. Тема признака — «{ INLINE($topic) }».
damage = Ущерб в среднем по { $seeds } { $seeds ->
        [one] ответу
       *[other] ответам
    }
curve = В среднем по { $seeds } { $seeds ->
        [one] ответу
       *[other] ответам
    }; случайный толчок — по одному ответу на каждую силу
