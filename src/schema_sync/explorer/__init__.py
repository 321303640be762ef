"""One HTML page to explore a schema and the code that uses it, without network or server."""
