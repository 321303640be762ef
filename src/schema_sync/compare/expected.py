"""The declarations that the code should hold, projected from the catalog."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property, partial

from msgspec.structs import replace

from schema_sync.compare.check_literals import LiteralChecks
from schema_sync.compare.chosen_types import in_comment
from schema_sync.compare.class_names import ClassNames
from schema_sync.compare.comments import shown, shown_above
from schema_sync.compare.objects import DatabaseObjects
from schema_sync.compare.write_shapes import column_writes, taken
from schema_sync.mapping import names
from schema_sync.mapping.aliases import ANY_JSON
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.overrides import Overrides
from schema_sync.mapping.types import Manner, column_type, sql_name
from schema_sync.mapping.wire_formats import as_sent, in_model
from schema_sync.model.catalog import Column, QName, Relation, TypeRef
from schema_sync.model.declarations import Form, PyType, Shape
from schema_sync.model.options import Wire
from schema_sync.model.pairs import ExpectedEnum, ExpectedItem, ExpectedRow, ExpectedType, RowPair, WireFormat

Chosen = tuple[PyType | None, str, tuple[str, ...] | None, bool, str]
"""A type that a person chose, its text, the values that a check names, whether null never comes, the schema."""
_NOTHING_CHOSEN: Chosen = (None, "", None, False, "")
_ARRAY = parse_type("list[typing.Any]")


class Expected:
    """What a catalog asks of the code; each expectation is made when it is first needed."""

    def __init__(self, objects: DatabaseObjects, class_names: ClassNames, wire: Wire | None = None) -> None:
        self.objects = objects
        self.catalog = objects.catalog
        self.options = objects.options
        self.class_names = class_names
        self._wire: Wire = wire or self.options.wire
        self.overrides = Overrides(self.options.types)
        self.literals = LiteralChecks(self.catalog, wanted=self.options.check_literals)
        self._manner, self._manner_of_models = self._manner_for("typeddict"), self._manner_for("pydantic")
        self._types: dict[tuple[TypeRef, str], tuple[ExpectedType, str]] = {}
        self._rows: dict[tuple[QName, Shape], ExpectedRow] = {}
        self._null_free: dict[PyType, bool] = {}
        self.is_chosen = bool(self.overrides or self.options.check_literals or self.options.not_null)

    def _manner_for(self, form: Form) -> Manner:
        return Manner(
            wire=self._wire,
            precision=self.options.precision,
            enums=self.options.enum_form,
            aliases=self.options.paths.aliases,
            class_of=partial(self.class_names.declaration_id, form=form),
        )

    @cached_property
    def native(self) -> Expected:
        """The same for classes whose values a driver makes, whatever the wire of the others."""
        return Expected(self.objects, self.class_names, "native")

    def row(self, name: QName, shape: Shape = "row") -> ExpectedRow:
        """Return what the relation or composite *name* asks of its class of *shape*."""
        if (name, shape) not in self._rows:
            found = self.catalog.relations_by_name.get(name) or self.catalog.composites_by_name[name]
            if isinstance(found, Relation):
                columns = found.columns
            else:  # no constraint binds the values of a composite
                columns = tuple(replace(c, nullable=True) for c in found.attributes)
            if shape != "row":
                columns = tuple(replace(c, nullable=False) if c.new_not_null else c for c in columns)
            self._rows[name, shape] = ExpectedRow(
                target=self.objects.row_target(name),
                form=self.options.target,
                items=tuple(self.item(name, c) for c in columns),
                shapes=taken(self.objects, name),
                comment=self._shown(found.comment),
            )
        return self._rows[name, shape]

    def undeclared(self, name: QName, shape: Shape = "row") -> RowPair:
        """Return the pair of the relation or composite *name* and the class of *shape* that it lacks."""
        expected = self.row(name, shape)
        target = self.class_names.new_target(expected.target, name, shape)
        return RowPair(target=target, expected=replace(expected, target=target), shape=shape)

    def enum(self, name: QName) -> ExpectedEnum:
        """Return what the enum type *name* asks of its class."""
        found = self.catalog.enums_by_name[name]
        return ExpectedEnum(
            target=self.objects.enum_target(name), labels=found.labels, comment=self._shown(found.comment)
        )

    def chosen(self, relation: QName, column: Column) -> Chosen | None:
        """Return what decides the item of *column* besides its own type and null; None where there is nothing."""
        if not self.is_chosen and (column.comment is None or "@type(" not in column.comment):
            return None
        override = self.overrides.of_column(relation, column.name) or in_comment(column.comment)
        labels = None if override is not None else self.literals.of_column(relation, column)
        is_view = self.objects.row_kinds.get(relation) == "view"
        never_null = is_view and self.states_not_null(f"{relation}.{column.name}")
        return override, str(override), labels, never_null, relation.schema if self.overrides.by_schema else ""

    def item(self, relation: QName, column: Column) -> ExpectedItem:
        """Return what *column* asks of its item."""
        type_, database_type = self.type_of(column.type, relation.schema)
        if column.json_array and type_.values == ANY_JSON and type_.written.name == "dict":
            type_ = replace(type_, written=_ARRAY, in_model=_ARRAY)
        override, _, labels, never_null, _ = self.chosen(relation, column) or _NOTHING_CHOSEN
        if override is not None:
            type_ = replace(type_, written=override, in_model=None, values=override, loose=None, wire=None)
        elif labels is not None:
            literal, sent = PyType(name="Literal", literals=labels), WireFormat(kind="labels", labels=labels)
            type_ = replace(type_, written=literal, in_model=None, values=literal, loose=None, wire=sent)
        return ExpectedItem(
            key=column.name,
            type=type_,
            database_type=database_type,
            nullable=column.nullable and not never_null,
            null_free=self._is_null_free(type_.values),
            writes=column_writes(self.objects, relation, column),
            in_class=names.is_key(column.name),
            comment=shown_above(column.comment) if self.options.comments else "",
        )

    def _is_null_free(self, values: PyType) -> bool:
        if values not in self._null_free:
            self._null_free[values] = values != ANY_JSON and values == values.without_none
        return self._null_free[values]

    def type_of(self, ref: TypeRef, schema: str = "") -> tuple[ExpectedType, str]:
        """Return what a type is in Python, in the columns of *schema* if that is set, and its name in SQL."""
        key = ref, schema if self.overrides.by_schema else ""
        if key not in self._types:
            of = partial(column_type, ref, self.catalog, schema=schema)
            mapped = of(overrides=self.overrides, manner=self._manner)
            modelled = of(overrides=self.overrides, manner=self._manner_of_models)
            unchosen = of(manner=self._manner) if self.overrides else mapped
            wire = as_sent(ref, self.catalog, self._wire, mapped.values) if mapped == unchosen else None
            found = ExpectedType(
                written=mapped.written,
                in_model=in_model(modelled.written, wire, self._wire, self.options.precision),
                values=mapped.values,
                loose=mapped.loose,
                wire=wire,
                exact=self.options.precision == "exact",
                narrowed=self.literals.unknown_for(ref),
            )
            self._types[key] = found, sql_name(ref)
        return self._types[key]

    def _shown(self, comment: str | None) -> str:
        return shown(comment) if self.options.comments else ""

    def states_not_null(self, name: str) -> bool:
        """Whether the configuration states that a column of a view, or of a function's result, is never null."""
        return any(fnmatchcase(name, pattern) for pattern in self.options.not_null)

    def unused_not_null(self) -> tuple[str, ...]:
        """Return the patterns of ``not-null`` that no column of a view or a function's result matches."""
        views = (relation for relation in self.catalog.relations if relation.is_view and self.options.not_null)
        names = [f"{view.name}.{column.name}" for view in views for column in view.columns]
        names += [f"{f.name}.{output.name}" for f in self.catalog.functions for output in f.outputs]
        return tuple(p for p in self.options.not_null if not any(fnmatchcase(name, p) for name in names))
