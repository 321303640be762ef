"""The extension seg: intervals of measurements."""

from __future__ import annotations

from schema_sync.mapping.base import TypeMap, text

TYPES = TypeMap(extension="seg", types={"seg": text("it has no cast to json: text such as 1.5 .. 2")})
