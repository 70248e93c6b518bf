title = Sandbox
lead = Any feature, up to { $dials } at once, no goals. The link keeps everything as it is.
lead_bare = Directions made of your own texts, up to { $dials } at once, no goals. The link keeps everything as it is.
prompt = The text begins
prompt_info = The model goes on from here. Empty: it starts from nothing.
plain = Go on with the text
plain_info = Off: the text is a message, which the model answers in its chat template. On: it is how a text begins.
default_prompt = One morning
dials = Dials
no_dials = No dial yet: search for a feature and click it. Without dials you see only the untouched model.
no_dials_bare = No dial yet: make a direction below and put it on one. Without dials you see only the untouched model.
full =
    { $dials ->
        [one] The dial is in use. Take its feature out first.
       *[other] All { $dials } dials are in use. Take one out first.
    }
remove = Remove dial { $number }
strength = Strength
method = Method
scope = Where
sampling = How it picks words
temperature = Temperature
temperature_info = 0 always takes the likeliest token; 1 follows the model's own odds.
top_p = Top-p
top_p_info = Only the likeliest tokens that together have this probability.
tokens = Tokens at most
seed = Seed
seed_info = The same seed gives the same random numbers.
run = Write
link_info = This link brings back text, dials and sampling, on any browser that reaches this game; the address bar has it too.
stopped = Stopped.
alternatives = Click a token to see what else the model might have said.
instead = Instead of “{ $token }”:{ " " }
fires = The feature of dial 1 fires at { $before } here before the push.
likely = log-probability { $logprob } (untouched model)
method_add = Add: pushes along the feature's direction, on top of what is there. Off: 0.
method_clamp = Clamp: sets the feature's own part to the strength and leaves the rest. 0 silences it; off means no dial.
method_ablate = Ablate: takes the feature's own part out. The strength does not matter; off means no dial.
method_project = Project: sets everything along the direction to the strength, whatever the feature says. 0 erases the direction; off means no dial.
scope_all = all: the prompt and the reply
scope_prompt = prompt: only the given beginning
scope_reply = reply: only what the model writes
scope_opening =
    opening: only the first { $tokens ->
        [one] token
       *[other] { $tokens } tokens
    } of the reply
