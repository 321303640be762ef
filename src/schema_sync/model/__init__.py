"""Frozen values that all other layers exchange; they know no I/O and no policy."""
