# Joining a class and coming back: what learners read of classes.
title = Join a class
code = The class's code
code_info = Six letters and digits that your instructor shows you, such as K7QF2M. It does not matter whether you write capitals.
find = Find the class
name = Your name in this class
name_info = A nickname will do, as long as your instructor knows whose it is. Nobody asks for your e-mail.
enter = Join
another = Another nickname
seen = Your instructor sees this name, which levels of the class you open, win or lose and when, how long you spend on them, and what you hand in, including what you did there before you joined. Your chats and your sandbox are not shown to them; but whoever runs the computer could read what is stored on it. You can leave at any time.
joined = You are in “{ $title }” as { $name }. Off you go!
in = You are in “{ $title }” as { $name }.
play = To your levels
mine = Your data and your code
return = Coming back?
return_more = Your own code brings everything that you have won to this browser. What was won in this browser before is left behind.
resume = Your own code
resume_info = Sixteen letters and digits, from your instructor or from the page “Your data”.
come_back = Come back
back = Welcome back! Everything that you have won is here.
first = Brave, Sleepy, Curious, Fluffy, Speedy, Quiet, Clever, Golden, Midnight, Velvet, Sunny, Nimble, Snowy, Lucky, Cosmic, Misty
second = Whisker, Paw, Mitten, Pounce, Tabby, Purr, Marble, Pebble, Comet, Biscuit, Pepper, Maple, Domino, Saffron, Panther, Lynx
no_class = There is no open class with the code “{ $code }”. Check the code, or ask whether the class is open.
no_name = Enter a name; a nickname will do.
long_name = This name has { $count } characters; the limit is { $most }.
taken = Somebody here is called “{ $name }” already. Choose another name.
full = This class is full: it has { $most } learners.
no_resume = No progress belongs to this code. Check it; an older code stops working when a new one is made.
locked =
    Too many wrong codes came from here. Try again in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }.
no_model = The model { $model } is not offered here at the moment. Ask whoever runs the game.
chapter =
    { $count ->
        [one] The level
       *[other] The { $count } levels
    } of your class.
written =
    { $count ->
        [one] A level that your instructor has written
       *[other] { $count } levels that your instructor has written
    }.
begins = Opens on { $at }, in the time zone of your class.
ended = Ended on { $at }, in the time zone of your class.
not_planned = This level is not in your class “{ $title }”. Its levels are on the map.
before_it = Opens when you win the level before it.
no_hints = Your class plays without hints, so solutions are not shown either.
