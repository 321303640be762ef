"""PostgreSQL type → Python type: what to write, and the set of values to judge by."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from schema_sync.mapping.aliases import ANY_JSON, ARRAY, nullable, placed, values_of
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.overrides import SQL_NAMES, Overrides
from schema_sync.mapping.type_table import CAST, EXTENSION_TYPES, POSTGRES_TYPES, TEXT, PythonTypes
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, EnumType, Facet, QName, TypeRef
from schema_sync.model.declarations import PyType
from schema_sync.model.options import EnumColumns, Precision, Wire

_STR = PyType(name="str")
_ANY = PyType(name="typing.Any")
_OBJECT = parse_type("dict[str, typing.Any]")
_EXACT_OBJECT = parse_type("dict[str, Json]")
MOST_ARRAYS = 20  # domains over arrays of domains over arrays: Python's parser takes 200 brackets
_UNREGISTERED = frozenset({"pg_snapshot"})  # psycopg knows the type, but not its arrays


class ColumnType(Value, frozen=True, kw_only=True):
    """The Python side of a column's type, None apart: as written, and as a set of values.

    ``loose`` is an annotation that is as good as ``written``: ``str`` for an enum, whatever is written for one.
    """

    written: PyType
    values: PyType
    loose: PyType

    @classmethod
    def plain(cls, written: PyType) -> ColumnType:
        """Return the type whose values are what *written* says."""
        return cls(written=written, values=written, loose=written)


class Manner(Value, frozen=True, kw_only=True):
    """How types are written.

    Attributes:
        wire: what brings the values.
        precision: whether all that can come is admitted.
        enums: the form of enum columns.
        aliases: the path of the file of ``Json`` and ``Array``.
        class_of: the id of the class that stands, or will stand, for an enum type (True) or for a composite type
            or relation; None if there is none.
    """

    wire: Wire = "json"
    precision: Precision = "plain"
    enums: EnumColumns = "str"
    aliases: str = "schemas/aliases.py"
    class_of: Callable[[QName, bool], str | None] = lambda _, __: None

    @property
    def exact(self) -> bool:
        """Whether precision is exact."""
        return self.precision == "exact"


def column_type(
    ref: TypeRef,
    catalog: Catalog,
    *,
    overrides: Overrides | None = None,
    manner: Manner | None = None,
    schema: str = "",
) -> ColumnType:
    """Return what a column of type *ref* in a relation of *schema* is in Python.

    An array is a list of its elements whatever its dimensions, a domain its base type, an enum ``str`` whose
    values are the labels, a composite an object or the class that maps to it.
    """
    return _Mapping(catalog, overrides or Overrides({}), manner or Manner(), schema).of(ref)


class _Mapping(Struct, frozen=True):
    """The types of one schema's columns."""

    _catalog: Catalog
    _overrides: Overrides
    _manner: Manner
    _schema: str

    def of(self, ref: TypeRef, depth: int = 0) -> ColumnType:
        """Return the Python side of *ref*, which is the element of *depth* arrays."""
        for part in self._catalog.over(ref):
            override = None if part.dims else self._overrides.of_type(part, self._schema)
            if override is not None:
                return ColumnType.plain(override)
            ref = part
        if ref.dims:
            return self._array(ref, depth)
        if (enum := self._catalog.enums_by_name.get(ref.name)) is not None:
            return self._enum(enum)
        if ref.name in self._catalog.composites_by_name or ref.name in self._catalog.relations_by_name:
            return self._composite(ref.name)
        return ColumnType.plain(_ANY) if is_open(ref, self._catalog) else self._base(ref)

    def _array(self, ref: TypeRef, depth: int) -> ColumnType:
        exact = self._manner.exact
        known = ref.name.schema == "pg_catalog" and ref.name.name not in _UNREGISTERED
        if exact and self._manner.wire == "native" and not known:
            return ColumnType.plain(_STR)  # psycopg loads arrays of types that it was told of
        inner = TypeRef(name=ref.name, modifier=ref.modifier)
        element = self.of(inner, depth + 1) if depth < MOST_ARRAYS else ColumnType.plain(_ANY)
        head = f"{self._manner.aliases}:{ARRAY}" if exact else "list"
        values = nullable(element.values) if exact else element.values
        return ColumnType(
            written=PyType(name=head, args=(element.written,)),
            values=PyType(name="list", args=(values,)),
            loose=PyType(name="list", args=(nullable(element.loose) if exact else element.loose,)),
        )

    def _enum(self, enum: EnumType) -> ColumnType:
        if not enum.labels:
            return ColumnType.plain(_STR)  # nothing can come, and an empty Literal is not a type
        if enum.name in self._catalog.json_casts:
            return self._base(TypeRef(name=enum.name))
        labels = PyType(name="Literal", literals=enum.labels)
        class_id = self._manner.class_of(enum.name, True) if self._manner.enums == "enum" else None
        written = _STR if self._manner.enums == "str" else PyType(name=class_id) if class_id else labels
        return ColumnType(written=written, values=labels, loose=_STR)

    def _composite(self, name: QName) -> ColumnType:
        if self._manner.wire == "native":
            return ColumnType.plain(_STR)  # psycopg: the text of a row, unless register_composite was called
        class_id = self._manner.class_of(name, False)
        if class_id is not None and not (self._manner.exact and self._refuses_nulls(name)):
            values = PyType(name="dict", args=_OBJECT.args, literals=(str(name),))
            return ColumnType(written=PyType(name=class_id), values=values, loose=_OBJECT)
        written = placed(_EXACT_OBJECT, self._manner.aliases) if self._manner.exact else _OBJECT
        return ColumnType(written=written, values=_OBJECT, loose=_OBJECT)

    def _refuses_nulls(self, name: QName) -> bool:
        """Return whether *name* is a relation whose rows lack nulls that its type, as a column's, may well hold.

        PostgreSQL manual, "Composite Types": no constraint of the table applies to values outside the table.
        """
        relation = self._catalog.relations_by_name.get(name)
        return relation is not None and not all(column.nullable for column in relation.columns)

    def _base(self, ref: TypeRef) -> ColumnType:
        written = self._annotation(listed(ref.name, self._catalog), ref)
        is_json = ref.name.schema == "pg_catalog" and ref.name.name in {"json", "jsonb"}
        values = ANY_JSON if is_json else values_of(written)
        return ColumnType(written=placed(written, self._manner.aliases), values=values, loose=values)

    def _annotation(self, types: PythonTypes, ref: TypeRef) -> PyType:
        exact = self._manner.exact
        if self._manner.wire == "native":
            return parse_type(types.native_exact or types.native if exact else types.native)
        if exact and ref.modifier and types.modified is not None:
            return types.modified
        chosen = types.exact or types.json if exact else types.json
        return parse_type(chosen) if isinstance(chosen, str) else chosen


