ask = Turned up, this feature makes some next words likelier. Which of these is one of them?
texts = Texts in which the feature fires, with its activations. None of the words below appears in them.
why =
    It detects { INLINE($topic) }. Of all tokens, { $word } is number { $rank } of those that it makes likelier: its
    logit rises by { NUMBER($rise, maximumFractionDigits: 2) }. The other words are not among the first { $count }.
why_measured =
    It detects { INLINE($topic) }. Of all tokens, { $word } is number { $rank } of those that it makes likelier: its
    log-probability rises by { NUMBER($rise, maximumFractionDigits: 2) }. The other words are not among the first { $count }.
bars_measured = What it makes likelier most, as measured after a few neutral beginnings.
unit_measured = change of the log-probability
bars = What it makes likelier most, from its direct logits.
unit = change of the logit
