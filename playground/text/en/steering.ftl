# Levels that are steered, whatever their kind.
natural = as natural as ever
little_odd = a little odd
quite_odd = quite odd
broken = broken
dial = feature { NUMBER($feature, useGrouping: 0) } of the { SITE($site) } part at { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) }
dial_fixed = feature { NUMBER($feature, useGrouping: 0) } of the { SITE($site) } part
slots = { $count ->
        [one] In this level one feature is turned.
       *[other] In this level at most { $count } features are turned at once.
    }
twice = The same feature is on two dials. Take one of them out.
strength = In this level the strength goes from { $low } to { $high }, not { $strength }.
sites = { $count ->
        [one] In this level you steer at one place: { ROW(SITE($sites)) }.
       *[other] In this level you steer at: { ROW(SITE($sites)) }.
    }