def listed(name: QName, catalog: Catalog) -> PythonTypes:
    """Return the entry of a base type in the table."""
    if name.schema == "pg_catalog" and name.name in POSTGRES_TYPES:
        return POSTGRES_TYPES[name.name]
    known = EXTENSION_TYPES.get(name.name)
    return known or (CAST if name in catalog.json_casts else TEXT)


def sql_name(ref: TypeRef) -> str:
    """Return *ref* in SQL's spelling, such as ``varchar(20)``, ``integer[]`` or ``public.mood``."""
    qualified = ref.name.schema != "pg_catalog"
    name = str(ref.name) if qualified else SQL_NAMES.get(ref.name.name, ref.name.name)
    return f"{name}{f'({ref.modifier})' if ref.modifier else ''}{'[]' * ref.dims}"


def is_open(ref: TypeRef, catalog: Catalog) -> bool:
    """Return whether *catalog* leaves open what *ref* is: a composite, a domain, an enum type, a range."""
    if Facet.COMPOSITES in catalog.covers or ref.name.schema == "pg_catalog":
        return False
    known = catalog.enums_by_name, catalog.domains_by_name, catalog.composites_by_name, catalog.relations_by_name
    return ref.name.name not in EXTENSION_TYPES and not any(ref.name in part for part in known)
