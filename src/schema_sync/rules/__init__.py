"""The rules: one module each, whose docstring is its manual page."""
