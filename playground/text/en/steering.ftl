# Levels that are steered, whatever their kind.
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

# How many replies count, and what decides.
share = { $hits } of { $count } replies
lead = { $hits } of { $count } replies; with the controls { $control } of { $controls }, untouched { $plain } of { $plains }
open =
    That could be luck, one way or the other: { $hits } of { $count } replies count. With { $wins } it would have been
    won{ $loses ->
        [-1] {""}
       *[other] , with { $loses } or fewer lost
    }. It is not held against you: turn on until it is clearer, or try another feature.
open_rivals =
    That could be luck: { $hits } of { $count } replies count, but so many do without your dials or with equal pushes elsewhere that
    no number could have told them apart. It is not held against you: try another strength or another feature.
