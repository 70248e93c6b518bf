# A graphics card that Hugging Face lends for some seconds (ZeroGPU) was refused, or failed.
none_left = Hugging Face has no graphics card to lend you right now: your free minutes of today are used up, or every card is out. For { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    } the Space’s own processor writes instead, at a stroll. Ask again and it begins.
failed = The graphics card that Hugging Face lends did not finish this. For { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    } the Space’s own processor writes instead, at a stroll. Ask again and it begins.
