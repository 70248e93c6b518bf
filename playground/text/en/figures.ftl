# Drawings of the handbook: what each shows, and what its rows are called.
whose = Measured on { $model }.
table = The same as a table
row = what
value = value
interval = 95 % interval
strength = strength
from_to = activation
share = share of firings
spread = The thin line is the 95 % interval: where the true value may lie.
fires = Colour and underline show how strongly the feature fires; the number is the activation at its peak.

unit_percent = In % of all.
unit_auroc = AUROC in points of 100: the bars begin at 50, which is a coin toss.
unit_cosine = Cosine: 1 is the same direction.
unit_logit = Change of the token's logit for each unit of activation.
unit_plain = The number itself.
unit_count = How many.

dose = The dose-response of { INLINE($topic) }: effect, damage and the control's effect as the strength rises
lead = Share of replies about { INLINE($topic) } at strength { NUMBER($strength) }
steered = pushed along the feature
control = pushed just as far along a random direction
harm = Damage to the text as { INLINE($topic) } is turned up
at_strength = strength { NUMBER($strength) }
strengths = The strengths that { $count } concepts needed
between = { NUMBER($low) } to { NUMBER($high) }
over = over { NUMBER($low) }
methods = The methods of the best recipes of { $count } concepts
scopes = The scopes of the best recipes of { $count } concepts
places = The same push towards { INLINE($topic) }, at each site
pushes = Replies that were on the subject and undamaged, over { $count } pairs of concept and site
way_feature = the best feature
way_means = a difference of means
way_probe = a linear probe
way_neuron = the best neuron
way_control = a random direction
luck = What “half of the replies” can mean
half = { $hits } of { $of } replies
firing = How strongly the best detector of { INLINE($topic) } fires, when it fires
example = Where the best detector of { INLINE($topic) } fires most
weaker = The best detector of { INLINE($topic) }: its strongest text, and two in which it hardly fires
by_site = How well the best feature for { INLINE($topic) } tells it, at each site
aurocs = The easiest, the middling and the hardest of { $count } concepts to tell, each by its best feature
rivals = How well each tells a concept on new texts, averaged over { $count } concepts ({ SITE($site) })
reads_and_writes = Is the feature that reads a concept best also the one that writes it best? ({ $count } concepts)
same_one = the same feature
same_other = another one
near = The nearest neighbours of the best detector of { INLINE($topic) }
logits = What the best detector of { INLINE($topic) } makes likelier
densities = How often features fire ({ $count } of them)
never = never in the texts of the atlas
one_in =
    { $least ->
        [0] on fewer than one token in { NUMBER($most) }
       *[other] on one token in { NUMBER($most) } to { NUMBER($least) }
    }
l0 = Features that fire on a token, on average
nested = How often features fire, by their number (average)
numbers = numbers { NUMBER($low, useGrouping: 0) } to { NUMBER($high, useGrouping: 0) }
labelled = Features whose name withstood its test
split = How many features tell the same concept
overlap = To how many of the measured concepts one feature answers ({ $count } features)
concepts =
    { $count ->
        [0] to none
        [one] to one
       *[other] to { $count }
    }
norms = The usual length of the model's state (residual norm)
surprise = How many equally likely tokens the model wavers between as it writes
token_no = at token { $place } of a reply
