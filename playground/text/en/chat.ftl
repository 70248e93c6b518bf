# The page on which a learner talks with an instruct model while dials are turned.
title = Talk to { $model }
lead = Turn a dial, say something, and compare three answers made with the same random numbers: pushed by your dial, untouched, and pushed just as hard in a random direction.
none = { $model } does not chat: it only goes on with a text. Try it in the sandbox.
more = How a chat works
choose = Push its thoughts towards
on_dial = { $way }, { $site }
feature = feature
strength_info = 0 pushes nothing; at 1 the push is as large as the model's own state usually is at that place. Too much, and it babbles.
no_dials = No dial is turned: you hear the model as its makers left it. Pick a direction above.
full =
    { $dials ->
        [one] The dial is in use. Take its direction off first.
       *[other] All { $dials } dials are in use. Take one direction off first.
    }
hello = The dial is on. Say something, in English, or pick one of these:
suggest_who = Who are you?
suggest_day = What did you do today?
suggest_story = Tell me a very short story.
suggest_advice = I feel bored. What should I do?
say = Your message
say_example = Say something…
say_info = Enter sends, Shift+Enter begins a new line.
send = Send
again = Answer again
edit = Edit my last message
edit_stop = Leave it as it was
anew = Start over
log = The conversation
you = You:
silent = (It said nothing.)
baseline_later = not pushed, after all that was said above
cut = You stopped it here.
full_length = (It had no room for more.)
goes_on = the conversation goes on with this one
go_on_with = Go on with this one
forgotten =
    { $count ->
        [one] The oldest turn no longer fits into what the model reads, so it answers without knowing it.
       *[other] The oldest { $count } turns no longer fit into what the model reads, so it answers without knowing them.
    }
dropped =
    { $count ->
        [one] The first turn is no longer kept.
       *[other] The first { $count } turns are no longer kept.
    }
reading = Reading texts to find the direction…
writing = The model is writing…
stopped = Stopped. What was said so far is kept.
editing = You are changing your last message. Send it, and new answers take the place of the old ones.
nothing_said = Nothing has been said yet.
began_anew = A new conversation. The dials stay as they are.
told = What the model is told first, and how long it may talk
system = What it is told before the conversation (system prompt)
system_info = It counts from your next message on. Empty: it is told nothing.
system_own = As its makers wrote it
length = Longest reply, in tokens (words or parts of words)
