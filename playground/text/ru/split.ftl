ask =
    Два двойника. Напиши (по-английски) текст, на котором { $fires } срабатывает, а { $quiet } молчит:
    активация { $fires } должна дойти до { NUMBER($needed, maximumFractionDigits: 1) }, активация { $quiet } —
    остаться ниже { NUMBER($allowed, maximumFractionDigits: 1) }.
why =
    Пик { $fires }: { NUMBER($peak, maximumFractionDigits: 1) } (нужно было
    { NUMBER($needed, maximumFractionDigits: 1) }); пик { $quiet }: { NUMBER($other, maximumFractionDigits: 1) }
    (нужно было меньше { NUMBER($allowed, maximumFractionDigits: 1) }).
found = Один из подходящих текстов: «{ $text }».
nothing = Ничего не написано, так что и срабатывать было не на чем.
strip = Признак { $name } в твоём тексте, в единицах активации
portrait = Признак { $name }
