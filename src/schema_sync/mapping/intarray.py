"""The extension intarray: its arrays are PostgreSQL's own, its queries are text."""

from __future__ import annotations

from schema_sync.mapping.base import TypeMap, text

_TEXT = text("it has no cast to json: text such as 1&(2|3)")

TYPES = TypeMap(extension="intarray", types={"query_int": _TEXT, "intbig_gkey": text("an index's own")})
