# Instructors: coming in, and the list of classes.
title = For instructors
lead = Open a class, show its code, and watch who is where. Learners need no account and no e-mail.
secret = The instructors' secret
secret_info = Whoever started the game chose it: it is in PLAYGROUND_TEACHER.
enter = Enter
no_secret = This game was started without a secret for instructors
no_secret_more = Choose one of at least ten characters and start the game with it. Whoever knows it can see and change every class.
closed = This game was started without a secret for instructors, so nobody can come in as one.
by_name = Or sign in with Hugging Face, if whoever started the game has put your name on the list (PLAYGROUND_INSTRUCTORS).
not_named = { $name } is not on the list of instructors of this game.
wrong = That is not the secret.
stranger = Enter the secret first, on the page for instructors.
left = You have signed out. This browser has no instructor's rights any more.
leave = Sign out
classes = Classes
new = A new class
name = Name of the class
name_info = Learners read it when they join.
model = Model that is played
create = Create the class
made = “{ $title }” is open. Its code is { $code }.
show_code = Show it to the class
no_model = None of the models that are offered here has features, so there is no course to play.
none = No class yet. Creating one takes a minute.
count =
    { $count ->
        [one] one learner
       *[other] { $count } learners
    }
open = open
shut = closed
no_class = This class no longer exists.
no_member = There is no such learner in this class.
many_classes = There are { $most } classes already, and there cannot be more. Delete one that nobody needs.
same_member = This is the same learner already.
long_list = The list is too long: at most { $most } names can be added at once.
empty_list = The list has no names. Write one per line.
no_list = This list cannot be read: { $reason }.
no_number = “{ $number }” is not a number that this page knows.
no_date = “{ $date }” is not a date with a time.
not_best = For steering levels, only the best try is kept with its replies. These are the settings of this one, and its score.
