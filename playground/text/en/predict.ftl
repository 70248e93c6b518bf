fires = fires
silent = stays silent
ask = Text { $number } of { $count }: does the feature fire in it?
ask_most = In which of the { $count } texts does it fire most?
text = Text { $number }
named = { $number }: { $text }
why_fires =
    It fires: on { $token } it reaches { NUMBER($peak, maximumFractionDigits: 1) } activation units,
    { NUMBER($share, maximumFractionDigits: 0) } % of the highest in any text read beforehand
    ({ NUMBER($highest, maximumFractionDigits: 1) }). From { NUMBER($bound, maximumFractionDigits: 0) } %
    on we call that firing.
why_silent =
    It stays silent: its highest activation in this text is
    { NUMBER($peak, maximumFractionDigits: 1) } activation units, in all texts read beforehand
    { NUMBER($highest, maximumFractionDigits: 1) }.
shared = “{ $word }” alone, which its top texts have too, is not enough.
related = “{ $word }” goes with { INLINE($topic) }, but this feature does not answer to it.
why_most =
    Text { $number } peaks at { NUMBER($peak, maximumFractionDigits: 1) } activation units, on { $token };
    the next text reaches { NUMBER($second, maximumFractionDigits: 1) }.
measured = What was measured; full colour is the feature's highest activation.
peaks = The highest activation in each text
