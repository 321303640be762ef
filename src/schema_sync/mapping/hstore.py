"""The extension hstore: to_json casts its values to a JSON object."""

from __future__ import annotations

from schema_sync.mapping.base import Mapped, TypeMap, text

TYPES = TypeMap(
    extension="hstore",
    types={
        "hstore": Mapped(
            json="dict[str, str | None]",
            native="dict[str, str | None]",
            native_exact="str",
            why="hstore_to_json: an object of text; psycopg gives a dict only once register_hstore was called",
        ),
        "ghstore": text("an index's own; it has no cast to json"),
    },
)
