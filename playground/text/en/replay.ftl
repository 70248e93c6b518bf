lead = Your best try at this level, as it was. Nothing is written again.
