ask =
    Один признак, пять сил. При какой текст ломается впервые? Сломан он тогда, когда ущерб в среднем по
    { $seeds } { $seeds ->
        [one] ответу
       *[other] ответам
    } больше { NUMBER($limit, maximumFractionDigits: 0) } из 100.
at = при силе { $strength }
strength = сила { $strength } (в нормах потока)
never = здесь он не ломается
broke =
    При силе { $at } ущерб { NUMBER($damage, maximumFractionDigits: 0) } из 100 в среднем по { $seeds } { $seeds ->
        [one] ответу
       *[other] ответам
    }: больше { NUMBER($limit, maximumFractionDigits: 0) }, значит, сломан. { $before } Тема признака —
    «{ INLINE($topic) }».
before = При { $at } он { NUMBER($damage, maximumFractionDigits: 0) }.
weakest = Это самый слабый из показанных толчков.
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
