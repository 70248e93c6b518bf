ask =
    Two look-alikes. Write a text on which { $fires } fires and { $quiet } stays silent: { $fires } must
    reach { NUMBER($needed, maximumFractionDigits: 1) } activation units, { $quiet } must stay under
    { NUMBER($allowed, maximumFractionDigits: 1) }.
why =
    { $fires } peaked at { NUMBER($peak, maximumFractionDigits: 1) } activation units
    ({ NUMBER($needed, maximumFractionDigits: 1) } were needed) and { $quiet } at
    { NUMBER($other, maximumFractionDigits: 1) } (it had to stay under
    { NUMBER($allowed, maximumFractionDigits: 1) }).
found = One of the texts that work: “{ $text }”.
nothing = You wrote nothing, so there was nothing to fire on.
strip = Feature { $name } in your text, in activation units
portrait = Feature { $name }
