"""The extension cube; the domain earth of earthdistance is one."""

from __future__ import annotations

from schema_sync.mapping.base import TypeMap, text

TYPES = TypeMap(extension="cube", types={"cube": text("it has no cast to json: text such as (1, 2),(3, 4)")})
