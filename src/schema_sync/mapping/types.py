"""PostgreSQL type → Python type: what to write, and the set of values to judge by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from schema_sync.mapping.base import Mapped, extension_types
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.postgres import TEXT, TYPES
from schema_sync.model.base import Value
from schema_sync.model.catalog import Facet
from schema_sync.model.declarations import PyType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schema_sync.model.catalog import Catalog, TypeRef

Wire = Literal["json", "native"]
Precision = Literal["plain", "exact"]
EnumColumns = Literal["str", "enum", "literal"]

ANY_JSON = PyType(name="json")
"""The value set of a json column: whatever JSON can say. It is never written."""

_ANY = PyType(name="typing.Any")
_OBJECT = parse_type("dict[str, typing.Any]")
_SQL_NAMES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "bpchar": "char",
}
_CATALOG_NAMES = {sql: name for name, sql in _SQL_NAMES.items()} | {
    "int": "int4",
    "decimal": "numeric",
    "character varying": "varchar",
    "character": "bpchar",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
}


class ColumnType(Value, frozen=True, kw_only=True):
    """The Python side of a column's type, None apart: as written, and as a set of values."""

    written: PyType
    values: PyType


def column_type(ref: TypeRef, catalog: Catalog, *, wire: Wire, overrides: Mapping[str, str]) -> ColumnType:
    """Return what a column of type *ref* is in Python.

    An array is a list of its elements whatever its dimensions, a domain its base type, an enum ``str``
    whose values are the labels, a composite an object. *overrides* maps a type's SQL or qualified name to
    a type expression.
    """
    if ref.dims:
        element = column_type(_element(ref), catalog, wire=wire, overrides=overrides)
        return ColumnType(
            written=PyType(name="list", args=(element.written,)),
            values=PyType(name="list", args=(element.values,)),
        )
    override = _override(ref, overrides)
    if override is not None:
        return ColumnType(written=override, values=override)
    if (enum := catalog.enums_by_name.get(ref.name)) is not None:
        return ColumnType(written=PyType(name="str"), values=PyType(name="Literal", literals=enum.labels))
    if (domain := catalog.domains_by_name.get(ref.name)) is not None:
        return column_type(domain.base, catalog, wire=wire, overrides=overrides)
    if ref.name in catalog.composites_by_name or ref.name in catalog.relations_by_name:
        return ColumnType(written=_OBJECT, values=_OBJECT)
    if is_open(ref, catalog):
        return ColumnType(written=_ANY, values=_ANY)
    mapped = _mapped(ref)
    written = parse_type(mapped.json if wire == "json" else mapped.native)
    is_json = ref.name.schema == "pg_catalog" and ref.name.name in {"json", "jsonb"}
    return ColumnType(written=written, values=ANY_JSON if is_json else written)


def is_open(ref: TypeRef, catalog: Catalog) -> bool:
    """Tell whether *catalog* leaves open what *ref* is: a composite, a domain, an enum type, a range."""
    if Facet.COMPOSITES in catalog.covers or ref.name.schema == "pg_catalog":
        return False
    known = catalog.enums_by_name, catalog.domains_by_name, catalog.composites_by_name, catalog.relations_by_name
    return ref.name.name not in extension_types() and not any(ref.name in part for part in known)


def _element(ref: TypeRef) -> TypeRef:
    return type(ref)(name=ref.name, modifier=ref.modifier)


def _mapped(ref: TypeRef) -> Mapped:
    if ref.name.schema == "pg_catalog":
        return TYPES.types.get(ref.name.name, TEXT)
    return extension_types().get(ref.name.name, TEXT)


def _override(ref: TypeRef, overrides: Mapping[str, str]) -> PyType | None:
    for key, text in overrides.items():
        if key == str(ref.name) or _CATALOG_NAMES.get(key.lower(), key) == ref.name.name:
            return parse_type(text)
    return None


def sql_name(ref: TypeRef) -> str:
    """Return *ref* in SQL's spelling, such as ``varchar(20)``, ``integer[]`` or ``public.mood``."""
    qualified = ref.name.schema != "pg_catalog"
    name = str(ref.name) if qualified else _SQL_NAMES.get(ref.name.name, ref.name.name)
    return f"{name}{f'({ref.modifier})' if ref.modifier else ''}{'[]' * ref.dims}"
