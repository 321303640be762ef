"""Declarations that are needed: classes that edits name, for composites too, and the aliases of exact precision.

A class for a composite is written along with the first item whose type it is; one that nothing needs is no
fault. Authority for what a composite is: PostgreSQL manual, "Composite Types".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from schema_sync.compare.chosen_types import classes_in
from schema_sync.compare.expected import Expected
from schema_sync.mapping.aliases import ALIASES, used
from schema_sync.model.catalog import QName
from schema_sync.model.declarations import Codebase
from schema_sync.model.edits import AddAlias, AddEnum, AddRow, Edit, types_of
from schema_sync.model.findings import Finding, Subject
from schema_sync.model.options import Options
from schema_sync.model.pairs import RowPair
from schema_sync.rules.new_classes import written

_WHOLE = frozenset({"table-undeclared", "view-undeclared", "enum-undeclared"})
_SHAPE = "shape-undeclared"


def needed_composites(findings: Iterable[Finding], expected: Expected) -> Iterator[RowPair]:
    """Yield the composites without a class that the edits of *findings* name, and those within them, sorted."""
    if not expected.catalog.composites:
        return
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


def without_unasked(
    findings: tuple[Finding, ...], expected: Expected, added: Collection[QName]
) -> tuple[tuple[Finding, ...], tuple[Subject, ...]]:
    """Return *findings* without objects that need no class, and these objects.

    An object needs one if it is among *added*, or if an edit of the findings that stay names its class.
    """
    rows = {name for kind, name in expected.class_names.bound if kind == "row"}
    unasked = {
        f"{edit.path}:{edit.declaration}": finding
        for finding in findings
        for name in [QName(schema=finding.subject.schema, name=finding.subject.name)]
        if name not in added and (finding.rule in _WHOLE or (finding.rule == _SHAPE and name not in rows))
        for edit in finding.edits
        if isinstance(edit, AddRow | AddEnum)
    }
    left = set(map(id, unasked.values()))
    pending = [finding for finding in findings if id(finding) not in left]
    while pending:
        types = [type_ for edit in pending.pop().edits for type_ in types_of(edit)]
        named = {each for type_ in types for each in classes_in(type_)} & unasked.keys()
        pending += [unasked.pop(class_id) for class_id in sorted(named)]
    left = set(map(id, unasked.values()))
    partly = {str(name) for kind, name in expected.class_names.bound if kind == "partial"}
    return (
        tuple(finding for finding in findings if id(finding) not in left),
        tuple(
            dict.fromkeys(
                f.subject for f in findings if id(f) in left and f.rule != _SHAPE and str(f.subject) not in partly
            )
        ),
    )


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
