"""What a column puts on the wire in PostgreSQL's terms, and the type that a model takes from it.

A value's text tells more than ``str``: a uuid's is always a UUID. Authority: ``to_json`` of the server.
"""

from __future__ import annotations

from schema_sync.mapping.types import MOST_ARRAYS, listed
from schema_sync.model.catalog import Catalog, TypeRef
from schema_sync.model.declarations import PyType
from schema_sync.model.options import Precision, Wire
from schema_sync.model.pairs import WireFormat

_TEXT = WireFormat(kind="other")
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
    types = listed(ref.name, catalog)
    kind, _, of = types.format.partition(" of ")
    if wire == "native" and types.native == "str" and kind in {"object", "json"}:
        return _TEXT  # only to_json calls a cast to json
    if not kind:
        return None
    return WireFormat(kind=kind, element=WireFormat(kind=of) if of else None)


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
