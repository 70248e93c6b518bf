step1 = Choose a feature
step1_more = Search by what it is about or by a word it fires on.
search = Search features
placeholder = For example: { INLINE($concept) }
collected = Your collected features
results =
    { $count ->
        [one] One match
       *[other] Best { $count } matches
    }
no_results = Nothing found for “{ $query }”. Try a simpler word, or one the feature would fire on.
chosen = Chosen: { $name }
none = No feature chosen yet.
pick_first = Choose a feature first: search for one and click it.
step2 = Set the strength
step2_first = How hard to push. The level sets the way of pushing.
step2_more = { $method } Where: { $scope }.
step2_fixed = What the push does
step2_fixed_first = The level sets the way of pushing; there is no strength to set.
par = Par is strength { $par }.
no_dials =
    No dial yet: choose { $dials ->
        [one] a feature, and it gets one.
       *[other] up to { $dials } features, and each gets one.
    }
strength = Strength
strength_info_below = 0 takes the feature's own part out. Below 0 it is pushed the other way: -1 is as long as the model's own typical state at that place. Arrow keys work.
strength_info = 1 is as long as the model's own typical state at that place; at 0 nothing is pushed in, but a clamp still takes the feature's own part out. Arrow keys work.
step3 = Let it write
step3_more = Three replies from the same random numbers: only the push differs.
run = Write
baseline = Untouched
baseline_more = the model as it is
steered = Steered
steered_more = your feature at { $strength }
control = Control
control_more = equal push, other direction
writing = Writing the first replies…
next = You are next: the model finishes what it is at.
fetching = Hugging Face is fetching you a graphics card…
ahead = { $count ->
        [one] One player is ahead of you.
       *[other] { $count } players are ahead of you.
    }
about = { $seconds ->
        [one] About one second to go.
       *[other] About { $seconds } seconds to go.
    }
counting = Writing the other replies, to be sure it was not luck: { $percent } %
stopped = Stopped. Nothing was scored.
waiting = What the model writes will appear here.
counted = Replies that count
counted_more = Of these the level wants more than its bar.
again =
    Were you to try just the same again, { $low ->
        [0] at most { $high } of { $count } would count.
       *[other] at least { $low } of { $count } would count.
    }
beside_counts = Controls: { $control } of { $controls }. Untouched: { $plain } of { $plains }.
damage = Damage
damage_more = 0 reads as natural as usual, 100 is broken. Unnatural, in its worst passage too: { $unnatural }; repetitive: { $repetition }; cut short: { $missing }.
thrift = Thrift
thrift_more = You pushed with strength { $used }. 0 is the most that this level allows, 100 is no push at all.
thrift_par = Par is strength { $par }.
beside = Control: { $value }
untouched = Untouched: { $value }
of = of 100
replies = The replies, best first
replies_more = Open one to read it, with what was found in it marked. ✓ counts: it is as the level wants it, and whole.
others_control = Controls: { $hits } of { $count } count
others_baseline = Untouched: { $hits } of { $count } count
reply = Reply { $number }.
counts = counts
counts_not = does not count
decided = decided it
broken_chip = broken
nothing_chip = nothing found
damage_parts = Damage { $damage } of 100: unnatural { $unnatural }, repetitive { $repetition }, cut short { $missing }.
to_verdict = What that means ↓
on = ✓ about the idea
off = not about it
damaged = damage { $damage }
curve = Your point on the feature's curve
curve_more_atlas = Measured beforehand on other prompts. Turned up too far, the idea drowns the text.
curve_more_own = From your own attempts with this feature.
curve_you = you:
curve_title = Effect, damage and the control's effect over strength, with your point at strength { $strength }
curve_x = strength (in typical lengths of the model's state)
parts = Idea by idea
parts_more = How many of the replies are about each idea.
part_count = { $on } of { $count }
line_effect = effect
line_damage = damage
line_control = control

# The verdict.
said =
    { $hits } of { $count } replies count: they are about { INLINE($topic) } and undamaged ({ $on } are about it at all).
    Untouched, { $plain } of { $count } do; with equal pushes in other directions { $control } of { $count }.
idle = Your dial is at 0, so nothing was pushed in: turn the strength up.
