told_list = Words in no order that anybody would know; then they begin again. The last one, { $last }, stood there before, and { $word } came after it. Now the model says { $word } again, with { NUMBER($share, style: "percent", maximumFractionDigits: 0) }. Which of these four attention heads copies it?
told_text = The model goes on with { $word }, with { NUMBER($share, style: "percent", maximumFractionDigits: 0) }. It copies that: write { $other } where { $word } stood before, and it says { $other }. Which of these four attention heads copies it?
ask_list = Words in no order that anybody would know; then they begin again. What comes next has stood there before, and the model says it. Which of these four attention heads copies it?
ask_text = What the model says next has stood in this text before, and it copies it from there. Which of these four attention heads does that?
text = The text, as far as the model has read it. Coloured: the last token
map = Where each head looks from the last token of the text, as shares of its attention
words = What each head would say if it alone wrote, the three likeliest tokens (estimated)
column = { $number ->
    [1] likeliest
    [2] second
   *[3] third
 }
writes = What each head writes for { $word }
logits = estimated: what the head adds to that word's logit, less the mean of all tokens
why = It was { $letter } ({ $head }). { NUMBER($share, style: "percent", maximumFractionDigits: 0) } of its attention from the last token lies on the { $word } that stood behind { $before }, and it writes for that word. Silenced, it cost { $word } { NUMBER($cost, maximumFractionDigits: 2) } nats of log-probability (executed).
