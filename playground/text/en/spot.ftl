ask = Read the text and the feature's card. On which token does this feature fire most?
strip = Click the token on which you expect the highest activation. Tokens are the pieces in which the model reads: words, or parts of them.
why =
    It fires most on { $token }, with { NUMBER($peak, maximumFractionDigits: 1) } activation units (the
    highest in all the texts of the atlas is { NUMBER($highest, maximumFractionDigits: 1) }). It stays
    silent on { $quiet } of the { $count } tokens.
also = { $others } came within 10 % of that, which is right as well.
reveal = What was measured, in activation units; full colour is the feature's highest.
