"""Classes that are as their relations ask: they are settled, and nothing is built for them.

A class of rows is settled if it is a TypedDict of ``PlainItems``, it has an item for each column and no other, and
no rule finds anything in a class of one such item beside its column. All rules are tried, once for each kind of
column with an annotation. What they find of one item holds for the class, because what they see of an item depends
on the others only where a class lacks a column or has a surplus item, where an item is inherited, or where columns
share a list of labels: none of these is settled. Rules on a class as a whole look for a missing class or relation,
and for shapes other than rows. A law (``tests/laws.py``) compares the reports with and without settled classes.

Comments are compared with all that a class says: where the configuration wants them, nothing is settled.
"""

from __future__ import annotations

from collections.abc import Callable

from schema_sync.compare.expected import Chosen, Expected
from schema_sync.model.catalog import Column, QName, TypeRef
from schema_sync.model.declarations import PlainItems, PyType, RowDeclaration
from schema_sync.model.findings import Binding

Silent = Callable[[QName, Column, PyType], bool]
_Kind = tuple[TypeRef, bool, bool, Chosen | None, PyType]


class Settled:
    """Tells settled classes; *is_silent* tells whether rules find nothing in a class of one item."""

    def __init__(self, expected: Expected, is_silent: Silent) -> None:
        self._relations = expected.catalog.relations_by_name
        self._expected = expected
        self._is_silent = is_silent
        self._asks = not expected.options.comments
        self._known: dict[_Kind, bool] = {}
        self._alike: dict[tuple[int, int], bool] = {}  # by identity: many classes share columns and types

    def includes(self, binding: Binding) -> bool:
        """Whether the class of *binding* is settled."""
        declared = binding.declaration
        if not isinstance(declared, RowDeclaration) or declared.plain is None or declared.unknown:
            return False
        bound = self._asks and binding.exists and binding.shape == "row" and not binding.partial
        return bound and binding.former is None and self._fits(binding.object, declared.plain)

    def _fits(self, name: QName, plain: PlainItems) -> bool:
        relation = self._relations.get(name)
        if relation is None or len(relation.columns) != len(plain.keys):
            return False
        types = plain.types
        if tuple([column.name for column in relation.columns]) != plain.keys:  # in another order, or others
            by_key = dict(zip(plain.keys, plain.types, strict=True))
            if any(column.name not in by_key for column in relation.columns):
                return False
            types = tuple([by_key[column.name] for column in relation.columns])
        alike, is_chosen = self._alike, self._expected.is_chosen
        for column, type_ in zip(relation.columns, types, strict=True):
            if is_chosen or column.comment:
                if not self._is_kind_silent(name, column, type_, self._expected.chosen(name, column)):
                    return False
                continue
            pair = id(column), id(type_)
            if pair not in alike:
                alike[pair] = self._is_kind_silent(name, column, type_, None)
            if not alike[pair]:
                return False
        return True

    def _is_kind_silent(self, name: QName, column: Column, type_: PyType, chosen: Chosen | None) -> bool:
        kind = column.type, column.nullable, column.json_array, chosen, type_
        if kind not in self._known:
            self._known[kind] = _tells_values_apart(type_) and self._is_silent(name, column, type_)
        return self._known[kind]


def _tells_values_apart(type_: PyType) -> bool:
    """Whether a type that is equal is the same: Python holds Literal[True] and Literal[1] to be equal."""
    return all(isinstance(v, str | None) for v in type_.literals) and all(map(_tells_values_apart, type_.args))
