replay = Show your best try
nearest = Nearest to right: “{ $goal }” You got { $found }.
back_to = Back: { $title }
goals = To win
met = reached
unmet = not yet
hint_open = Show a hint ({ $left } left)
hint_none = All hints are open.
hints = Hints
hint_nudge = A nudge
hint_method = A way to do it
hint_answer = An answer
hint_feature = Open the card of feature { NUMBER($feature, useGrouping: 0) } ({ SITE($site) })
best_won =
    Your best: { $stars }, in { $attempts ->
        [one] one try
       *[other] { $attempts } tries
    }.
best_lost =
    { $attempts ->
        [one] One try
       *[other] { $attempts } tries
    } so far. It counts when you win.
learned = What you learned
words = Words: { $words }
look_up = To look up: { $words }
source = Read on: { $source }
next = Next level
again = Try for more stars
anew = Play it again
won = Won!
lost = Not yet
open = Too close to call
gave_up = Now you know
next_star =
    For { $stars ->
        [2] the second star
       *[other] the third star
    } you need { $need } ({ $measure }); this was { $found }.
capped = The third star is out of reach here now: the answer has been shown.
missing = Choose a level on the map.

# Hints.
hint_free = This hint is free.
hint_costly = With this hint at most { $left } of { $stars } stars are left to win.

# How likely an answer wins that should not.
by_chance = In { $tries } random tries this level was { $wins ->
        [0] never won
        [one] won once
       *[other] won { $wins } times
    }.
half_right = { $tries ->
        [one] One try with an answer that is only half right { $wins ->
            [0] did not win
           *[other] won
        }.
       *[other] Of { $tries } tries with an answer that is only half right { $wins ->
            [0] none won
           *[other] { $wins } won
        }.
    }
