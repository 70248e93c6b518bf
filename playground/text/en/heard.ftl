# What fires in a reply of a conversation, token by token.
open = What fired here?
title_baseline = What fired in the untouched reply
title_steered = What fired in your pushed reply
title_control = What fired in the reply pushed in a random direction
close = Close
asked = The answer to “{ $said }”.
read_plain = The model has just read it again, after everything that was said before, with no dial turned.
read_steered = The model has just read it again, after everything that was said before, with the dials that were on: { $dials }. What you see is what their push leaves behind.
read_control = The model has just read it again, after everything that was said before, pushed as hard as by { $dials }, but in the same random direction.
which = Which reply
site = Where to look in the model
number = no. { NUMBER($feature, useGrouping: 0) }
strip = Colour and underline: how strongly “{ $name }” (no. { NUMBER($feature, useGrouping: 0) }) fires, full where it fires as strongly as anywhere. Press a word for all that fires on it, a feature to colour by it.
odd =
    { $count ->
        [one] The word that is struck through is left out.
       *[other] The { $count } words that are struck through are left out.
    }
odd_token = This one is left out: its state is so long that it says nothing of the text.
left_out = left out
strongest = What fires most in it
whole = Back to the whole reply
silent = No feature that has a card fires in this reply. Try another place in the model.
card = card
card_of = The card of { $name }
dial = dial
dial_of = Put { $name } on a dial of this chat
reading = Reading the reply again…
reading_for =
    { $seconds ->
        [one] Reading the reply again, for a second now…
       *[other] Reading the reply again, for { $seconds } seconds now…
    }
gone = That reply is not kept whole any more: the talk has gone on without it, or an older version of the game wrote it. Ask again, and look at the new one.
how = How this is read
how_read = At each word of the reply the SAE looks at the state of the model at that place, as it does for the cards. The prompt is what it was when the reply was written: what the model was told first, every earlier turn that it was shown, your message. The reply is cut into tokens anew, and almost always into the same ones.
giants_paper = Sun et al. (2024), Massive Activations in Large Language Models
how_giants = A few tokens carry a state many times as long as all others, and it says nothing of the text. Whoever is longer than { $times } times the reply's median is left out; the first position of the whole talk is always one of them, and belongs to no reply.
how_share = The list is sorted by how near a feature comes to the strongest it was ever seen to fire, so that what always hums a little does not stand first. Where the atlas found no name, it says so.
