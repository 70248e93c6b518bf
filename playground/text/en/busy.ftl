# The model has too much to do to take more.
own = { $rows ->
        [one] One of your replies is
       *[other] { $rows } of your replies are
    } still being written. Let some of them end before you ask for more.
all = The model is busy: { $rows ->
        [one] one reply is
       *[other] { $rows } replies are
    } waiting already. Try again in a minute.
often = { $seconds ->
        [one] Easy, even a cat pauses between two leaps: try again in a second.
       *[other] Easy, even a cat pauses between two leaps: try again in { $seconds } seconds.
    }
