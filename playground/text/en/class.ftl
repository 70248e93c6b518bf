# One class, as its instructor sees it.
code = code { $code }
views = Views of the class
view_matrix = Who is where
view_plan = Levels and rules
view_levels = Own levels
view_people = Learners
view_board = Board for the class
view_tools = Before and after
tally =
    { $learners ->
        [one] One learner
       *[other] { $learners } learners
    }, { $here } active in the last five minutes. This page updates itself.
nobody = Nobody has joined yet.
stuck = Who is stuck
stuck_at =
    { $title }, { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }, { $tries ->
        [0] nothing handed in
        [one] one try, not won
       *[other] { $tries } tries, none won
    }
idle = quiet for { $minutes } min
stuck_more = and { $count } more
nobody_stuck = Nobody, as far as the game can tell. A learner counts as stuck after three tries without a win, or after twice the time that a level should take, until they win one.
learner = Learner
sum = Total
won_by = Won by
not_won = not won
opened = opened
tries_minutes = { $tries }×, { $minutes }′
stars_minutes = { $stars } ★, { $minutes }′
here = active now
legend = ★ stars of the best try, ✗ tried but not won, … opened only. 3× means three tries handed in, 7′ means seven minutes at the level; pauses of more than five minutes are left out. Click a cell to see the tries.
pages = Pages of the matrix
export_results = Results (CSV)
export_attempts = Every try (CSV)
export_json = Everything (JSON)
exported = Your file is ready.
rules = Rules
begins = Opens
begins_info = Nothing can be played before this. Leave it empty to open at once. Time zone: { $zone }.
ends = Ends
ends_info = Nothing can be played after this while the class is open. Leave it empty for no end. Time zone: { $zone }.
hints = Hints
hints_info = Without hints, nobody sees a solution either.
ordered = One after the other
ordered_info = A level opens once the one before it is won. Otherwise all of them are open from the start.
keep = Save the rules
kept = Saved.
plan = The levels of this class
plan_minutes =
    { $count ->
        [one] One level
       *[other] { $count } levels
    }, about { $minutes } minutes for somebody who knows the way. Learners see only these.
from = from
keep_dates = Save the dates
up = { $title }: earlier
down = { $title }: later
add = Add { $title }
drop = Remove { $title }
clear = Remove all
whole_course = None chosen: the class plays the whole course, and levels open as others are won. To choose levels yourself, add them below.
choose = Add levels
add_chapter = Add the whole chapter
no_level = This model has no such level, or the plan has it already.
roster = Names in, codes out
roster_more = You do not need a list: the code of the class is enough to join. With a list, each learner also gets a code of their own, which lets them in on any computer. You see these codes only once, in a file.
names = Names, one per line, or a CSV file with the names in its first column
names_example = Whisker
file = Or choose a file
enroll = Add them and get their codes
enrolled = They have been added. This file has their codes; you get it only once.
people =
    { $count ->
        [one] One learner
       *[other] { $count } learners
    }
person =
    { $stars } ★, { $won } won, { $tries ->
        [one] one try
       *[other] { $tries } tries
    }
joined = joined { $at }
name = Name
rename = Rename
renamed = Renamed to { $name }.
new_code = New code
code_made = The new code of { $name } is { $code }. It is shown only now, and the old one no longer works.
attempts = Tries
merge_into = The same person as
merge = Merge
merged = Merged: everything belongs to { $name } now.
dangers = Reset or remove
reset_more = Deletes everything that this learner has done on this model: tries, stars, hints, exams. Their conversations stay.
reset = Reset
reset_level_more = Deletes everything that this learner has done at this level.
reset_level = Reset this level
was_reset = { $name } starts over.
remove_more = The learner leaves the class and keeps what they have won; you no longer see it.
remove = Remove from the class
removed = Removed.
minutes = { $minutes } min
tries =
    { $tries ->
        [one] one try
       *[other] { $tries } tries
    }
nothing_done = Nothing done yet.
tries_of = Tries at this level
try = { $number }: { $at }
picked = Handed in: feature { NUMBER($feature, useGrouping: 0) } of the { SITE($site) } part.
not_handed_in = Nothing handed in at this level.
score = Score
hints_used = Hints
go_to = Open this address:
or_code = or type the code where it says “Join a class”:
together =
    { $learners ->
        [one] One learner
       *[other] { $learners } learners
    }, { $here } active, { $stars } ★ together
of = { $count } of { $learners }
invite = Invite
link = Link to join
link_more = If it begins with 127.0.0.1 or localhost, it works on this machine only: open this page at the address that learners use.
warm = Warm up
warm_more = Prepares the first questions of every level of the class, and the verdicts that its hunts are likely to need, so that nobody waits for them during the lesson. Whatever is ready already takes no time.
warm_do = Warm up now
warming = { $done } of { $of } levels done; now: { $title }
warmed =
    Warm: { $count ->
        [one] one level is
       *[other] { $count } levels are
    } ready.
warm_idle =
    { $count ->
        [one] One more level needs
       *[other] { $count } more levels need
    } nothing beforehand: replies are written while it is played.
warm_failed = These cannot be played on this model as they are: { $titles }.
carries = How many learners does this machine carry?
carries_more = Writes what one learner asks for, then twice what eight ask for at the same moment; this takes about a minute. Whoever plays meanwhile waits a little, and makes the result worse.
carries_do = Measure it
measuring = Measuring: replies for one, then for eight…
carried =
    { $at_once ->
        [0] Not even one learner gets
        [one] One learner gets
       *[other] { $at_once } learners who press the button in the same second all get
    } their replies within { $patience } seconds. Pressing it once a minute each, at moments of their own, { $in_turn ->
        [one] one learner
       *[other] { $in_turn } learners
    } can play without long waits.
carried_how = Measured just now on the model of this class, for { $replies } replies of { $tokens } tokens a learner: once for one learner, { $times } times for { $learners } at once. The slower time counts; for other numbers of learners it is reckoned from these.
carried_turn = For the figure a minute the machine is taken to be busy { $busy } % of the time: if it is busier, whoever presses at a bad moment waits long.
carried_doubt = The two times for many show how far such a measurement can be trusted. It was made inside the game; for the web pages of a class { NUMBER($page, maximumFractionDigits: 2) } s a learner are added, as they took on the machine on which the game was built. Longer prompts take longer. Questions and hunts need far less, once they are warm.
alone = One learner alone waited
together_wait = { $learners } learners at once waited
seconds = { $seconds } s
speed = Tokens a second, with many at once
tokens = { $low ->
        [0] fewer than 1
       *[other] { $low }
    } to { $high }
end = Open, close, copy, delete
close_more = While a class is open, learners can join it and its rules apply. Once it is closed, they play as they like, and you still see the table.
open_more = This class is closed: nobody can join, and its rules apply to nobody.
close = Close the class
open = Open it again
closed = The class is closed.
opened_again = The class is open again.
copy = Copy it for other learners
delete = Delete the class
delete_more = Deletes the class, its code and its list of learners for good. Learners keep what they have won. Export first.
delete_sure = Delete the class, for good
deleted = The class has been deleted.
no_act = This page does not know what to do with that. Reload it.
