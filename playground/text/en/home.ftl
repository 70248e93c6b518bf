hello = Look inside a language model, then take the wheel
dials = That was our dial. Now find your own
lead = A small language model lives on this machine. Inside it, thousands of little switches light up for ideas such as cats or cooking. Find one, turn it up, and watch what the model writes.
begin = Play the first level
go_on = Next: { $title }
all_won = You won every level. Try the sandbox
step1 = Find a feature
step1_more = Write a text and see which of the model's switches, called features, light up.
step2 = Turn it up
step2_more = Push the feature while the model writes: that is steering.
step3 = See what it does
step3_more = Is the idea in the text now? Is it still good text? You get scores and stars.
chapter_won = { $won } of { $levels } won
tally = { $stars } of { $total } stars, { $won } of { $levels } levels won
locked = Win first: { $needs }
open = open
won = won
locked_mark = locked
without = { $missing } could not be fetched when the game started, so this is { $model } alone. The window where the game was started says why; start it again with a connection to get it.
models = The model that you play with:
models_more = Each model has its own map and keeps its own stars: change as often as you like, nothing is lost.
model_levels = { $levels ->
    [one] 1 level
   *[other] { $levels } levels
    }
missing =
    { $count ->
        [one] One more level is not on this model
       *[other] { $count } more levels are not on this model
    }
missing_lacking = Not on this model: it lacks a feature that this level needs.
missing_lost = Not on this model: the solution we know does not win here.
missing_blind = Not on this model: here it would be won by guessing.
missing_mute = This level is about how a model talks, and this one does not chat.
missing_unproven = Not on this model yet: nobody has proven that it can be won here.
missing_bare = Not on this model: nobody has trained a sparse autoencoder for it yet, and without one there are no features to find.
bare_hello = Talk to a language model while you turn its dials
bare_lead = { $model } runs on this machine, just as its makers left it. Push its thoughts towards cats, pirates or anything you like, and see what it says, beside what it would have said.
bare_plain_lead = { $model } runs on this machine, just as its makers left it. Make a direction out of a few texts, push the model along it, and watch what it writes.
bare_chat = Talk to it
bare_steer = Steer it
bare_step1 = Turn a dial
bare_step1_more = A dial adds a direction to the model's inner state at every word: towards cats, say.
bare_step2 = Say something
bare_step2_more = The model answers three times with the same random numbers: untouched, pushed, and pushed in a random direction.
bare_step3 = Compare
bare_step3_more = What the push did is what only the pushed reply shows.
bare_own = A direction of your own
bare_own_more = A dozen texts about one thing and a dozen about others are enough: what the model's states differ in is a direction.
bare_sandbox = Make one in the sandbox
bare_read = How that works
bare_course = The course
bare_course_more = Hunts, questions and scores are about features, so they wait until there are some.
bare_play = Play the course on { $model }
bare_levels =
    { $levels ->
        [one] The level that waits
       *[other] The { $levels } levels that wait
    }
minutes = about { $minutes } min
difficulty = difficulty { $difficulty } of 5
kind_hunt = Hunt
kind_steer = Steer
kind_spot = Spot the token
kind_name = Name it
kind_trigger = Trigger it
kind_predict = Predict
kind_split = Tell apart
kind_golf = Golf
kind_suppress = Suppress
kind_blend = Blend
kind_mystery = Mystery dial
kind_control = Feature or chance
kind_site = Find the place
kind_breaking = Breaking point
kind_method = Which method
kind_side = Side effects
kind_promote = What it says
kind_lens = Logit lens
kind_ladder = Rungs
kind_misses = What the SAE misses
kind_swap = Swap a state
kind_fetch = Which head fetched it
kind_trace = Trace
kind_forecast = Forecast
kind_budget = Error budget
kind_smallest = Smallest circuit
kind_induction = Who copies
kind_beat = Beat the probe
kind_neuron = Neuron or feature
kind_prompt = Prompt or dial
kind_before = Before the word
kind_shared = Shared out
daily_new = not played today
exam_locked =
    locked; { $count ->
        [one] one level
       *[other] { $count } levels
    } still to win
exam_open = open: begin when you like
occasions = Every day, and at the end
occasions_more = A challenge a day, the same for everybody; and an exam with a certificate, once you have been around.
doors = More ways
door_join = Join a class
door_me = Your data and your code
door_teach = For instructors
