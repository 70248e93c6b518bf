natural = естественными, как обычно
little_odd = немного странными
quite_odd = очень странными
broken = сломанными
dial = признак { NUMBER($feature, useGrouping: 0) } (место: { SITE($site) }) с силой { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) }
dial_fixed = признак { NUMBER($feature, useGrouping: 0) } (место: { SITE($site) })
slots = В этом уровне можно включить не больше { $count ->
        [one] { $count } признака
       *[other] { $count } признаков
    }.
twice = Один и тот же признак стоит на двух регуляторах. Убери один.
strength = В этом уровне сила бывает от { $low } до { $high }, а не { $strength }.
sites = { $count ->
        [1] В этом уровне управляют в одном месте: { ROW(SITE($sites)) }.
       *[other] В этом уровне управляют здесь: { ROW(SITE($sites)) }.
    }
