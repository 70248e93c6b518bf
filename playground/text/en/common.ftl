# What other messages are put together from.
two = { $first } { $second }
quoted = “{ $text }”
piece = { $piece } (a piece of { $word })
line_break = the line break
space = the space
site = { SITE($site) }
any = { OR($options) }

# Units and numbers beside which they stand.
units = activation units
of_100 = of 100
percent_tokens = % of the tokens
percent_replies = % of the replies
percent_maximum = % of the feature's own maximum
points = { NUMBER($value, maximumFractionDigits: 0) } of 100
points_fine = { NUMBER($value, minimumFractionDigits: 1) } of 100
part_of = { $right } of { $count }
norms = strength { NUMBER($strength, maximumFractionDigits: 2) }
