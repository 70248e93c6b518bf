# The map of features on the page of features.
title = A map of all features
lead = Each dot is a feature. Two that push the model in similar directions stand near each other, so you can walk from a feature to its relatives.
open = Open the map
keys = Map of features. Arrow keys walk, plus and minus zoom, 0 shows the whole map. The list beside it holds the features in view.
in = Closer
out = Farther
whole = The whole map
topic = named after a topic
named = named after words or letters
plain = without a name, shown by words it fires on
none = Tap a dot to see what it is.
view = In view, topics first
kept = A flat map cannot keep everything: of a feature’s { NUMBER($nearest) } closest relatives, about { $near } stand among its { NUMBER($nearest) } nearest dots. Far apart says little, and neither axis means anything.
source = Laid out by the angles between decoder directions with t-SNE (van der Maaten and Hinton, 2008).
