# The kind `site`.
which =
    The same kind of push, equally strong, at each site, with the site's own detector of
    { INLINE($topic) }. At which site does it bring { INLINE($topic) } into most of { $seeds } replies?
    { $shown ->
        [one] One of them is
       *[other] { $shown } of them are
    } shown for each site.
because =
    At { SITE($best) } it brought { INLINE($topic) } into { $own } of { $seeds } replies, at { $others }. With
    so many replies that is no accident: the true share at { SITE($best) } is at least
    { NUMBER($low, maximumFractionDigits: 0) } in a hundred, elsewhere at most
    { NUMBER($high, maximumFractionDigits: 0) } (Wilson's 95 % intervals). The push had strength
    { $strength } everywhere (1 is the usual size of the inner state at that site). { $place } The replies
    were counted; what each later block did with the push was not measured.
count = { SITE($site) } into { $count }
first = After the earliest of these sites, the most blocks can still turn a push into words, or wash it out.
between = From here, the later blocks can still work on a push, after others have read.
last = After the last of these sites, the fewest blocks are left to change a push, and the fewest to build on it.
block = { SITE($site) }: after block { $number }
effect = Replies about { INLINE($topic) }, of { $seeds } at each site
replies = of { $seeds } replies
damage = Damage to the text, averaged over the same { $seeds }
portrait = The feature pushed at { SITE($site) }
# Of earlier versions; players' kept verdicts hold them.
ask =
    The same kind of push, equally strong, at each site, with the site's own detector of
    { INLINE($topic) }. At which site does it bring { INLINE($topic) } into most of { $seeds } replies?
why =
    At { SITE($best) } it brought { INLINE($topic) } into { $own } of { $seeds } replies, at { $others }. The
    push had strength { $strength } everywhere (1 is the usual size of the inner state at that
    site). { $place } The replies were counted; what each later block did with the push was not
    measured.
