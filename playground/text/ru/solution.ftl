# Что узнаёт тот, кто сдаётся.
open = Сдаёшься?
cost = Звезды за это нет, но уровень можно пройти снова. Вместе с решением открываются все подсказки, так что здесь останется не больше { $left } из { $stars } звёзд.
cost_round = Этот раунд закончится без звезды. На каждый вопрос, который ты видел, будет ответ с объяснением; в следующем раунде вопросы новые.
show = Показать решение
title = Вот как это делается
lead =
    { $count ->
        [one] Хватает { $count } признака. Попробуй и убедись.
        [few] Нужны { $count } признака. Попробуй и убедись.
       *[many] Нужны { $count } признаков. Попробуй и убедись.
    }
at = сила { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) }
steers = Измерено заранее, при силе { NUMBER($strength, maximumFractionDigits: 2) }: { NUMBER($whole, maximumFractionDigits: 0) } % ответов — на тему «{ $topic }» и при этом целы. Контрольный толчок того же размера приносит её в { NUMBER($control, maximumFractionDigits: 0) } %.
reversed = Если выкрутить его до { NUMBER($strength, maximumFractionDigits: 2) }, { NUMBER($whole, maximumFractionDigits: 0) } % ответов окажутся на тему «{ $topic }» и останутся целы (контрольный толчок: { NUMBER($control, maximumFractionDigits: 0) } %). Если крутить в другую сторону, тема уходит.
detects = Покажи ему два текста, на тему «{ $topic }» и на другую: в { NUMBER($right, maximumFractionDigits: 0) } парах из 100 он сильнее срабатывает на нужном.
take = Поставить регуляторы так
told = О чём этот уровень
collect = Отложить
