"""Pairs for the rules: every expectation beside its classes, every class beside what it maps to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property

from msgspec.structs import replace

from schema_sync.compare.binding import Bindings
from schema_sync.compare.chosen_types import classes_in, in_code
from schema_sync.compare.expected import Expected
from schema_sync.compare.function_binding import FunctionBindings, part_of
from schema_sync.compare.labels import Labels
from schema_sync.compare.new_fields import heads, named_field, new_field, takes_plain
from schema_sync.compare.objects import make_target
from schema_sync.compare.pydantic_fit import INSTANCE, Judge
from schema_sync.compare.rebinding import rebound, renamed_labels
from schema_sync.compare.settled import Settled
from schema_sync.compare.typeddict_fit import judge, resolve
from schema_sync.compare.write_shapes import asked
from schema_sync.model.base import grouped
from schema_sync.model.catalog import Column, QName
from schema_sync.model.declarations import (
    MODELS,
    TYPEDDICTS,
    Codebase,
    EnumDeclaration,
    Item,
    Location,
    PyType,
    RowDeclaration,
    Shape,
)
from schema_sync.model.edits import AddItem
from schema_sync.model.findings import Binding
from schema_sync.model.pairs import (
    ArgumentsPair,
    EnumPair,
    ExpectedItem,
    ExpectedRow,
    ExpectedType,
    Fit,
    ItemPair,
    RowPair,
)
from schema_sync.rules.registry import ROW_RULES

_CERTAIN = frozenset({"bool", "bytes", "decimal.Decimal", "float", "int", "list", "Literal", "str", "uuid.UUID"})
_TIMES = frozenset(f"datetime.{name}" for name in ("date", "datetime", "time", "timedelta"))


_Judged = tuple[PyType, ExpectedType, tuple[str, str], Judge | None, bool]


class Pairing:
    """Puts each class beside what is expected of it.

    *renames* holds, by object, new name of a column or label → the one it had at the last sync, *former* gives the
    columns of then. ``settled`` are the relations of the classes that no rule has anything to say of, and
    which have no pair.
    """

    def __init__(
        self,
        expected: Expected,
        codebase: Codebase,
        bindings: Bindings,
        functions: FunctionBindings,
        renames: Mapping[QName, Mapping[str, str]],
        former: Callable[[QName], Collection[str]],
    ) -> None:
        self._expected = expected
        self._objects = expected.objects
        self._codebase = codebase
        self._bindings = bindings
        self._renames = renames
        self._former = former
        enums = expected.catalog.enums_by_name
        self._labels = {
            b.declaration.id: enums[b.object].labels
            for b in bindings.bound
            if b.kind == "enum" and b.object in enums
        }
        self._functions = functions
        self._composites = {b.declaration.id: str(b.object) for b in bindings.bound if b.kind == "composite"}
        self._judgements: dict[_Judged, tuple[Fit, bool, bool]] = {}
        wire, precision = expected.options.wire, expected.options.precision
        self._lax = Judge(wire=wire, precision=precision)
        self._strict = Judge(wire=wire, precision=precision, strict=True)
        self._lists = Labels(codebase, self._labels)
        settled = Settled(expected, self._is_silent)
        unsettled = [binding for binding in bindings.bound if not settled.includes(binding)]
        left = set(map(id, unsettled))
        self.settled = tuple(binding.object for binding in bindings.bound if id(binding) not in left)
        self._by_object = grouped(((b.kind == "enum", b.object), b) for b in unsettled)
        self._lists.add(self._declared_columns(unsettled))
        self._fates: dict[Location, set[str | None]] = self._fates_of_inherited(unsettled)

    def pairs(self) -> Iterator[RowPair | EnumPair]:
        """Yield what the rules look at, in a stable order."""
        yield from self._expected_rows()
        yield from self._expected_enums()
        for binding in self._bindings.bound:
            declared, is_enum = binding.declaration, binding.kind == "enum"
            if binding.exists or self._objects.is_excluded(binding.object, enum=is_enum):
                continue
            target = make_target(binding.kind, binding.object, declared.at.path, declared.name)
            if isinstance(declared, EnumDeclaration):
                yield EnumPair(target=target, declared=declared, hint=binding.hint)
            elif isinstance(declared, RowDeclaration):
                pair = RowPair(target=target, declared=declared, shape=binding.shape, hint=binding.hint)
                yield replace(pair, partial=binding.partial)

    @cached_property
    def _row_objects(self) -> dict[str, QName]:
        rows = (*self._bindings.bound, *(b for b in self._functions.bound if part_of(b) == "rows"))
        return {b.declaration.id: b.object for b in rows if b.kind != "enum" and b.exists}

    def resolved(self, type_: PyType) -> PyType:
        """Return an annotation in the terms of values."""
        return resolve(type_, self._codebase.by_id, self._labels, self._composites)

    def row_objects(self, type_: PyType) -> Iterator[QName]:
        """Yield the relations, composite types and functions whose rows the classes in *type_* are for."""
        if type_.name in self._row_objects:
            yield self._row_objects[type_.name]
        for arg in type_.args:
            yield from self.row_objects(arg)

    def _declared_columns(self, bindings: Iterable[Binding]) -> Iterator[tuple[ExpectedItem, Item]]:
        """Yield the columns with labels that have an item, with it, of all bound classes."""
        for binding in bindings:
            if binding.exists and isinstance(binding.declaration, RowDeclaration):
                columns = self._expected.row(binding.object).items
                labelled = [column for column in columns if self._lists.of(column)]
                if labelled:
                    items = _by_key(binding.declaration, {column.key for column in columns}, binding.shape)
                    yield from ((column, items[column.key]) for column in labelled if column.key in items)

    def _fates_of_inherited(self, bindings: Iterable[Binding]) -> dict[Location, set[str | None]]:
        """Return what is to become of the items that bound classes inherit: new keys, None where it is to go."""
        found: dict[Location, set[str | None]] = defaultdict(set)
        for binding in bindings:
            declared = binding.declaration
            inherits = isinstance(declared, RowDeclaration) and any(item.inherited for item in declared.items)
            if not binding.exists or not inherits or not isinstance(declared, RowDeclaration):
                continue
            columns = {item.key for item in self._expected.row(binding.object).items}
            renamed = {old: new for new, old in self._renames.get(binding.object, {}).items()}
            for key, item in _by_key(declared, columns, binding.shape).items():
                stays = key in columns or not self._has_to_go(binding, key)
                found[item.at].add(key if stays else renamed.get(key))
        return found

    def _has_to_go(self, binding: Binding, key: str) -> bool:
        """Whether a key that is no column has to go: a partial class may have keys that never were one."""
        return not binding.partial or key in self._former(binding.object)

    def _is_shared(self, item: Item, fate: str | None) -> bool:
        return item.inherited and self._fates.get(item.at, {fate}) != {fate}

    def _expected_rows(self) -> Iterator[RowPair]:
        kinds, new = self._objects.row_kinds, self._expected.class_names.new
        open_ = {name for is_enum, name in self._by_object if not is_enum} | {name for _, name in new}
        for name in sorted(open_ & kinds.keys()):
            bound = self._by_object.get((False, name), [])
            if self._objects.is_excluded(name) or (not bound and kinds[name] == "composite"):
                continue
            yield from (self._expected.undeclared(name, s) for s in self._expected.class_names.missing(name))
            for binding in bound:
                declared = binding.declaration
                if isinstance(declared, RowDeclaration) and not declared.unknown:
                    known = self._expected.native if declared.form == "sqlalchemy" else self._expected
                    yield self.row(binding, declared, known.row(name, binding.shape))

    def _is_silent(self, name: QName, column: Column, type_: PyType) -> bool:
        """Whether no rule finds anything in a class that declares a *column* of *name* alone, with this type."""
        at = Location(path="", line=1)
        declared = RowDeclaration(name="", at=at, others=(Item(key=column.name, type=type_, at=at),))
        expected = self._expected.item(name, column)
        if self._lists.shared_list(expected, declared.items[0]):
            return False
        row = ExpectedRow(target=self._objects.row_target(name), items=(expected,))
        binding = Binding(declaration=declared, object=name, kind="table", exists=True, how="name")
        pair = self.row(binding, declared, row)
        return not any(fault for rule in ROW_RULES for fault in rule.find(pair))

    def row(self, binding: Binding, declared: RowDeclaration, expected: ExpectedRow) -> RowPair:
        """Return the pair of a class and what is expected of it."""
        kind = ArgumentsPair if binding.role == "arguments" else RowPair
        return kind(
            target=expected.target,
            expected=expected,
            declared=declared,
            shape=binding.shape,
            rebound=rebound(binding, self._objects),
            asked=not binding.partial and binding.shape in asked(self._objects, binding.object),
            partial=binding.partial,
            items=tuple(self._items(binding, expected, declared)),
        )

    def _items(self, binding: Binding, expected: ExpectedRow, declared: RowDeclaration) -> Iterator[ItemPair]:
        columns = {item.key for item in expected.items}
        renames = self._renames.get(binding.object, {})
        items = _by_key(declared, columns, binding.shape)
        renamed = {new: old for new, old in renames.items() if old in items and new not in items}
        is_model = declared.form not in TYPEDDICTS
        known = [(column, items[column.key]) for column in expected.items if column.key in items]
        plain = is_model and takes_plain(declared, known)
        before: Item | None = None
        for column in expected.items:
            item = items.get(column.key) or items.get(renamed.get(column.key, ""))
            new = None
            if is_model and item is None:
                new = new_field(declared, column, before, plain, binding.shape)
            elif is_model and column.key in renamed:
                new = named_field(declared, column, plain, binding.shape)
            elif item is None and _hides(declared, column.key, before):
                new = _at_the_end(declared, column)
            elif column.key in renamed and _hides(declared, column.key, item):
                column = replace(column, in_class=False)  # noqa: PLW2901
            before = item or before
            if item is None:
                yield ItemPair(expected=column, new=new)
                continue
            fit, admits_none, says_none = self._judged(column, item, declared, writes=binding.shape != "row")
            fit, mends = self._lists.mends(column, item, declared, fit)
            yield ItemPair(
                new=new,
                mends=mends,
                shared=self._is_shared(item, column.key),
                expected=column,
                declared=item,
                fit=fit,
                admits_none=admits_none,
                says_none=says_none,
                renamed_from=renamed.get(column.key),
            )
        for key, item in items.items():
            aside = item.field is not None and item.field.aside != ""
            stays = key in columns or key in renamed.values() or aside
            if not stays and self._has_to_go(binding, key):
                yield ItemPair(declared=item, shared=self._is_shared(item, None))

    def _judged(
        self, column: ExpectedItem, item: Item, declared: RowDeclaration, *, writes: bool
    ) -> tuple[Fit, bool, bool]:
        """Judge an item: its fit, whether it admits None, and whether it states that.

        Columns share the values of their type, items those of their annotation, so a pair is judged once.
        """
        if item.field and item.field.trusted:
            return "same", True, False
        if declared.form == "sqlalchemy":
            return self._judged_column(column, item)
        strict = item.field is not None and item.field.strict and not writes  # a program has what it puts in
        judged = None if declared.form not in MODELS else self._strict if strict else self._lax
        annotation, type_ = item.type, column.type
        exactly = str(annotation), str(type_.written)  # Python holds Literal[True] and Literal[1] to be equal
        key = annotation, type_, exactly, judged, writes
        if key not in self._judgements:
            if judged is self._strict:
                annotation = self._with_instances(annotation)
            values = in_code(type_.values, self._codebase)
            kept = classes_in(values)
            resolved = resolve(annotation, self._codebase.by_id, self._labels, self._composites, kept)
            says_none = any(member.name == "None" for member in resolved.members)
            known = replace(type_, values=values)
            fit = judged.fit(known, resolved) if judged else judge(known, resolved)
            if judged and writes and fit == "same" and judge(known, resolved) == "wide":
                fit = "wide"  # what a program puts in comes out again
            self._judgements[key] = fit, resolved.admits_none, says_none
        return self._judgements[key]

    def _judged_column(self, column: ExpectedItem, item: Item) -> tuple[Fit, bool, bool]:
        """Judge a column of a SQLAlchemy class: its type where drivers agree on what it yields, and its null."""
        nullable = item.field.nullable if item.field else None
        resolved = self.resolved(item.type)
        certain = _is_certain(column.type.values) and not resolved.is_opaque
        fit = judge(column.type, resolved) if certain else "same"
        return "same" if fit == "wide" else fit, nullable is not False, nullable is True

    def _with_instances(self, annotation: PyType) -> PyType:
        """Return *annotation* with ``INSTANCE`` for the classes of which a strict model takes instances alone."""
        found = self._codebase.by_id.get(annotation.name)
        if found is not None and found.form in {"enum", "str_enum", "dataclass"}:
            return INSTANCE
        return replace(annotation, args=tuple(map(self._with_instances, annotation.args)))

    def _expected_enums(self) -> Iterator[EnumPair]:
        objects = self._objects
        for name in sorted({*objects.enum_names, *(n for is_enum, n in self._by_object if is_enum)}):
            if name not in objects.catalog.enums_by_name or objects.is_excluded(name, enum=True):
                continue
            expected = self._expected.enum(name)
            bound = self._by_object.get((True, name), [])
            if not bound and (True, name) not in self._bindings.unread:
                target = self._expected.class_names.new_target(expected.target, name, "enum")
                yield EnumPair(target=target, expected=replace(expected, target=target))
            for binding in bound:
                declared = binding.declaration
                if isinstance(declared, EnumDeclaration) and not declared.unknown:
                    pair = EnumPair(target=expected.target, expected=expected, declared=declared)
                    renamed = renamed_labels(declared, expected.labels, self._renames.get(name, {}))
                    yield replace(pair, rebound=rebound(binding, objects), renamed=renamed)


def _by_key(declared: RowDeclaration, columns: set[str], shape: Shape) -> dict[str, Item]:
    """Return the items by the key that maps to a column, else by the first of their keys.

    What is read has the keys of validation; what is written that of serialization, or the name.
    """
    found: dict[str, Item] = {}
    for item in declared.items:
        keys = item.keys
        if shape != "row" and item.field is not None:
            keys = (item.field.dumped or item.name, item.name)
        found[next((key for key in keys if key in columns), keys[0])] = item
    return found


def _is_certain(values: PyType) -> bool:
    """Whether every driver yields such values, so that SQLAlchemy's types show what the program gets."""
    return values.name in _CERTAIN | _TIMES and all(map(_is_certain, values.args))


def _hides(declared: RowDeclaration, key: str, before: Item | None) -> bool:
    """Whether an item *key* of a TypedDict's class, behind *before*, would hide a type from those that follow."""
    own = [item for item in declared.items if not item.inherited]
    following = own[own.index(before) + 1 :] if before in own else []
    return declared.form == "class" and any(key in heads(item.type) for item in following)


def _at_the_end(declared: RowDeclaration, column: ExpectedItem) -> AddItem:
    return AddItem(
        path=declared.at.path,
        declaration=declared.name,
        key=column.key,
        type=column.type.written,
        after=declared.items[-1].key,
    )
