"""The declarations that the code should hold, projected from the catalog."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from schema_sync.compare.wired import rich, wired
from schema_sync.mapping import names
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.types import ANY_JSON, ColumnType, column_type, sql_name
from schema_sync.model.pairs import ExpectedEnum, ExpectedItem, ExpectedRow, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schema_sync.compare.naming import Naming
    from schema_sync.compare.options import Options
    from schema_sync.model.catalog import Catalog, Column, QName, Relation, TypeRef
    from schema_sync.model.declarations import PyType

_MARKERS = {"table": "Table", "view": "View", "enum": "Enum", "composite": "Type"}


class Expectations:
    """What a catalog asks of the code; each expectation is made when it is first needed."""

    def __init__(self, catalog: Catalog, options: Options) -> None:
        self.catalog = catalog
        self.options = options
        self._types: dict[TypeRef, tuple[ColumnType, str, PyType | None, PyType]] = {}
        self.naming: Naming | None = None  # set once the classes are bound: expectations may name them
        self._rows: dict[QName, ExpectedRow] = {}

    @cached_property
    def row_names(self) -> dict[QName, str]:
        """Relations and stand-alone composites of the chosen schemas: qualified name → kind of target."""
        found = {r.name: "view" if r.is_view else "table" for r in self.catalog.relations}
        found.update({c.name: "composite" for c in self.catalog.composites if not c.external})
        return found

    @cached_property
    def enum_names(self) -> tuple[QName, ...]:
        """Enum types of the chosen schemas."""
        return tuple(e.name for e in self.catalog.enums if not e.external)

    def is_excluded(self, name: QName, *, enum: bool = False) -> bool:
        """Whether the configuration leaves the object out; patterns match its name or schema.name."""
        patterns = self.options.exclude_enums if enum else self.options.exclude_tables
        return any(fnmatchcase(name.name, p) or fnmatchcase(str(name), p) for p in patterns)

    def row(self, name: QName) -> ExpectedRow:
        """Return what the relation or composite *name* asks of its class."""
        if name not in self._rows:
            relation = self.catalog.relations_by_name.get(name)
            columns = relation.columns if relation else self.catalog.composites_by_name[name].attributes
            items = tuple(self._item(name, c) for c in columns)
            self._rows[name] = ExpectedRow(target=self.row_target(name), form=self.options.target, items=items)
        return self._rows[name]

    def row_target(self, name: QName) -> Target:
        """Return the relation or composite *name* as findings name it."""
        home = self._home(self.catalog.relations_by_name.get(name))
        return make_target(self.row_names[name], name, home)

    def enum(self, name: QName) -> ExpectedEnum:
        """Return what the enum type *name* asks of its class."""
        return ExpectedEnum(target=self.enum_target(name), labels=self.catalog.enums_by_name[name].labels)

    def enum_target(self, name: QName) -> Target:
        """Return the enum type *name* as findings name it."""
        return make_target("enum", name, self.options.homes.enums)

    def class_name(self, target: Target) -> str:
        """Return what a new class for *target* is called if nothing else has that name."""
        if target.kind == "enum":
            name = names.enum_class_name(target.name)
        else:
            name = names.row_class_name(target.name, self.options.plurals)
        return name if target.schema == self.options.schemas[0] else names.schema_prefix(target.schema) + name

    def _home(self, relation: Relation | None) -> str:
        homes = self.options.homes
        return homes.relationships if relation and is_junction(relation) else homes.entities

    def _item(self, relation: QName, column: Column) -> ExpectedItem:
        mapped, database_type, form, rich_type = self._column_type(column.type)
        if self.options.types and (override := self.options.types.get(f"{relation}.{column.name}")) is not None:
            chosen = parse_type(override)
            mapped, form, rich_type = ColumnType(written=chosen, values=chosen), None, chosen
        return ExpectedItem(
            key=column.name,
            type=mapped.written,
            values=mapped.values,
            nullable=column.nullable,
            null_free=mapped.values != ANY_JSON,
            given=not (
                column.nullable
                or column.has_default
                or column.identity is not None
                or column.generated is not None
            ),
            in_class=names.is_key(column.name),
            database_type=database_type,
            wired=form,
            rich=rich_type,
        )

    def _column_type(self, ref: TypeRef) -> tuple[ColumnType, str, PyType | None, PyType]:
        """Return what a type is in Python, in SQL, on the wire (unless it is configured), and in a model."""
        known = self._types.get(ref)
        if known is None:
            options = self.options
            mapped = column_type(ref, self.catalog, wire=options.wire, overrides=options.types)
            plain = column_type(ref, self.catalog, wire=options.wire, overrides={}) if options.types else mapped
            form = wired(ref, self.catalog, options.wire) if mapped == plain else None
            model_type = rich(mapped.written, form, options.wire, options.precision)
            known = self._types[ref] = mapped, sql_name(ref), form, model_type
        return known


def make_target(kind: str, name: QName, path: str, class_name: str = "") -> Target:
    """Return the target for a database object; *kind* is a key of the marker's word.

    A marker that would end in a quote gets a full stop: docstrings end in quotes too.
    """
    full = spelled(name)
    return Target(
        kind=kind,  # type: ignore[arg-type]
        schema=name.schema,
        name=name.name,
        marker=f"{_MARKERS[kind]}: {full}" + "." * full.endswith('"'),
        class_name=class_name,
        path=path,
    )


def spelled(name: QName) -> str:
    """Return a qualified name as SQL needs it; ``markers.parse_object`` reads it back."""
    return f"{quoted(name.schema)}.{quoted(name.name)}"


def quoted(name: str) -> str:
    """Return an identifier as SQL needs it: bare where that folds to itself, else in double quotes."""
    bare = name.isascii() and name.isidentifier() and name == name.lower()
    return name if bare else '"' + name.replace('"', '""') + '"'


def is_junction(relation: Relation) -> bool:
    """Tell whether a table only ties others together.

    Its primary key spans the columns of two or more foreign keys, or two or more foreign keys that refuse
    null are together unique.
    """
    required = {c.name for c in relation.columns if not c.nullable}
    foreign = {c.columns for c in relation.constraints if c.kind == "foreign"}
    return any(
        _ties(set(key.columns), foreign, required, exactly=key.kind == "unique")
        for key in relation.constraints
        if key.kind in {"primary", "unique"}
    )


def _ties(key: set[str], foreign: set[tuple[str, ...]], required: set[str], *, exactly: bool) -> bool:
    inside: Sequence[tuple[str, ...]] = [f for f in foreign if key.issuperset(f) and required.issuperset(f)]
    covered = {column for f in inside for column in f}
    return len(inside) > 1 and (covered == key or not exactly)
