# Instructors: coming in, and the list of classes.
title = For instructors
lead = Open a class, show its code, and watch who is where. Learners need no account and no e-mail.
secret = The instructors' secret
secret_info = Whoever started the game chose it: it is in PLAYGROUND_TEACHER.
enter = Come in
no_secret = This game was started without a secret for instructors
no_secret_more = Choose one of at least ten characters and start the game with it. Whoever knows it can see and change every class.
closed = This game was started without a secret for instructors, so nobody can come in as one.
by_name = Or sign in at Hugging Face, if whoever started the game has named you there (PLAYGROUND_INSTRUCTORS).
not_named = { $name } is not one of the instructors that whoever started the game has named.
wrong = That is not the secret.
stranger = Come in first: the page for instructors asks for the secret.
left = You have left. This browser is no instructor's any more.
leave = Leave
classes = Classes
new = A new class
name = Name of the class
name_info = Learners read it when they join.
model = Model that is played
create = Create the class
made = “{ $title }” is open. Its code is { $code }.
show_code = Show it to the class
no_model = No model that is offered here has features, so there is no course to play.
none = No class yet. The first takes a minute.
count =
    { $count ->
        [one] one learner
       *[other] { $count } learners
    }
open = open
shut = closed
no_class = This class is not here any more.
no_member = There is no such learner in this class.
many_classes = There are { $most } classes, which is the most. Delete one that nobody needs.
same_member = These are one and the same.
long_list = The list is too long: { $most } names are the most at once.
empty_list = The list has no names. Write one per line.
no_list = This list cannot be read: { $reason }.
no_number = “{ $number }” is no number that this page knows.
no_date = “{ $date }” is no date with a time.
not_best = Of steering, only the replies of the best try are kept. This is what was turned, and what it came to.
