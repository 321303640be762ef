"""What the edits of a finding need besides: the aliases that they name, and a TypedDict that pydantic takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.mapping.aliases import ALIASES, used
from schema_sync.model.edits import AddAlias, AddRow, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.compare.options import Options
    from schema_sync.model.declarations import Codebase
    from schema_sync.model.edits import Edit
    from schema_sync.model.findings import Finding


def completed(findings: tuple[Finding, ...], codebase: Codebase, options: Options) -> tuple[Finding, ...]:
    """Return *findings* with all that their edits need, in exact precision; in plain they need nothing."""
    if options.precision != "exact":
        return findings
    path = options.homes.aliases
    declared = codebase.names.get(path, ())
    return tuple(replace(f, edits=tuple(_completed(f.edits, path, declared))) if f.edits else f for f in findings)


def _completed(edits: tuple[Edit, ...], path: str, declared: tuple[str, ...]) -> Iterator[Edit]:
    needed = {name for edit in edits for type_ in types_of(edit) for name in used(type_, path)}
    for name in ALIASES:
        if name in needed and name not in declared:
            yield AddAlias(path=path, declaration=name)
    for edit in edits:
        yield replace(edit, extensions=True) if isinstance(edit, AddRow) else edit
