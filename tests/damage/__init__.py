"""Holds the damage score against 60 replies that were read by hand, and against its own verdict on
the beginnings of 200."""
