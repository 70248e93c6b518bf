title = Steering Playground
home = Map
chat = Chat
sandbox = Sandbox
features = Features
circuit = Circuits
handbook = Handbook
about = About
theme = Light or dark
foot = Everything runs on the machine that serves this page; nothing you type is sent on from there.
nav = Pages
stop = Stop
opening = One moment, the cat is stretching…
engine = The model stumbled over this one. Try again; if it happens twice, restart the game.
store = The notebook where progress is kept does not open just now, so nothing of this was kept. Try again in a moment.
stranger = Your progress was not found on this server. Reload the page to start over.
back = Back to the map
stars = { $count } of { $total } stars
description = Look inside a small language model, find what fires on an idea, and turn it up while the model writes.
slow = { $seconds ->
        [one] From your address come more requests than the game takes. Try again in a second.
       *[other] From your address come more requests than the game takes. Try again in { $seconds } seconds.
    }
copy = Copy the link
copied = Copied
copy_by_hand = Selected: press Ctrl+C
code = QR code, for a projector or a phone
code_says = QR code of { $address }
