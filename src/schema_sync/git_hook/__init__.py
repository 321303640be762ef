"""The git hook: compares what is staged with the database, or offline with the last sync."""
