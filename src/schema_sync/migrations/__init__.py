"""Validates the files of a migrations folder: names and order, text, unsafe operations, replay, what follows."""
