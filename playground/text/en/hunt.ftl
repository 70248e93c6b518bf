step1 = Write a text about the idea, and one about something else
step1_more =
    Nothing you write is wrong. Three short texts of each sort are a start, six tell far more. Make the second sort as like the
    first as you can, without the idea, and write in the manner of the examples: a model knows best what is like the texts
    that it has read.
text = Your text
placeholder = The kitten slept on the windowsill…
examples = Or try one of these:
pair = Two from the collection, one of each sort
no_pair = That was the whole collection.
site = Where to look in the model
site_info = The earlier, the closer to the words themselves; the later, the closer to what comes next. Ideas often sit in between.
look = Should fire here
step2 = See what tells them apart
step2_more = First comes what fires more in your first texts than in the others, and hardly ever so brightly in other texts. Click a word (or walk with the arrow keys) for all that fires on it.
strip = Your texts, word by word. Colour and underline: how strongly { $what } fires.
strip_any = the strongest feature
strip_one = { $name }
rereading = Reading your texts again…
nothing = Your texts appear here, cut into the pieces the model reads.
on_token = Firing on “{ $token }”
show_whole = Back to what tells them apart
silent = No feature fires here.
beside = Should not fire here
here = Should fire here
there = Should not fire here
no_here = No text about the idea yet.
no_there = Nothing to compare with yet: write a text about something else, or take an example.
drop = Take this text away
too_long = Your text has { $count ->
        [one] one word
       *[other] { $count } words
    }; at most { $limit } fit on the desk. The shorter a text, the clearer what in it makes a feature fire.
full = { $count } texts of each sort are enough. Take one away to make room.
apart = Fires here, not there
apart_more = Best first, by a mark out of 100: how surely a feature tells your first texts from the others, and how rare it is in texts at large (rarer than 1 in { $rarest } counts alike). { $count ->
        [one] The shares are of its strongest activation anywhere: what it reaches in your text, and the most it reaches in the others.
       *[other] The shares are of its strongest activation anywhere: what it reaches in your { $count } texts on average, and the most it reaches in the others.
    }
contrast = { $mark } of 100: { $here } % here ({ $hits } of { $count }), { $there } % there; { $bounded ->
        [yes] at most 1 text
       *[no] about 1 text
    } in { $rare } anywhere
nothing_apart = No feature fires more in the first texts than in the others. Write one more text about the idea.
step3 = Collect candidates, submit one
step3_more = Keep with + what shows the idea every time on its card. The one you submit is tested on texts that you have not seen.
empty = No candidates yet. The + beside a feature puts it here.
add = Collect { $name }
remove = Take { $name } out
submit = Submit
submit_this = Submit { $name }
judging = Testing it on unseen texts…
value = fires at { $value }, { $share } % of its strongest
auroc = Right order (AUROC)
auroc_more = Take one text about the idea and one about something else: in { $percent } of 100 such pairs the first lights the feature up more. 50 is guessing, 100 never errs.
control = An ordinary feature: { $control } of 100.
precision = Alarms that were right
precision_more = Of the texts that light it up above { $threshold }, this share is about the idea.
recall = Texts it caught
recall_more = Of the texts about the idea, this share lights it up above { $threshold }.
texts = The unseen texts, strongest first
turn_it = Now turn it up in the sandbox
about_it = about it
not_about = something else
right = ✓ judged right
wrong = ✗ judged wrong
peak = peak { $peak }
more_texts = Show all { $count }
best = The best detector known here
best_more = It ranks { $percent } of 100 pairs right.

# The verdict.
won = It works: shown one text about { INLINE($topic) } and one about something else, your feature fires more on the right one { $right } times in 100. A typical feature manages { $typical }, a coin 50.
lost = Not yet: shown one text about { INLINE($topic) } and one about something else, this feature fires more on the right one { $right } times in 100. A typical feature manages { $typical }, a coin 50.
stays_silent = This feature stays silent in all { $count } test texts, so it cannot tell them apart.
