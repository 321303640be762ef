"""The declarations that the code should hold, projected from the catalog."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from schema_sync.compare.chosen import in_comment
from schema_sync.compare.comments import shown, shown_above
from schema_sync.compare.literals import LiteralChecks
from schema_sync.compare.wired import as_sent, rich
from schema_sync.compare.writes import Writes
from schema_sync.mapping import names
from schema_sync.mapping.aliases import ANY_JSON
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.overrides import Overrides
from schema_sync.mapping.types import ColumnType, Manner, column_type, sql_name
from schema_sync.model.pairs import ExpectedEnum, ExpectedItem, ExpectedRow, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schema_sync.compare.naming import Naming
    from schema_sync.compare.options import Options
    from schema_sync.model.catalog import Catalog, Column, QName, Relation, TypeRef
    from schema_sync.model.declarations import PyType, Shape

_ARRAY = parse_type("list[typing.Any]")
_MARKERS = {"table": "Table", "view": "View", "enum": "Enum", "composite": "Type", "function": "Function"}


class _Known(NamedTuple):
    """A type in Python, in SQL, on the wire (None where a person chose it), and in a model."""

    mapped: ColumnType
    database_type: str
    wired: PyType | None
    rich: PyType


class Expectations:
    """What a catalog asks of the code; each expectation is made when it is first needed."""

    def __init__(self, catalog: Catalog, options: Options) -> None:
        self.catalog = catalog
        self.options = options
        self.overrides = Overrides(options.types)
        self.literals = LiteralChecks(catalog, wanted=options.check_literals)
        self._types: dict[tuple[TypeRef, str], _Known] = {}
        self.naming: Naming | None = None  # set once the classes are bound: expectations may name them
        self._rows: dict[tuple[QName, Shape], ExpectedRow] = {}

    @cached_property
    def _manner(self) -> Manner:
        options = self.options
        return Manner(
            wire=options.wire,
            precision=options.precision,
            enums=options.enum_form,
            aliases=options.homes.aliases,
            class_of=self._class_of,
        )

    @cached_property
    def _manner_of_models(self) -> Manner:
        return replace(self._manner, class_of=self._class_in_model)

    def _class_of(self, name: QName, enum: bool) -> str | None:
        return self.naming.declaration_id(name, enum=enum, form="typeddict") if self.naming else None

    def _class_in_model(self, name: QName, enum: bool) -> str | None:
        return self.naming.declaration_id(name, enum=enum, form="pydantic") if self.naming else None

    @cached_property
    def native(self) -> Expectations:
        """The same for classes whose values a driver makes, whatever the wire of the others."""
        found = Expectations(self.catalog, replace(self.options, wire="native"))
        found.naming = self.naming
        return found

    @cached_property
    def writes(self) -> Writes:
        """What the relations take."""
        return Writes(self.catalog, self.options)

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

    def row(self, name: QName, shape: Shape = "row") -> ExpectedRow:
        """Return what the relation or composite *name* asks of its class of *shape*."""
        if (name, shape) not in self._rows:
            relation = self.catalog.relations_by_name.get(name)
            columns = relation.columns if relation else self.catalog.composites_by_name[name].attributes
            if relation is None:  # no constraint binds the values of a composite
                columns = tuple(replace(c, nullable=True) for c in columns)
            if shape != "row":
                columns = tuple(replace(c, nullable=False) if c.new_not_null else c for c in columns)
            items = tuple(self._item(name, c) for c in columns)
            found = relation or self.catalog.composites_by_name[name]
            self._rows[name, shape] = ExpectedRow(
                target=self.row_target(name),
                form=self.options.target,
                items=items,
                shapes=self.writes.taken(name),
                comment=self._shown(found.comment),
            )
        return self._rows[name, shape]

    def row_target(self, name: QName) -> Target:
        """Return the relation or composite *name* as findings name it."""
        home = self._home(self.catalog.relations_by_name.get(name))
        return make_target(self.row_names[name], name, home)

    def enum(self, name: QName) -> ExpectedEnum:
        """Return what the enum type *name* asks of its class."""
        found = self.catalog.enums_by_name[name]
        return ExpectedEnum(target=self.enum_target(name), labels=found.labels, comment=self._shown(found.comment))

    def enum_target(self, name: QName) -> Target:
        """Return the enum type *name* as findings name it."""
        return make_target("enum", name, self.options.homes.enums)

    def class_name(self, target: Target) -> str:
        """Return what a new class for *target* is called if nothing else has that name; of a row's, the stem."""
        if target.kind == "enum":
            name = names.enum_class_name(target.name)
        else:
            name = names.row_class_stem(target.name, self.options.plurals)
        return name if target.schema == self.options.schemas[0] else names.prefixed(target.schema, name)

    def _home(self, relation: Relation | None) -> str:
        homes = self.options.homes
        return homes.relationships if relation and is_junction(relation) else homes.entities

    def _item(self, relation: QName, column: Column) -> ExpectedItem:
        mapped, database_type, form, model_type = self._column_type(column.type, relation.schema)
        if column.json_array and mapped.values == ANY_JSON and mapped.written.name == "dict":
            mapped, model_type = replace(mapped, written=_ARRAY), _ARRAY
        override = self.overrides.of_column(relation, column.name) or in_comment(column.comment)
        if override is not None:
            mapped, form, model_type = ColumnType.plain(override), None, override
        elif (labels := self.literals.of_column(relation, column)) is not None:
            mapped, form, model_type = replace(mapped, written=labels, values=labels, loose=labels), labels, labels
        return ExpectedItem(
            key=column.name,
            type=mapped.written,
            values=mapped.values,
            loose=mapped.loose,
            nullable=column.nullable and not self._is_stated_not_null(relation, column.name),
            null_free=mapped.values != ANY_JSON and mapped.values == mapped.values.without_none,
            given=self.writes.demands(relation, column),
            filled=self.writes.fills(column),
            insertable=self.writes.inserts(column),
            updatable=self.writes.updates(column),
            supplied=self.writes.supplied(relation, column),
            in_class=names.is_key(column.name),
            exact=self.options.precision == "exact",
            narrowed=self.literals.unknown_for(column),
            database_type=database_type,
            comment=shown_above(column.comment) if self.options.comments else "",
            wired=form,
            rich=model_type,
        )

    def _column_type(self, ref: TypeRef, schema: str = "") -> _Known:
        """Return what a type is in the columns of *schema*."""
        key = ref, schema if self.overrides.by_schema else ""
        if key not in self._types:
            of = partial(column_type, ref, self.catalog, schema=schema)
            mapped = of(overrides=self.overrides, manner=self._manner)
            in_model = of(overrides=self.overrides, manner=self._manner_of_models)
            unchosen = of(overrides={}, manner=self._manner) if self.overrides else mapped
            form = as_sent(ref, self.catalog, self.options.wire, mapped.values) if mapped == unchosen else None
            model_type = rich(in_model.written, form, self.options.wire, self.options.precision)
            self._types[key] = _Known(mapped, sql_name(ref), form, model_type)
        return self._types[key]

    def _is_stated_not_null(self, relation: QName, column: str) -> bool:
        return self.row_names.get(relation) == "view" and self.states_not_null(f"{relation}.{column}")

    def _shown(self, comment: str | None) -> str:
        return shown(comment) if self.options.comments else ""

    def states_not_null(self, name: str) -> bool:
        """Whether the configuration says that a column of a view, or of a function's result, is never null."""
        return any(fnmatchcase(name, pattern) for pattern in self.options.not_null)

    def unused_not_null(self) -> tuple[str, ...]:
        """Return the patterns of ``not-null`` that no column of a view or a function's result matches."""
        views = (relation for relation in self.catalog.relations if relation.is_view and self.options.not_null)
        names = [f"{view.name}.{column.name}" for view in views for column in view.columns]
        names += [f"{f.name}.{output.name}" for f in self.catalog.functions for output in f.outputs]
        return tuple(p for p in self.options.not_null if not any(fnmatchcase(name, p) for name in names))

    def type_of(self, ref: TypeRef) -> tuple[ColumnType, str]:
        """Return what a type that is no column's is in Python, and its name in SQL."""
        known = self._column_type(ref)
        return known.mapped, known.database_type


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
