"""The extension PostGIS: since 3.0 to_json casts a geometry to GeoJSON; a geography stays hexadecimal text."""

from __future__ import annotations

from schema_sync.mapping.base import Mapped, TypeMap

TYPES = TypeMap(
    extension="postgis",
    types={
        "geometry": Mapped(
            json="dict[str, typing.Any]",
            native="str",
            why="the cast geometry → json gives GeoJSON; drivers get hexadecimal EWKB as text",
        ),
    },
)
