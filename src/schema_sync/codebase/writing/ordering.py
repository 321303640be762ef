"""In which order new classes go into a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from schema_sync.mapping.names import SHAPE_SUFFIXES
from schema_sync.model.edits import AddAlias, AddEnum, AddResult, AddRow

Addition = AddEnum | AddRow | AddResult | AddAlias


def in_order(edits: Sequence[Addition], path: str) -> list[Addition]:
    """Return *edits* of the file *path*, each class behind those that its items name, one object's side by side.

    Classes that name each other stay as they are: one of them has to be named before it exists.
    """
    named = {edit.declaration: _named(edit, path) for edit in edits}
    waiting = {edit.declaration: edit for edit in edits}
    found: list[Addition] = []

    def place(edit: Addition) -> None:
        del waiting[edit.declaration]
        for name in sorted(named[edit.declaration]):
            if name in waiting and edit.declaration not in _reached(name, named):
                place(waiting[name])
        found.append(edit)

    for edit in side_by_side(edits):
        if edit.declaration in waiting:
            place(edit)
    return found


def _reached(name: str, named: Mapping[str, Collection[str]]) -> set[str]:
    """Return all that the class *name* names, itself or through others."""
    found: set[str] = set()
    queue = [name]
    while queue:
        new = set(named.get(queue.pop(), ())) - found
        found |= new
        queue += new
    return found


def _named(edit: Addition, path: str) -> set[str]:
    """Return the classes of the file *path* that the items of a new class name."""
    types = [item.type for item in edit.items] if isinstance(edit, AddRow) else []
    found: set[str] = set()
    while types:
        type_ = types.pop()
        types += type_.args
        found.update({type_.name.removeprefix(f"{path}:")} if type_.name.startswith(f"{path}:") else ())
    return found


def side_by_side(additions: Sequence[Addition]) -> list[Addition]:
    """Return *additions* with the classes of one object side by side, its row first."""
    places = {_stands_for(addition): place for place, addition in reversed(list(enumerate(additions)))}
    shapes = list(SHAPE_SUFFIXES)

    def order(addition: Addition) -> tuple[int, int]:
        shape = shapes.index(addition.shape) if isinstance(addition, AddRow) else 0
        return places[_stands_for(addition)], shape

    return sorted(additions, key=order)


def _stands_for(addition: Addition) -> str:
    return addition.declaration if isinstance(addition, AddAlias) else addition.marker
