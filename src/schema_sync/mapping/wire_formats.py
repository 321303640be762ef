"""What a column puts on the wire in PostgreSQL's terms, and the type that a model takes from it.

A value's text tells more than ``str``: a uuid's is always a UUID. Authority: ``to_json`` of the server.
"""

from __future__ import annotations

from schema_sync.mapping.types import MOST_ARRAYS
from schema_sync.model.catalog import Catalog, QName, TypeRef
from schema_sync.model.declarations import PyType
from schema_sync.model.options import Precision, Wire
from schema_sync.model.pairs import WireFormat

_TEXT = WireFormat(kind="other")
_FORMATS = (
    "int2 int4 int8 float4 float8 numeric bool uuid timestamp timestamptz date time timetz interval bytea inet "
    "cidr oid text json"
)
_LIKE = {
    "bpchar": "text",
    "char": "text",
    "name": "text",
    "varchar": "text",
    "jsonb": "json",
    "xid": "oid",
    "xid8": "oid",
    "cid": "oid",
}
_VECTORS = {"int2vector": "int2", "oidvector": "oid"}
_STRUCTURED = frozenset({"array", "vector", "object"})
_RICH = {
    "uuid": "uuid.UUID",
    "timestamp": "datetime.datetime",
    "timestamptz": "datetime.datetime",
    "date": "datetime.date",
    "time": "datetime.time",
    "numeric": "decimal.Decimal",
}
_RICH_IN_EXACT = frozenset({"uuid"})


def wire_format(ref: TypeRef, catalog: Catalog, wire: Wire, depth: int = 0) -> WireFormat | None:
    """Return the format of a type's values, None where nothing is known of them.

    *ref* is the element of *depth* arrays.
    """
    ref = catalog.over(ref)[-1]
    if ref.dims:
        inner = type(ref)(name=ref.name, modifier=ref.modifier)
        element = wire_format(inner, catalog, wire, depth + 1) if depth < MOST_ARRAYS else None
        return WireFormat(kind="array", element=element)
    if (enum := catalog.enums_by_name.get(ref.name)) is not None and enum.name not in catalog.json_casts:
        return WireFormat(kind="labels", labels=enum.labels) if enum.labels else _TEXT
    if ref.name in catalog.composites_by_name or ref.name in catalog.relations_by_name:
        return WireFormat(kind="object", composite=str(ref.name))
    return _base(ref.name, catalog, wire)


def _base(full: QName, catalog: Catalog, wire: Wire) -> WireFormat | None:
    name = full.name
    if name == "hstore" or (name == "geometry" and wire == "json"):
        return WireFormat(kind="object")
    if full in catalog.json_casts and wire == "json":
        return WireFormat(kind="json")  # to_json calls a cast of somebody's own
    if full.schema != "pg_catalog":
        return WireFormat(kind="text") if name == "citext" else _TEXT
    if name in _VECTORS:
        return WireFormat(kind="vector", element=WireFormat(kind=_VECTORS[name]))
    if name == "unknown":
        return None
    return WireFormat(kind=name if name in _FORMATS.split() else _LIKE.get(name, "other"))


def as_sent(ref: TypeRef, catalog: Catalog, wire: Wire, values: PyType) -> WireFormat | None:
    """Return the format, or text where the mapping knows that a driver leaves an array or object as its text."""
    found = wire_format(ref, catalog, wire)
    return _TEXT if found and found.kind in _STRUCTURED and values.name == "str" else found


def in_model(written: PyType, format_: WireFormat | None, wire: Wire, precision: Precision) -> PyType:
    """Return what a model is given for a column whose TypedDict is given *written*.

    On the json wire pydantic makes a UUID, a moment, a Decimal of what comes; in ``exact`` only where it does so
    of every value (there is no ``datetime`` for ``infinity``). Natively the values are such objects already.
    """
    if format_ is None or wire != "json":
        return written
    if format_.kind == "array" and format_.element and len(written.args) == 1:  # in a list or Array
        return PyType(name=written.name, args=(in_model(written.args[0], format_.element, wire, precision),))
    chosen = _RICH.get(format_.kind) if precision == "plain" or format_.kind in _RICH_IN_EXACT else None
    return PyType(name=chosen) if chosen and written.name in {"str", "float"} else written
