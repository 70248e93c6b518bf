ask = The model says { $word }. With these { $count } features off, and all else left as it is, it says { $other }. Yet { $size } of them are enough: with these on and the others off it says { $word } again, and with these off and the others on it does not. Which { $size }? An arrow leads from a token on which a feature fires to a word that it makes likelier.
text = The text; the model goes on with { $word } ({ NUMBER($share, style: "percent", maximumFractionDigits: 0) })
letter = { $letter }
feature = { $letter }: { $name }, block { $block }, on { $token }
points = estimated: points (logits)
adds = Estimated by the graph: what each feature adds to the word's lead over the next likeliest
nats = executed: nats of log-probability (0.7 nats is a probability cut in half)
costs = Executed: what the word loses when each one alone is switched off
only = only { $them } on
without = only { $them } off
all_on = all on
all_off = all off
share_unit = executed: probability, in per cent
found = How likely the word is in each run; the third one has the highest estimates
why = { $best } are enough for { $word }, and it is lost without them. All { $sets } sets of at most { $size } were run; { $right ->
        [one] this is the only one that is both
       *[other] { $right } of them are both
    }. Whoever takes the features in the order of the estimate needs { $greedy }.
