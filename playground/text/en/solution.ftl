# What is told to whoever gives up.
open = Give up?
cost = You get no star for it, and you may try the level again. Seeing the solution opens all hints, so at most { $left } of { $stars } stars are left to win here.
cost_round = This round then ends without a star. Every question that you have seen gets its answer and its reason; the next round has new questions.
show = Show me the solution
title = How it can be done
lead =
    { $count ->
        [one] One feature does it. Try it, and see for yourself.
       *[other] It takes { $count } features. Try them, and see for yourself.
    }
at = strength { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) }
steers = Measured beforehand, at strength { NUMBER($strength, maximumFractionDigits: 2) }: { NUMBER($whole, maximumFractionDigits: 0) } % of the replies are about { INLINE($topic) } and whole. A control push of the same size brings it into { NUMBER($control, maximumFractionDigits: 0) } %.
reversed = Turned up to { NUMBER($strength, maximumFractionDigits: 2) }, it makes { NUMBER($whole, maximumFractionDigits: 0) } % of the replies about { INLINE($topic) } and leaves them whole (a control push: { NUMBER($control, maximumFractionDigits: 0) } %). Turned the other way, it takes { INLINE($topic) } out.
detects = Shown one text about { INLINE($topic) } and one about something else, it fires more on the right one in { NUMBER($right, maximumFractionDigits: 0) } of 100 pairs.
take = Set the dials so
told = What this level is about
collect = Collect it
