"""Annotations that list a column's labels: a Literal, or an Enum class or alias that maps to no enum type.

They are mended where they are spelled. Several columns may share one: it is to have the labels of all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from schema_sync.model.declarations import Codebase, EnumDeclaration, Item, PyType
from schema_sync.model.pairs import ExpectedItem, Listed

_LISTS = frozenset(
    {"list", *(f"collections.abc.{n}" for n in ("Sequence", "MutableSequence", "Collection", "Iterable"))}
)
_ARRAY = ":Array"


class Labels:
    """The shared lists of labels; *bound* are the ids of classes that map to an enum type."""

    def __init__(
        self, codebase: Codebase, bound: Collection[str], pairs: Iterable[tuple[ExpectedItem, Item]]
    ) -> None:
        self._enums = {enum.id: enum for enum in codebase.enums if enum.id not in bound and not enum.unknown}
        self._aliases = codebase.aliases
        self._shared: dict[str, dict[str, None]] = defaultdict(dict)
        for column, item in pairs:
            shared, labels = self._shared_list(column, item)
            if shared:
                self._shared[shared].update(dict.fromkeys(labels))

    def _shared_list(self, column: ExpectedItem, item: Item) -> tuple[str, tuple[str, ...]]:
        """Return the id of the class or alias that lists the labels of a column, and these; empty if none does."""
        labels = _labels(column)
        if not labels or (column.type.exact and column.type.values.name == "list"):
            return "", ()  # any array may hold nulls: the list has to change too
        leaf = _leaf(item.type)
        if leaf.name in self._enums:
            values = {member.value for member in self._enums[leaf.name].members}
            fits = None not in values and not values.isdisjoint(labels)
            return (leaf.name, labels) if fits else ("", ())
        own = _leaf(self._aliases.get(item.alias, leaf))
        fits = leaf.name == "Literal" and own == leaf and not set(leaf.literals).isdisjoint(labels)
        return (item.alias, labels) if fits else ("", ())

    def listed(self, column: ExpectedItem, item: Item) -> Listed | None:
        """Return the class or alias of an item whose members are to be the column's labels."""
        shared, labels = self._shared_list(column, item)
        declared = self._enums.get(shared)
        if not isinstance(declared, EnumDeclaration):
            return None
        values = dict.fromkeys(member.value for member in declared.members if member.value is not None)
        return Listed(
            declared=declared,
            labels=labels,
            missing=tuple(label for label in labels if label not in values),
            surplus=tuple(value for value in values if value not in self._shared[shared]),
        )

    def is_shared(self, column: ExpectedItem, item: Item) -> bool:
        """Whether an alias spells the item's Literal and has the labels of all columns that it annotates."""
        shared, _ = self._shared_list(column, item)
        return shared == item.alias != "" and set(_leaf(item.type).literals) == set(self._shared[shared])

    def literal(self, column: ExpectedItem, item: Item) -> tuple[PyType | None, str]:
        """Return the type of an item that spells a Literal, with the column's labels; None where it spells none.

        Where an alias spells it, it is the alias's type, with the labels of all columns that it annotates, and the
        alias's id.
        """
        leaf, labels = _leaf(item.type), _labels(column)
        if not labels or leaf.name != "Literal" or set(leaf.literals).isdisjoint(labels):
            return None, ""
        shared, _ = self._shared_list(column, item)
        if not shared:
            return _with_leaf(item.type, column.type.written, labels), ""
        alias = self._aliases[shared]
        return _with_leaf(alias, alias, tuple(self._shared[shared])), shared


def _labels(column: ExpectedItem) -> tuple[str, ...]:
    leaf = _leaf(column.type.values)
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
