# The kind `site`.
ask =
    The same kind of push, equally strong, at each site, with the site's own detector of
    { INLINE($topic) }. At which site does it bring { INLINE($topic) } into most of { $seeds } replies?
why =
    At { SITE($best) } it brought { INLINE($topic) } into { $own } of { $seeds } replies, at { $others }. The
    push was { $strength } residual norms everywhere (1 is the usual size of the inner state at that
    site). { $place } The replies were counted; what each later block did with the push was not
    measured.
count = { SITE($site) } into { $count }
first = After the earliest of these sites, the most blocks can still turn a push into words, or wash it out.
between = From here, the later blocks can still work on a push, after others have read.
last = After the last of these sites, the fewest blocks are left to change a push, and the fewest to build on it.
block = { SITE($site) }: after block { $number }
effect = Replies about { INLINE($topic) }, of { $seeds } at each site
damage = Damage to the text, averaged over the same { $seeds }
portrait = The feature pushed at { SITE($site) }
