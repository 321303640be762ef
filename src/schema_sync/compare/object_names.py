"""The names that classes for each database object may have, and the objects that a class's name fits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from schema_sync.compare.objects import DatabaseObjects
from schema_sync.mapping import names
from schema_sync.model.catalog import QName

_UNPREFIXED = 3  # how far the bare name of an object outside the first schema stands behind


class ObjectNames:
    """Finds objects by the names of classes; a rank says how far such a name is from the object's."""

    def __init__(self, objects: DatabaseObjects) -> None:
        self._objects = objects
        self._options = objects.options

    def fitting(self, class_name: str, *, enum: bool) -> list[QName]:
        """Return the objects that a class's name fits best, sorted."""
        own = class_name.rpartition(".")[2]
        return best(self.hits(names.enum_class_keys(own) if enum else names.row_class_keys(own), enum=enum))

    def hits(self, keys: Iterable[tuple[int, str]], *, enum: bool) -> list[tuple[int, QName]]:
        """Return the objects that one of *keys* (rank, folded name) fits, with their ranks."""
        return [(rank + other, name) for rank, key in keys for other, name in self._index.get((enum, key), ())]

    def left_out(self, class_name: str) -> QName | None:
        """Return the object left out of the comparison that the name of a row class fits."""
        left_out = self._left_out_keys
        return next((left_out[key] for _, key in names.row_class_keys(class_name) if key in left_out), None)

    @cached_property
    def _index(self) -> dict[tuple[bool, str], list[tuple[int, QName]]]:
        """The objects with their ranks, by what Enums (True) or row classes for them may be called."""
        plurals, first = self._options.plurals, self._options.schemas[0]
        entries = [(True, e, 0, names.enum_keys(e.name, plurals)) for e in self._objects.enum_names]
        for name, kind in self._objects.row_kinds.items():
            behind = _UNPREFIXED if kind == "composite" else 0
            entries.append((False, name, behind, names.relation_keys(name.name, plurals)))
        index: dict[tuple[bool, str], list[tuple[int, QName]]] = defaultdict(list)
        for enum, name, behind, keys in entries:
            bare = 0 if name.schema == first else _UNPREFIXED
            for rank, key in keys:
                index[enum, key].append((rank + behind + bare, name))
                prefixed = names.folded(name.schema) + key
                index[enum, prefixed].append((rank + behind + _UNPREFIXED - bare, name))
        return index

    @cached_property
    def _left_out_keys(self) -> dict[str, QName]:
        """What is left out, by the names of classes that fit it."""
        left_out, plurals = self._objects.catalog.left_out_by_name, self._options.plurals
        return {key: name for name in left_out for _, key in names.relation_keys(name.name, plurals)}


def best(hits: Iterable[tuple[int, QName]]) -> list[QName]:
    """Return the objects of the lowest rank, sorted."""
    ranked = list(hits)
    lowest = min((rank for rank, _ in ranked), default=0)
    return sorted({name for rank, name in ranked if rank == lowest})
