"""The extension PostGIS: since 3.0 to_json casts a geometry to GeoJSON; a geography stays hexadecimal text."""

from __future__ import annotations

from schema_sync.mapping.base import Mapped, TypeMap, text

_TEXT = text("it has no cast to json")

TYPES = TypeMap(
    extension="postgis",
    types={
        "geometry": Mapped(
            json="dict[str, typing.Any]",
            native="str",
            exact="dict[str, Json]",
            why="the cast geometry → json gives GeoJSON; drivers get hexadecimal EWKB as text",
        ),
        "geography": text("it has no cast to json: hexadecimal EWKB"),
        "box2d": _TEXT,
        "box2df": _TEXT,
        "box3d": _TEXT,
        "gidx": _TEXT,
        "spheroid": _TEXT,
        "raster": text("of postgis_raster; it has no cast to json: hexadecimal text"),
    },
)
