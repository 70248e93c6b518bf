# The part of the sandbox in which a learner makes a direction of two lists of texts.
title = A direction of your own, without an SAE
lead =
    Write a few texts about one thing, and a few about others. Whatever sets the model's states apart becomes a direction:
    you can see where it lights up, and turn it like any dial.
limits = At most { $most } texts in each list. The more alike they are otherwise, the cleaner the direction.
name = Its name
name_example = the sea
about = Texts about it
about_example = The waves broke over the old boat.
others = Texts about something else
others_example = The old car stopped at the corner.
lines = One text per line, in English.
way = How it is made
way_info = Difference of means: from the mean state of the second list to that of the first. Linear probe: a classifier learns to tell the lists apart, and its weights are the direction.
site = Where
site_info = The place in the model whose states are compared, and where the dial pushes.
make = Make the direction
making = Reading your texts …
made = “{ $name }” is made. It is on your shelf.
left_out =
    Each text is left out once and judged by the direction made from the others: { $right } of { $count } land on their own side.
    Guessing gives { NUMBER($half, maximumFractionDigits: 1) }.
too_short = The lists are too short to leave one text out, so nothing says yet whether it holds for new ones.
colour = Colour: how far a token lies towards the first list, in standard deviations. Without colour it lies towards the second.
mean = Mean of the text: { NUMBER($mean, maximumFractionDigits: 2) } standard deviations. Above 0 it lies with the first list.
try = Try it on a text
try_example = We sailed home before the storm.
look = Show where it lights up
read = “{ $name }” in this text
none = Make a direction first, or open one from your shelf.
shelf = Your directions
of = { $way }, { SITE($site) }, { $about } against { $others } texts
take = Put on a dial
open = Look or change
forget = Forget “{ $name }”
gone = This direction is no longer on your shelf.
on_dial = { $way }, { SITE($site) }
