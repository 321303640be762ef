"""In which order new classes go into a file."""

from __future__ import annotations

from collections.abc import Sequence

from schema_sync.mapping.names import SHAPE_SUFFIXES
from schema_sync.model.edits import AddAlias, AddEnum, AddResult, AddRow
from schema_sync.model.graph import components, needed_first

Addition = AddEnum | AddRow | AddResult | AddAlias


def in_order(edits: Sequence[Addition], path: str) -> list[Addition]:
    """Return *edits* of the file *path*, each class behind those that its items name, one object's side by side.

    Classes that name each other stay as they are: one of them has to be named before it exists.
    """
    new = {edit.declaration: edit for edit in edits}
    named = {edit.declaration: [n for n in sorted(_named(edit, path)) if n in new] for edit in edits}
    circle = {name: number for number, group in enumerate(components(named)) for name in group}

    def behind(name: str) -> list[str]:
        return [other for other in named[name] if circle[other] != circle[name]]

    found: dict[str, Addition] = {}
    for edit in side_by_side(edits):
        found.update((name, new[name]) for name in needed_first(edit.declaration, behind, found))
    return list(found.values())


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
