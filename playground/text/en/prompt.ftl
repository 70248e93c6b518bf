# The kind `prompt`.
ask =
    With a dial on { INLINE($topic) }, { $dial } of { $count } replies were about it. Now without a dial: write a text that
    stands before the same beginnings. At least { $hits } of { $count } replies after it have to be about
    { INLINE($topic) }; what you write yourself does not count.
ask_banned =
    With a dial on { INLINE($topic) }, { $dial } of { $count } replies were about it. Now without a dial: write a text that
    stands before the same beginnings. At least { $hits } of { $count } replies after it have to be about
    { INLINE($topic) }; what you write yourself does not count. Not allowed: { ROW($banned) }.
dial_reply = Reply { $number } under the dial
own_reply = Reply { $number } after your text
dial_replies = All { $count } replies under the dial
own_replies = All { $count } replies after your text
nothing = You wrote nothing, so the model went its own way.
used = You used { $words }, which { $count ->
        [one] is
       *[other] are
    } not allowed here.
reached =
    { $found } of { $count } replies are about { INLINE($topic) }; { $hits } were needed, the dial had { $dial }.
missed =
    { $found } of { $count } replies are about { INLINE($topic) }; { $hits } are needed, the dial had { $dial }.
found = A text that works: “{ $text }”.
words = your words
dial = the dial
replies = replies about it
sentences = % of the sentences
hits_bars = How many replies are about it
share_bars = How much of them is about it
harm_bars = Damage, on average
