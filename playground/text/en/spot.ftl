ask = Read the text and the feature's card. On which token does this feature fire most?
strip = Click the token on which you expect it to fire most. Tokens are the pieces in which the model reads: words, or parts of them. How strongly a feature fires on one is a number, its activation.
why =
    It fires most on { $token }, with { NUMBER($peak, maximumFractionDigits: 1) } activation units (the
    highest in any text read beforehand is { NUMBER($highest, maximumFractionDigits: 1) }). It stays
    silent on { $quiet } of the { $count } tokens.
also = { $others } came within 10 % of that, which is right as well.
reveal = What was measured, in activation units; full colour is the feature's highest.
