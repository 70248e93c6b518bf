when = This feature has to do with { INLINE($topic) }. In texts that its card does not show, where is it brightest?
on = On words about it
soon = Before them: such a word begins within the next { $ahead } tokens
where = On which token of this text does the feature fire most?
strip = Choose the token. Mind the place: on the word, or before it?
measured = What was measured in unseen texts; full colour is the feature's highest activation.
why =
    In { $fired } unseen passages about { INLINE($topic) } it fired. Its brightest token stood on such a word in { $on },
    at most { $ahead } tokens before one in { $soon }, and elsewhere in { $apart }.
beside =
    The same tokens without it are no promise: of { $silent } on which it was silent, { $followed } had such a word within
    { $ahead } tokens.
peak =
    It peaks on { $token }, with { NUMBER($peak, maximumFractionDigits: 1) } activation units. { $word } comes after that: by
    then it has said its piece.
