"""The extension hstore: to_json casts its values to a JSON object."""

from __future__ import annotations

from schema_sync.mapping.base import Mapped, TypeMap

_HSTORE = "dict[str, str | None]"

TYPES = TypeMap(
    extension="hstore",
    types={"hstore": Mapped(json=_HSTORE, native=_HSTORE, why="hstore_to_json: an object of text")},
)
