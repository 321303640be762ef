"""The language of queries: PostgREST's grammar, and where a part of a string stands in a Python file."""
