# Walking through circuits: attribution graphs and the runs that check them.
# What a node is called.
logit = { $token } comes next ({ NUMBER($share, style: "percent", maximumFractionDigits: 0) })
token = the word { $token }
feature = { $fires } → { $promotes }
nameless = feature { NUMBER($index, useGrouping: 0) }, seldom seen
error = unexplained, block { $block }, on { $token }
first = what block { $block } wrote where the text begins
bias = what block { $block } always writes

# The page.
title = Circuits
lead = The model is about to say a word. Where did it come from? Walk back from the word to what pushed for it, feature by feature, down to the words that you wrote.
step1 = Write how a text begins, or take one of mine.
step2 = Start at the word that comes next, and press what fed it most. Keep going down.
step3 = Found a suspect? Switch it off. Then the model runs for real, and you see who was right.
prompt = How the text begins
trace = Trace it
stop = Stop
stopped = Stopped. Nothing is lost: trace it again whenever you like.
examples = Or one of mine:
progress = { $count ->
    [one] One node is traced
   *[other] { $count } nodes are traced
 }, of { $most } at most…
running = The model runs without what was switched…
next = What comes next
scores = How much of it is explained: { NUMBER($replacement, style: "percent", maximumFractionDigits: 0) } of the ways lead from words and not from errors, { NUMBER($completeness, style: "percent", maximumFractionDigits: 0) } of what nodes get has a name
scores_more = The MLPs of the model are told by transcoders, which miss something: those are the errors, the diamonds in the picture. The first number (replacement score) is the share of all influence on the next word that starts at a word of the text; the second (completeness score) is how much of the inputs of all nodes, weighed by their influence, is no error. Whom attention looks at is taken as it was: the graph does not say why. Ameisen et al., Circuit Tracing (2025).
estimated = estimated
executed = executed
back = ← back
kind_feature = feature
kind_error = error
kind_token = word
kind_logit = next word
kind_first = beginning
kind_bias = bias
at = block { $block }, on { $token }
influence = { NUMBER($share, style: "percent", maximumFractionDigits: 1) } of all influence
inputs = What fed this
inputs_more = Strongest first, as a share of all that it gets. An edge is what one node adds to another directly, by no node in between.
no_inputs = This one matters so little here that nobody asked what fed it.
outputs = What this feeds
outputs_more = The share is of what the other one gets.
about_error = What the transcoder of this block missed here. It counts, but nobody knows what it means.
about_token = A word of your text as it enters the model, before any block. The way down ends here.
about_first = The place before the first word. Models use it as a resting place for attention; no feature explains it.
about_bias = A part that is the same for every text.
active = Fires here with { NUMBER($value, maximumFractionDigits: 2) }; the most that was ever seen is { NUMBER($peak, maximumFractionDigits: 2) } (activation units).
texts = Where it fires most
promotes = Next words that it writes for:
off = Switch it off
double = Twice as much
four = Four times
to_group = Into the group
ungroup = Out of the group
hide = Hide
pushes = ▲ pushes, { NUMBER($share, style: "percent", maximumFractionDigits: 1) }
holds = ▼ holds down, { NUMBER($share, style: "percent", maximumFractionDigits: 1) }
place = block { $block }, token { $position }
run_edge = Run it: switch the source off and see what the target gets
ask_heads = Which attention heads carry it?
edge_tried = Without the source the target changes by
heads = What goes without each head:
head = block { $block }, head { $head }: { NUMBER($lost, maximumFractionDigits: 3) }
no_heads = No attention head carries it: it stays on its own token.
map = The picture
shown = { $shown } of { $count } nodes
map_more = Words from left to right, blocks upwards. Disc: feature, diamond: error, square: a word. Dashed lines hold down. Arrow keys: up and down along the strongest line, left and right among all.
show = { $count ->
    [one] Show the hidden one
   *[other] Show the { $count } hidden ones
 }
dot = { $name }, block { $block }, { NUMBER($share, style: "percent", maximumFractionDigits: 1) } of all influence
row = block { $block }
picture = The circuit of: { $prompt }
group = Your group: { $count } of { $most } at most
all_off = Switch all off
all_double = All twice as much
clear = Empty the group
tried_off = Without { $names }
tried = With { $names } at { NUMBER($times, maximumFractionDigits: 1) } times as much
before_said = Before, the model said
now_says = Now it says
compare = The graph's forecast beside the true run
word = next word
chance = probability
forecast = change of the logit
found = change of the logit
agreed = The forecast had the direction right for { $agreed } of { $count }. It takes the circuit as it stood; the true run lets everything behind it react.
save = Take it with you:
save_make = make the files
save_json = the graph (JSON, for Neuronpedia and circuit-tracer)
save_svg = the picture (SVG)
open = Open a graph from elsewhere
open_file = A graph of Neuronpedia or circuit-tracer, JSON of { $limit } MB at most
stranger = { $nodes } nodes, { $links } links. Its model is not here, so this is what the file says and nothing is run. The strongest links:

# What cannot be done.
none = Nobody has trained transcoders for this model yet, so its circuits cannot be traced. Pocket has them.
too_long = The text has { $count } tokens; circuits are traced for { $limit } at most.
lengths = The two texts have different lengths in tokens; what stands in one can only take the place of what stands in the other if they are equally long.
no_node = This graph has no node “{ $node }”. Trace the text again.
features_only = Only features can be switched. Choose a disc of the picture.
too_much = A group has { $count } features at most, each at most { $times } times as strong.
file_large = The file has more than the { $limit } MB that are read at most.
file_packed = The file is too large to be sent, even packed; of { $limit } MB most go through. Prune the graph where it was made.
file_damaged = This is no graph that can be read: something is wrong at { $where }.
