"""What a column puts on the wire in PostgreSQL's terms, and what a model does best to take from it.

A value's text tells more than ``str``: a uuid's is always a UUID. Authority: ``to_json`` of the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.mapping.types import MOST_ARRAYS
from schema_sync.model.declarations import PyType

if TYPE_CHECKING:
    from schema_sync.mapping.types import Precision, Wire
    from schema_sync.model.catalog import Catalog, QName, TypeRef

OBJECT = PyType(name="row")
JSON = PyType(name="json")
TEXT = PyType(name="other")
_FORMATS = (
    "int2 int4 int8 float4 float8 numeric bool uuid timestamp timestamptz date time timetz interval bytea inet "
    "cidr oid text json"
)
_LIKE = {
    "bpchar": "text",
    "char": "text",
    "name": "text",
    "varchar": "text",
    "citext": "text",
    "jsonb": "json",
    "xid": "oid",
    "xid8": "oid",
    "cid": "oid",
}
_VECTORS = {"int2vector": "int2", "oidvector": "oid"}
_STRUCTURED = frozenset({"list", "vector", OBJECT.name})
_UNKNOWN = frozenset({"unknown"})
_RICH = {
    "uuid": "uuid.UUID",
    "timestamp": "datetime.datetime",
    "timestamptz": "datetime.datetime",
    "date": "datetime.date",
    "time": "datetime.time",
    "numeric": "decimal.Decimal",
}
_RICH_IN_EXACT = frozenset({"uuid"})


def wired(ref: TypeRef, catalog: Catalog, wire: Wire, depth: int = 0) -> PyType | None:
    """Return a type whose names are formats of ``validated``, besides ``list``, ``Literal``, ``row``, ``json``.

    An enum is the Literal of its labels, ``vector`` a list that holds no null, ``row`` an object (of the type in
    its literals, if it has them). None where
    nothing is known of the values. *ref* is the element of *depth* arrays.
    """
    ref = catalog.over(ref)[-1]
    if ref.dims:
        inner = type(ref)(name=ref.name, modifier=ref.modifier)
        element = wired(inner, catalog, wire, depth + 1) if depth < MOST_ARRAYS else None
        return PyType(name="list", args=(element,)) if element else PyType(name="list")
    if (enum := catalog.enums_by_name.get(ref.name)) is not None and enum.name not in catalog.json_casts:
        return PyType(name="Literal", literals=enum.labels) if enum.labels else TEXT
    if ref.name in catalog.composites_by_name or ref.name in catalog.relations_by_name:
        return PyType(name=OBJECT.name, literals=(str(ref.name),))
    return _base(ref.name, catalog, wire)


def _base(full: QName, catalog: Catalog, wire: Wire) -> PyType | None:
    name = full.name
    if name == "hstore" or (name == "geometry" and wire == "json"):
        return OBJECT
    if full in catalog.json_casts and wire == "json":
        return JSON  # to_json calls a cast of somebody's own
    if full.schema != "pg_catalog":
        return PyType(name=_LIKE.get(name, "other") if name == "citext" else "other")
    if name in _VECTORS:
        return PyType(name="vector", args=(PyType(name=_VECTORS[name]),))
    if name in _UNKNOWN:
        return None
    return PyType(name=name if name in _FORMATS.split() else _LIKE.get(name, "other"))


def as_sent(ref: TypeRef, catalog: Catalog, wire: Wire, values: PyType) -> PyType | None:
    """Return ``wired``, or text where the mapping knows that a driver leaves an array or object as its text."""
    form = wired(ref, catalog, wire)
    return TEXT if form and form.name in _STRUCTURED and values.name == "str" else form


def rich(written: PyType, form: PyType | None, wire: Wire, precision: Precision) -> PyType:
    """Return what a model is given for a column whose TypedDict is given *written*.

    On the json wire pydantic makes a UUID, a moment, a Decimal of what comes; in ``exact`` only where it does so
    of every value (there is no ``datetime`` for ``infinity``). Natively the values are such objects already.
    """
    if form is None or wire != "json":
        return written
    if form.name == "list" and form.args and len(written.args) == 1:  # a list, or the alias of exact precision
        return PyType(name=written.name, args=(rich(written.args[0], form.args[0], wire, precision),))
    chosen = _RICH.get(form.name) if precision == "plain" or form.name in _RICH_IN_EXACT else None
    return PyType(name=chosen) if chosen and written.name in {"str", "float"} else written
