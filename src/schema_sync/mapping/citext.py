"""The extension citext: text whose comparison ignores case."""

from __future__ import annotations

from schema_sync.mapping.base import TypeMap, text

TYPES = TypeMap(extension="citext", types={"citext": text("it is text, and sent as it was written")})
