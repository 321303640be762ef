"""Declarations that the edits of findings need: classes for composite types, and the aliases of exact precision.

A class for a composite is written along with the first item whose type it is; one that nothing needs is no
fault. Authority for what a composite is: PostgreSQL manual, "Composite Types".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from schema_sync.compare.chosen_types import classes_in
from schema_sync.compare.expected import Expected
from schema_sync.mapping.aliases import ALIASES, used
from schema_sync.model.catalog import QName
from schema_sync.model.declarations import Codebase
from schema_sync.model.edits import AddAlias, AddRow, Edit, types_of
from schema_sync.model.findings import Finding
from schema_sync.model.options import Options
from schema_sync.model.pairs import RowPair
from schema_sync.rules.new_classes import written


def needed_composites(findings: Iterable[Finding], expected: Expected) -> Iterator[RowPair]:
    """Yield the composites without a class that the edits of *findings* name, and those within them, sorted."""
    found: set[QName] = set()
    types = [type_ for finding in findings for edit in finding.edits for type_ in types_of(edit)]
    while types:
        for class_id in classes_in(types.pop()):
            kind, name = expected.class_names.new_classes.get(class_id, ("enum", None))
            if name is None or kind == "enum" or name in found or expected.objects.row_kinds[name] != "composite":
                continue
            found.add(name)
            row = expected.row(name)
            types += (written(item, row.form) for item in row.items)
    yield from (expected.undeclared(name) for name in sorted(found))


def with_aliases(findings: tuple[Finding, ...], codebase: Codebase, options: Options) -> tuple[Finding, ...]:
    """Return *findings* with the aliases that their edits name; new TypedDicts are such as pydantic takes."""
    if options.precision != "exact":
        return findings
    path = options.paths.aliases
    declared = codebase.names.get(path, ())
    return tuple(replace(f, edits=tuple(_completed(f.edits, path, declared))) if f.edits else f for f in findings)


def _completed(edits: tuple[Edit, ...], path: str, declared: tuple[str, ...]) -> Iterator[Edit]:
    needed = {name for edit in edits for type_ in types_of(edit) for name in used(type_, path)}
    for name in ALIASES:
        if name in needed and name not in declared:
            yield AddAlias(path=path, declaration=name)
    for edit in edits:
        yield replace(edit, extensions=True) if isinstance(edit, AddRow) else edit
