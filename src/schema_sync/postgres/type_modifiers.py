"""Type modifiers (pg_attribute.atttypmod) as the text within a type's parentheses.

Authority: the typmodout functions of the types, as format_type() shows them.
"""

from __future__ import annotations

_HEADER = 4  # VARHDRSZ, which PostgreSQL adds to the modifiers of variable-length types
_INTERVAL_FULL_RANGE = 0x7FFF
_INTERVAL_FULL_PRECISION = 0xFFFF
_INTERVAL_FIELDS = {  # masks of datetime.h: 1 << MONTH, YEAR, DAY, HOUR, MINUTE, SECOND
    1 << 2: "year",
    1 << 1: "month",
    1 << 3: "day",
    1 << 10: "hour",
    1 << 11: "minute",
    1 << 12: "second",
    1 << 2 | 1 << 1: "year to month",
    1 << 3 | 1 << 10: "day to hour",
    1 << 3 | 1 << 10 | 1 << 11: "day to minute",
    1 << 3 | 1 << 10 | 1 << 11 | 1 << 12: "day to second",
    1 << 10 | 1 << 11: "hour to minute",
    1 << 10 | 1 << 11 | 1 << 12: "hour to second",
    1 << 11 | 1 << 12: "minute to second",
}
_SHAPES = (  # lwgeom types of PostGIS, in the order of their numbers
    *("Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
    *("GeometryCollection", "CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface"),
    *("PolyhedralSurface", "Triangle", "Tin"),
)


def modifier_text(type_name: str, typmod: int) -> str | None:
    """Return the modifier of *type_name* as text (``12,4``, ``20``), None where there is none (-1)."""
    if typmod < 0:
        return None
    if type_name in {"varchar", "bpchar"}:
        return str(typmod - _HEADER)
    if type_name == "numeric":
        packed = typmod - _HEADER
        scale = (packed & 0x7FF ^ 0x400) - 0x400  # eleven bits, two's complement: a scale may be negative
        return f"{packed >> 16 & 0xFFFF},{scale}"
    if type_name == "interval":
        return _interval(typmod)
    if type_name in {"geometry", "geography"}:
        return _shape(typmod)
    return str(typmod)


def _shape(packed: int) -> str:
    """Return the modifier of a PostGIS type, such as ``Point,4326`` (TYPMOD_* in liblwgeom.h)."""
    number, srid = packed >> 2 & 0x3F, packed >> 8 & 0x1FFFFF
    shape = _SHAPES[number] if number < len(_SHAPES) else str(number)
    shape += f"{'Z' if packed & 2 else ''}{'M' if packed & 1 else ''}"
    return f"{shape},{srid}" if srid else shape


def _interval(packed: int) -> str | None:
    fields, precision = packed >> 16 & 0x7FFF, packed & 0xFFFF
    parts = [] if fields == _INTERVAL_FULL_RANGE else [_INTERVAL_FIELDS.get(fields, str(fields))]
    parts += [] if precision == _INTERVAL_FULL_PRECISION else [str(precision)]
    return ",".join(parts) or None
