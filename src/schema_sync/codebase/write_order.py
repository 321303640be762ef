"""The order in which an update replaces files: if it is killed in between, the project's modules still import.

What is added must be there before code imports it: imported files come first. What is removed must no longer be
imported: files that import it come first. A file in which names come and go is written twice, first with the new
names beside the old ones. Only files that import one another in a circle have no such order: which of them is
first depends on their paths alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from schema_sync.codebase.writer import apply
from schema_sync.model.edits import Edit, RemoveDeclaration, RemoveImport, RemoveMember
from schema_sync.model.graph import needed_first

Imports = Mapping[str, Collection[str]]
"""The files that each file imports when it runs."""

_REMOVAL = RemoveDeclaration | RemoveImport | RemoveMember


def in_order(
    before: Mapping[str, bytes | None],
    edits: Sequence[Edit],
    final: Mapping[str, bytes],
    *,
    old: Imports,
    new: Imports,
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return what is to be written first, and the contents *final*, which *edits* make of *before*, in order.

    Where nothing is removed, the former is empty; else it is what the additions alone make of the files.
    *old* are the imports of the files before, *new* those after.

    Raises:
        WriteError: as ``writer.apply``.
    """
    removed = {(e.path, e.declaration) for e in edits if isinstance(e, RemoveDeclaration)}
    if not any(isinstance(edit, _REMOVAL) for edit in edits):
        return {}, {path: final[path] for path in imported_first(final, new)}
    kept = [e for e in edits if not isinstance(e, _REMOVAL) and (e.path, e.declaration) not in removed]
    added = apply(before, kept)
    between = {path: added[path] for path in imported_first(final.keys() & added.keys(), new)}
    return between, {path: final[path] for path in reversed(imported_first(final, old))}


def imported_first(paths: Collection[str], imports: Imports) -> list[str]:
    """Return *paths* so that each comes after those that it imports, also by way of files that are not in it."""
    order: dict[str, None] = {}
    for path in sorted(paths):
        order.update(dict.fromkeys(needed_first(path, lambda each: sorted(imports.get(each, ())), order)))
    return [path for path in order if path in paths]
