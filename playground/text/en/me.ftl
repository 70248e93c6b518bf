# What is kept of a learner, and what they can do about it.
title = Your data
lead = The game knows you by a random key in this browser, not by a name. Here is everything it keeps, and how to take it with you or have it deleted.
code = A code to come back with
code_more = Write it down, and it brings everything you have won to any other browser. Whoever has it can play as you, so keep it to yourself.
code_link = Or keep this address
code_once = It is shown only now. A new code ends the old one.
code_make = Make a code
code_again = Make a new code and end the old one
code_revoke = End the code
revoked = The code has ended and no longer works.
classes = Your classes
no_class = You are not in a class.
leave = Leave
left = You have left the class. What you have won stays yours; the instructor no longer sees it.
kept = What is kept
nothing = Nothing yet: you have not played.
kept_attempts =
    { $count ->
        [one] one try that you handed in
       *[other] { $count } tries that you handed in
    }, with answers, stars and times
kept_hints =
    { $count ->
        [one] for one level, how many hints
       *[other] for { $count } levels, how many hints
    } you have opened
kept_replays =
    { $count ->
        [one] for one level, your best try
       *[other] for { $count } levels, your best try
    }, to look at again
kept_rounds =
    { $count ->
        [one] one round that you have not handed in
       *[other] { $count } rounds that you have not handed in
    }
kept_probes =
    { $count ->
        [one] one prompt that you tried on a hidden dial, with its replies
       *[other] { $count } prompts that you tried on hidden dials, with their replies
    }
kept_sittings =
    { $count ->
        [one] one exam: which parts it has
       *[other] { $count } exams: which parts they have
    }
kept_talks =
    { $count ->
        [one] the conversation with one model
       *[other] conversations with { $count } models
    }
kept_visits =
    { $count ->
        [one] for one level of a class, when you were there and for how long
       *[other] for { $count } levels of a class, when you were there and for how long
    }
kept_certificates =
    { $count ->
        [one] one certificate: its code, stars and day, and a fingerprint of the name on it
       *[other] { $count } certificates: their codes, stars and days, and a fingerprint of the name on each
    }
kept_rest =
    { $count ->
        [one] one further entry
       *[other] { $count } further entries
    }
browsers =
    { $count ->
        [one] one browser has your key
       *[other] { $count } browsers have a key of yours
    }
seen = Whoever runs the game has the file that this is kept in. An instructor of a class that you are in sees what you do in its levels. Nobody else sees anything.
export = Download it (JSON)
exported = Here is everything that is kept about you.
only_here = Sign out all other browsers
only_here_done = Only this browser has your key now.
sign_off = Sign out this browser
sign_off_more = On a computer that others use too, sign out when you leave. Make a code first, or you will not get back to what you have won.
off = This browser does not know you any more. Your code brings you back.
delete = Delete everything
delete_more = Tries, stars, conversations, certificates, your place in classes: all of it goes at once, for good, and no code brings it back.
delete_sure = Delete everything, for good
deleted = Nothing is kept about you any more. It was nice to have you here.
