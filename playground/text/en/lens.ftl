settles =
    Each row reads the model after one more of its { $count } blocks, as if it stopped there. It ends by saying { $word }.
    Look at the last column: from which row on does { $word } lead and never lose the lead again?
early =
    The model goes on with one word, and is nearly certain of it. Had it stopped after block { $block } of { $count },
    which word would it have said?
earliest =
    Each text breaks off, and the model is nearly certain of the word in brackets. Of which one does it make up its
    mind soonest, in the earliest block?
curve =
    This is how likely a word was after each block. Which of the words in brackets is it, at the end of its text?
offered = { $text } [{ $word }]
cut = The text, as far as the model has read it
after = after block { $block }
block = block { $block }
corner = Stopped
word = Word
hidden = this word
chart = What the model would say next after each of the last words, if it stopped at that row
chart_marked = What the model would say next after each of the last words. Framed: what the whole model says
curves = How likely the word is after each block
why =
    { $word } leads from block { $block } of { $count } on, with { NUMBER($chance, style: "percent", maximumFractionDigits: 0) },
    and ends at { NUMBER($last, style: "percent", maximumFractionDigits: 0) }. One block earlier { $before } led, with
    { NUMBER($share, style: "percent", maximumFractionDigits: 0) }.
why_once =
    { $word } leads from the first of { $count } blocks on, with { NUMBER($chance, style: "percent", maximumFractionDigits: 0) },
    and ends at { NUMBER($last, style: "percent", maximumFractionDigits: 0) }.
early_why =
    After block { $block } it was { $early }, with { NUMBER($share, style: "percent", maximumFractionDigits: 0) }. The whole
    model says { $word }, with { NUMBER($chance, style: "percent", maximumFractionDigits: 0) }.
