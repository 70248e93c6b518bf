title = Daily challenge
lead = One level a day, drawn by lot and the same for everybody who plays this model. Today is { $day }; a new one comes at midnight UTC.
play = Play today's challenge
again = Try for more stars
past = The days before
missed = not played
none = The cat could not make a challenge with this model. The levels on the map are still there.
proving = Nobody has opened this challenge yet: the cat is checking that it can be won with this model, which may take a minute.
