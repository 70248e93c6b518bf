option = { INLINE($topic) }
ask = Какое имя подходит этому признаку лучше всего?
portrait = Признак без имени. Посмотри, что общего у его сильнейших текстов.
why =
    Его имя — «{ INLINE($topic) }»: если показать новый текст такого рода и текст другого, признак сильнее
    сработает на нужном в { NUMBER($right, maximumFractionDigits: 0) } случаях из 100 (монетка: 50). В
    текстах ниже его пик в среднем { NUMBER($own, maximumFractionDigits: 1) } в текстах такого рода и
    { NUMBER($other, maximumFractionDigits: 1) } в остальных.
held =
    Его имя «{ INLINE($topic) }»: он срабатывает в { $own } из { $of } новых текстов этого рода и в { $other } из
    { $others } других (считая от { NUMBER($bound, maximumFractionDigits: 0) } % своего рекорда). Если брать по
    одному тексту этого рода и другого из всех новых, он сильнее на нужном в
    { NUMBER($right, maximumFractionDigits: 0) } случаях из 100 (у монетки 50).
on = { INLINE($topic) }: { $text }
off = другое: { $text }
bars = Высшая активация в текстах, которых нет на карточке
ask_fire =
    Докажи: напиши (по-английски) текст, в котором этот признак сработает. Активация должна дойти до
    { NUMBER($need, maximumFractionDigits: 1) }, это { NUMBER($bound, maximumFractionDigits: 0) } % от
    рекорда во всех прочитанных заранее текстах ({ NUMBER($highest, maximumFractionDigits: 1) }).
ask_miss =
    А теперь «почти о том»: напиши (по-английски) текст, в котором есть слово хотя бы из четырёх букв из
    показанных сильнейших текстов, но признак молчит (активация ниже
    { NUMBER($need, maximumFractionDigits: 1) }, это { NUMBER($bound, maximumFractionDigits: 0) } % от
    рекорда).
nothing = Ничего не написано.
peak =
    Пик в твоём тексте на { $token }: активация { NUMBER($peak, maximumFractionDigits: 1) }, это
    { NUMBER($share, maximumFractionDigits: 0) } % от рекорда.
no_peak = В твоём тексте признак молчит: активация 0.
enough = Нужно было { NUMBER($bound, maximumFractionDigits: 0) } %.
too_little = Пока мало: нужно { NUMBER($bound, maximumFractionDigits: 0) } %.
quiet = Слово «{ $word }» есть и в сильнейших текстах, так что это «почти о том».
too_much = Слишком много: нужно меньше { NUMBER($bound, maximumFractionDigits: 0) } %.
strange = Но ни одного слова хотя бы из четырёх букв нет в показанных сильнейших текстах; возьми такое, например «{ $word }».
reading = Твой текст; полный цвет — рекорд признака.
