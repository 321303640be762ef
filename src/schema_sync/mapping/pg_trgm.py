"""The extension pg_trgm: it has no type for columns, only what its indexes hold."""

from __future__ import annotations

from schema_sync.mapping.base import TypeMap, text

TYPES = TypeMap(extension="pg_trgm", types={"gtrgm": text("an index's own")})
