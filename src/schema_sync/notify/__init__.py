"""Tells people about drift and its end, once: a message, the channels it goes to, what was told before."""
