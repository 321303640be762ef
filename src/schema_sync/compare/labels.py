"""Annotations that list a column's labels: a Literal, or an Enum class or alias that maps to no enum type.

They are mended where they are spelled. Several columns may share one: it is to have the labels of all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from schema_sync.model.declarations import MODELS, Codebase, EnumDeclaration, Item, PyType, RowDeclaration
from schema_sync.model.edits import AddMember, RemoveMember, SetItemType, SetResultType
from schema_sync.model.pairs import ExpectedItem, ExpectedType, Fit, Mend

_LISTS = frozenset(
    {"list", *(f"collections.abc.{n}" for n in ("Sequence", "MutableSequence", "Collection", "Iterable"))}
)
_ARRAY = ":Array"


class Labels:
    """The shared lists of labels; *bound* are the ids of classes that map to an enum type."""

    def __init__(self, codebase: Codebase, bound: Collection[str]) -> None:
        self._enums = {enum.id: enum for enum in codebase.enums if enum.id not in bound and not enum.unknown}
        self._aliases = codebase.aliases
        self._shared: dict[str, dict[str, None]] = defaultdict(dict)
        self._labels: dict[ExpectedType, tuple[str, ...]] = {}

    def add(self, pairs: Iterable[tuple[ExpectedItem, Item]]) -> None:
        """Note the labels of all columns that have an item, before anything is mended."""
        for column, item in pairs:
            shared = self.shared_list(column, item)
            if shared:
                self._shared[shared].update(dict.fromkeys(self.of(column)))

    def of(self, column: ExpectedItem) -> tuple[str, ...]:
        """Return the labels of a column; none where it has no list of them."""
        if column.type not in self._labels:
            self._labels[column.type] = _labels(column.type)
        return self._labels[column.type]

    def shared_list(self, column: ExpectedItem, item: Item) -> str:
        """Return the id of the class or alias that lists the labels of a column; empty if none does."""
        labels = self.of(column)
        if not labels or (column.type.exact and column.type.values.name == "list"):
            return ""  # any array may hold nulls: the list has to change too
        leaf = _leaf(item.type)
        if leaf.name in self._enums:
            values = {member.value for member in self._enums[leaf.name].members}
            return leaf.name if None not in values and not values.isdisjoint(labels) else ""
        own = _leaf(self._aliases.get(item.alias, leaf))
        fits = leaf.name == "Literal" and own == leaf and not set(leaf.literals).isdisjoint(labels)
        return item.alias if fits else ""

    def mends(
        self, column: ExpectedItem, item: Item, declared: RowDeclaration, fit: Fit
    ) -> tuple[Fit, tuple[Mend, ...]]:
        """Return the fit of an item, shared lists considered, and what mends it."""
        if fit == "same" and not self.of(column):
            return fit, ()
        shared, literals = self.shared_list(column, item), _leaf(item.type).literals
        if fit == "wide" and shared == item.alias != "" and set(literals) == set(self._shared[shared]):
            fit = "same"  # it has the labels of all columns that the alias annotates
        enum = self._enums.get(shared) if fit != "disjoint" else None
        if enum is not None:
            found = tuple(self._members(enum, self.of(column)))
            if found:
                return fit, found
            fit = "same" if fit == "wide" else fit
        if fit == "same":
            return fit, ()
        type_ = self._literal(column, item, shared) if fit in {"narrow", "wide"} else None
        if type_ is not None and shared:
            path, _, name = shared.rpartition(":")
            respelled = SetResultType(path=path, declaration=name, type=type_)
            return fit, (Mend(fit=fit, becomes=type_, edits=(respelled,)),)
        type_ = type_ or _replacement(column, item, declared)
        edit = SetItemType(path=declared.at.path, declaration=declared.name, key=item.name, type=type_)
        fixed = not (item.inherited or (item.field and item.field.constrained))
        return fit, (Mend(fit=fit, becomes=type_, edits=(edit,) if fixed else ()),)

    def _members(self, enum: EnumDeclaration, labels: tuple[str, ...]) -> Iterator[Mend]:
        """Yield what an Enum class or Literal alias lacks of a column's labels, and what no column has."""
        path, name, becomes = enum.at.path, enum.name, PyType(name="Literal", literals=labels)
        values = dict.fromkeys(member.value for member in enum.members if member.value is not None)
        before = dict(zip(labels, (None, *labels), strict=False))
        added = [
            AddMember(path=path, declaration=name, label=x, after=before[x]) for x in labels if x not in values
        ]
        if added:
            yield Mend(fit="narrow", becomes=becomes, edits=tuple(added))
        surplus = [value for value in values if value not in self._shared[enum.id]]
        if surplus:
            removed = (RemoveMember(path=path, declaration=name, label=x) for x in surplus)
            yield Mend(fit="wide", becomes=becomes, edits=tuple(removed))

    def _literal(self, column: ExpectedItem, item: Item, shared: str) -> PyType | None:
        """Return the type of an item that spells a Literal, with the column's labels; None where it spells none.

        Where the alias *shared* spells it, it is that alias's type, with the labels of all its columns.
        """
        leaf, labels = _leaf(item.type), self.of(column)
        if not labels or leaf.name != "Literal" or set(leaf.literals).isdisjoint(labels):
            return None
        if not shared:
            return _with_leaf(item.type, column.type.written, labels)
        alias = self._aliases[shared]
        return _with_leaf(alias, alias, tuple(self._shared[shared]))


def _replacement(column: ExpectedItem, item: Item, declared: RowDeclaration) -> PyType:
    """Return the type to write: a model converts to a richer one, a strict one makes no member of an Enum."""
    type_ = column.type
    if item.field and item.field.strict and declared.form in MODELS:
        return type_.loose if type_.loose is not None and ":" in type_.written.name else type_.written
    return type_.of(model=declared.form in MODELS)


def _labels(type_: ExpectedType) -> tuple[str, ...]:
    leaf = _leaf(type_.values)
    texts = tuple(value for value in leaf.literals if isinstance(value, str))
    return texts if leaf.name == "Literal" and len(texts) == len(leaf.literals) else ()


def _leaf(type_: PyType) -> PyType:
    """Return the innermost element of lists, None beside it left out."""
    type_ = type_.without_none
    while type_.name in _LISTS and len(type_.args) == 1:
        type_ = type_.args[0].without_none
    return type_


def _with_leaf(type_: PyType, model: PyType, labels: tuple[str, ...]) -> PyType:
    """Return *type_* with *labels* for its Literal; its lists are those of *model* where that names an alias."""
    type_ = type_.without_none
    if type_.name not in _LISTS:
        return PyType(name="Literal", literals=labels)
    name = model.name if model.name.endswith(_ARRAY) else "list"
    inner = model.args[0] if model.args else model
    return PyType(name=name, args=(_with_leaf(type_.args[0], inner, labels),))
