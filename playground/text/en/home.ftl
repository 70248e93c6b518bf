hello = Look inside a language model, then take the wheel
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
tally = { $stars } of { $total } stars, { $won } of { $levels } levels won
locked = Win first: { $needs }
open = open
won = won
locked_mark = locked
models = The model that you play with:
missing_mark = not on this model
missing_lacking = Not on this model: it lacks a feature that this level needs.
missing_lost = Not on this model: the solution we know does not win here.
missing_blind = Not on this model: here it would be won by guessing.
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
daily_new = not played today
exam_locked =
    locked; { $count ->
        [one] one level
       *[other] { $count } levels
    } still to win
exam_open = open: begin when you like
occasions = Every day, and at the end
occasions_more = A challenge a day, the same for everybody; and an exam with a certificate, once you have been around.
