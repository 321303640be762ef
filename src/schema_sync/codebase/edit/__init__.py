"""How edits become text: places in a file, entries of a body or brackets, spellings and styles."""
