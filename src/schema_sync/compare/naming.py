"""Which class stands, or will stand, for each database object."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from schema_sync.mapping.names import distinct

if TYPE_CHECKING:
    from schema_sync.compare.binding import Bindings
    from schema_sync.compare.expected import Expectations
    from schema_sync.model.catalog import QName
    from schema_sync.model.declarations import Codebase
    from schema_sync.model.pairs import Target

Key = tuple[bool, "QName"]  # whether it is an enum, and its name


class Naming:
    """Class names by object: of the class that is bound to it, else of the one that an update would write.

    All new names are chosen at once, in the order of the objects, so that none depends on who asks first.
    """

    def __init__(self, expectations: Expectations, codebase: Codebase, bindings: Bindings) -> None:
        self._expectations = expectations
        self._taken = defaultdict(set[str], {path: set(names) for path, names in codebase.names.items()})
        self._ids: dict[Key, str] = {}
        for binding in bindings.bound:
            if binding.shape == "row" and binding.exists:
                self._ids.setdefault((binding.kind == "enum", binding.object), binding.declaration.id)
        self._new: dict[Key, str] = {}
        bound = {(binding.kind == "enum", binding.object) for binding in bindings.bound}
        for name, kind in sorted(expectations.row_names.items()):
            if (False, name) not in bound and kind != "composite":
                self._choose((False, name), expectations.row_target(name))
        for name in expectations.enum_names:
            if (True, name) not in bound:
                self._choose((True, name), expectations.enum_target(name))

    def _choose(self, key: Key, target: Target) -> None:
        if self._expectations.is_excluded(key[1], enum=key[0]):
            return
        name = self.reserve(target.path, self._expectations.class_name(target))
        self._new[key] = name
        self._ids[key] = f"{target.path}:{name}"

    def reserve(self, path: str, name: str) -> str:
        """Return *name*, or a variant of it, that nothing else in the file *path* has or will have."""
        chosen = distinct(name, self._taken[path])
        self._taken[path].add(chosen)
        return chosen

    def new_name(self, name: QName, *, enum: bool = False) -> str:
        """Return what the new class for an object without one is called."""
        return self._new[enum, name]

    def declaration_id(self, name: QName, *, enum: bool = False) -> str | None:
        """Return the id of the class that stands, or will stand, for an object; None if there will be none."""
        return self._ids.get((enum, name))
