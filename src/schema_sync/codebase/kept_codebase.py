"""What the classes of a project declare, in the form that the parse cache keeps.

Most of a codebase are the items of classes that are like their tables, and these have few different types: each is
kept once, and the items hold its number.
"""

from __future__ import annotations

from msgspec.structs import replace

from schema_sync.model.base import Value
from schema_sync.model.declarations import Codebase, PlainItems, PyType, RowDeclaration


class _KeptItems(Value, frozen=True, kw_only=True, array_like=True):
    """``PlainItems``, with the numbers of the types."""

    keys: tuple[str, ...]
    types: tuple[int, ...]
    places: tuple[int, ...]
    comments: tuple[tuple[str, ...], ...] = ()


class KeptCodebase(Value, frozen=True, kw_only=True):
    """A codebase whose row classes have no ``plain`` items: ``items`` holds those, one for each row class."""

    codebase: Codebase
    types: tuple[PyType, ...]
    items: tuple[_KeptItems | None, ...]

    @classmethod
    def of(cls, codebase: Codebase) -> KeptCodebase:
        """Return *codebase* in the form to keep."""
        numbers = _Numbers()
        rows = [replace(row, plain=None) if row.plain else row for row in codebase.rows]
        items = tuple(_kept(row.plain, numbers) if row.plain else None for row in codebase.rows)
        return cls(codebase=replace(codebase, rows=tuple(rows)), types=numbers.types, items=items)

    def restored(self) -> Codebase:
        """Return the codebase."""
        pairs = zip(self.codebase.rows, self.items, strict=True)
        return replace(self.codebase, rows=tuple(self._restored(row, items) for row, items in pairs))

    def _restored(self, row: RowDeclaration, items: _KeptItems | None) -> RowDeclaration:
        if items is None:
            return row
        types = tuple(map(self.types.__getitem__, items.types))
        plain = PlainItems(keys=items.keys, types=types, places=items.places, comments=items.comments)
        return replace(row, plain=plain)


class _Numbers:
    """Gives each type a number, in the order in which they come."""

    def __init__(self) -> None:
        self._known: dict[tuple[PyType, str], int] = {}  # Python holds Literal[True] and Literal[1] to be equal
        self._of_same: dict[int, int] = {}  # by identity: an annotation is read once a file

    @property
    def types(self) -> tuple[PyType, ...]:
        return tuple(type_ for type_, _ in self._known)

    def of(self, type_: PyType) -> int:
        found = self._of_same.get(id(type_))
        if found is None:
            found = self._of_same[id(type_)] = self._known.setdefault((type_, str(type_)), len(self._known))
        return found


def _kept(items: PlainItems, numbers: _Numbers) -> _KeptItems:
    types = tuple(map(numbers.of, items.types))
    return _KeptItems(keys=items.keys, types=types, places=items.places, comments=items.comments)
