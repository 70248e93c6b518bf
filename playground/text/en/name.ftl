option = { INLINE($topic) }
ask = Which name fits this feature best?
portrait = The feature without its name. Look at what its top texts have in common.
why =
    Its name is “{ INLINE($topic) }”: shown one unseen text of that sort and one of another, it fires
    more on the right one { NUMBER($right, maximumFractionDigits: 0) } times in 100 (a coin: 50). In the
    texts below it peaks at { NUMBER($own, maximumFractionDigits: 1) } activation units on average in
    that sort, and at { NUMBER($other, maximumFractionDigits: 1) } in the others.
held =
    Its name is “{ INLINE($topic) }”: it fires in { $own } of { $of } unseen texts of that sort and in
    { $other } of { $others } others (from { NUMBER($bound, maximumFractionDigits: 0) } % of its highest on).
    Over all unseen texts, shown one of that sort and one of another, it fires more on the right one
    { NUMBER($right, maximumFractionDigits: 0) } times in 100 (a coin: 50).
on = { INLINE($topic) }: { $text }
off = another: { $text }
bars = The highest activation in texts that the card does not show
ask_fire =
    Prove it: write a text in which this feature fires. It must reach
    { NUMBER($need, maximumFractionDigits: 1) } activation units,
    { NUMBER($bound, maximumFractionDigits: 0) } % of its highest in any text read beforehand
    ({ NUMBER($highest, maximumFractionDigits: 1) }).
ask_miss =
    Now a near miss: write a text that shares a word of at least four letters with one of the top
    texts shown, and in which the feature stays silent (under
    { NUMBER($need, maximumFractionDigits: 1) } activation units,
    { NUMBER($bound, maximumFractionDigits: 0) } % of its highest).
nothing = Nothing was written.
peak =
    Your text peaks on { $token }: { NUMBER($peak, maximumFractionDigits: 1) } activation units,
    { NUMBER($share, maximumFractionDigits: 0) } % of its highest.
no_peak = The feature stays silent in your text: 0 activation units.
enough = { NUMBER($bound, maximumFractionDigits: 0) } % were needed.
too_little = Not enough yet: { NUMBER($bound, maximumFractionDigits: 0) } % are needed.
quiet = It shares “{ $word }” with the top texts, so this is a near miss.
too_much = Too much: it must stay under { NUMBER($bound, maximumFractionDigits: 0) } %.
strange = But no word of at least four letters is also in the top texts shown; take one, for example “{ $word }”.
reading = Your text; full colour is the feature's highest activation.
