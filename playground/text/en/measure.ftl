# The page "How we measure". Its numbers come from the code.
title = How we measure
lead = What the game counts, against what, how surely, and where it may be wrong. Every number here is the one that the game works with.
link = How we measure

pushed = First of all: this model was trained to be pushed
pushed_how = Pocket is tiny, and in a model that small a push breaks the grammar before it turns the subject. So in the later part of its training it read a good share of its texts while its inner state was being moved, by an amount drawn at random, towards what the text was about. It learned that such a push is about the subject, and no reason to drop the grammar. It never met a feature while it learned: the SAEs came afterwards and were trained on texts that nobody had pushed.
pushed_so = What you see here about features and directions holds elsewhere too. How easily they steer does not: a model that was only trained to write takes a push less well.

parts = Three heaps of texts
parts_why = If one text both chose a feature and graded it, the grade would be flattery. So every text belongs to one of three heaps for good, by a hash of its own words.
part_select = Choose ({ $percent } %): names, references, thresholds and settings are chosen on these, and no result is printed from them.
part_show = Show ({ $percent } %): cards, examples and hints come from these.
part_grade = Grade ({ $percent } %): verdicts and printed figures come from these. Nothing that shares a longer run of words with one of them appears on a card.
parts_here = For this model: { $documents } labelled texts, of which levels use { $graded } to grade, and { $samples } texts that the model wrote by itself.

finding = Finding a feature
auroc = AUROC: take one text about the idea and one about something else. How often does the feature fire more on the right one? 50 of 100 is a coin, 100 never errs. What counts is its highest value in the text.
usual = Beside it stands what a usual feature reaches: the median of the { $count } that fire in about as many texts.

steering = What a steered reply is worth
effect = Effect: a reply is about the idea when it has enough different words of it. Saying one word again adds nothing.
damage = Damage: the untouched model reads the reply, and each token is held against its own texts at the same place. The worst { $window } tokens in a row decide: whole up to { $whole } standard deviations beyond the worst of its own texts, word salad from { $broken } nats a token. One odd token counts for { $shock } nats at most. So a long reply is judged as a short one is.
loops = Loops: the share of phrases of { $n } words that came before within { $words } words. Ordinary up to { $normal } %, a loop from { $broken } %.
fragment = A reply of fewer than { $tokens } tokens is a fragment, and damaged by what is missing.
read_how = Checked by reading: a large language model that saw neither score nor dial called replies fine, odd or broken. None of those counted here chose a constant.
read = On { $model }, the score agrees on { $right } of the { $count } that were fine or broken; of { $stored } stored replies, { $same } get the same verdict at their first { ROW($lengths) } tokens, and most of the others broke later.
unread = Nobody has read replies of the model that you play on.
counts = A reply counts when it is about the idea and its damage is { $bound } of 100 at most.

controls = Against what
controls_how = Any hard push changes a text, so your push has to beat others of the same size: along random directions, and along those of other features, { $count } of them in turn. And the untouched model writes to the same prompts with the same random numbers.

enough = How many replies are enough
rounds = Replies are written in rounds until they decide, or until the level's limit. We say “7 of 8”, because that is what was counted.
interval = From a count follows an interval (Wilson's): were the same dials tried without end, the true share would lie within it in { $sure } of 100 cases. A verdict is given when the interval clears the bar.
undecided = If it never does, the verdict is “undecided”. That costs nothing: no try, no star.

luck = Could luck have won?
luck_how = Every level is played by programs before it ships: by the solution, by blind chance, by somebody who has understood half of it (the second-best feature, the right one in the wrong place, half the strength), and, where there are options, by dozens of simple rules, such as “always the longest one”.
luck_bars = A level ships when chance wins at most { $random } % of its tries, a half-right answer at most { $half } %, and the solution at least { $reference } %.
stars = Stars are given for the level's own measure. Once the answer has been shown, { $left } are the most.

not = What we do not measure
not_sense = Whether a text is good, true or funny. The damage score knows what is unlikely and what goes in circles, and that is all.
not_words = An idea that comes without its words. “It purred on her lap” has no cat in it for us, if the list lacks the word.
not_cut = Whether the features are the model's own parts. They are this SAE's; another one cuts the same states in another way.
not_names = Whether a name is all there is to a feature. It is what the shown texts support, and a card says how far.
not_others = Other prompts, temperatures and longer replies than a level's own.
not_size = How a larger model would behave. Sizes differ, and so do what breaks first and what steers at all.
