# The first thing on the home page: a text that the model writes, and a slider that changes it.
title = A language model is writing. Take its wheel
asked = Somebody asks: “{ $prompt }” The model answers:
begins = The model was given “{ $prompt }” and goes on:
recorded = Recorded: { $model } wrote this before, and it is shown word for word
writing = { $model } is writing this now…
written = { $model } has just written this, for you
failed = The model stumbled. Move the slider, and it tries again
more_of = Towards { INLINE($topic) }
less_of = Away from { INLINE($topic) }
none_of_it = the model as it is
away_from_it = pushed away
all_of_it = full push
dials = What to push it towards
measured =
    At 100 %, { $hits } of { $replies } texts come out like that ({ INLINE($topic) }) and are still good text; without a push { $untouched } of { $replies } do. Counted on this model.
anew = Write it anew
share = Copy a link to this
from_link = Somebody sent you this. The slider is yours now: move it.
link_title = { $topic }, { $percent } %: a language model wrote this
link_says = A small language model wrote the text in the picture while one dial inside of it was turned. Open the link and turn it yourself.
link_picture = What the model wrote, and how far the dial was turned
what = What does the slider do?
feature = It turns up a feature: one of the thousands of little switches that a sparse autoencoder found inside this model. This one lights up on the idea, and while the model begins to write, we hold it lit.
direction = While the model writes, its thought is a long row of numbers. We asked it about that outright, and about some twenty other things, and noted how these numbers differ, on average, between its answers about the one and about all (a difference of means). The slider adds some of that difference at every word, or takes it away. The features of the levels are finer tools; on this model the coarse one steers better.
read = How that works
no_dial = The first page has no such dial on this model.
no_place = That is no position of the dial: it goes from -1 to 1.
