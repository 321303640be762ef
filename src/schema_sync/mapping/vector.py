"""The extension pgvector: a vector is text such as ``[1,2.5,3]``, not a JSON array."""

from __future__ import annotations

from schema_sync.mapping.base import TypeMap, text

_TEXT = text("it has no cast to json; psycopg gives an array only once pgvector.psycopg is registered")

TYPES = TypeMap(
    extension="vector",
    types={
        "vector": _TEXT,
        "halfvec": _TEXT,
        "sparsevec": text("it has no cast to json: index and value pairs, such as {1:1.5}/3"),
    },
)
