"""Classes and members that follow their objects' new names, before an update writes all else."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from schema_sync.codebase import reader, write_order
from schema_sync.codebase.queries.files import python_files
from schema_sync.codebase.renaming import Renames, renamed
from schema_sync.codebase.source_file import SourceFile
from schema_sync.compare.policy import needs_review
from schema_sync.model.base import Value
from schema_sync.usecases.check import Outcome, compared, read_project_queries, without_accepted
from schema_sync.usecases.project import Project

Files = dict[str, bytes]


class Followed(Value, frozen=True, kw_only=True):
    """What is left to compare once names have changed, and the files that this changes.

    Attributes:
        outcome: the comparison with the new names.
        before: the contents of the files as they are, by path.
        contents: the same files with the new names.
        former: by path, the names that the files no longer have, with the new ones.
        imports: the files that each Python file of the project imports.
        notes: what keeps its name, and why.
    """

    outcome: Outcome
    before: Files = msgspec.field(default_factory=dict[str, bytes])
    contents: Files = msgspec.field(default_factory=dict[str, bytes])
    former: dict[str, dict[str, str]] = msgspec.field(default_factory=dict[str, dict[str, str]])
    imports: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    notes: tuple[str, ...] = ()


def followed(project: Project, outcome: Outcome) -> Followed:
    """Give classes and members the names that follow those of their objects, in memory, and compare again."""
    mended = (f for f in outcome.report.findings if not needs_review(f, project.config))
    edits = [edit for finding in mended for edit in finding.edits if isinstance(edit, Renames)]
    if not edits:
        return Followed(outcome=outcome)
    found = python_files(project.root)
    files = {**found.sources, **outcome.sources}
    done = renamed(edits, files, found.unreadable)
    sources = {path: done.contents.get(path, content) for path, content in outcome.sources.items()}
    codebase = reader.read_sources(sources, with_uses=False)
    queries = read_project_queries(project, done.contents)
    lock = outcome.lock
    report, _ = compared(project, outcome.fetched, codebase, lock, queries, sources, added=outcome.added)
    report, _ = without_accepted(project, report)
    return Followed(
        outcome=replace(outcome, report=report, codebase=codebase, queries=queries, sources=sources),
        before={path: files[path] for path in done.contents},
        contents=done.contents,
        former=done.former,
        imports=done.imports,
        notes=done.notes,
    )


def in_order(
    found: Followed, between: Files, final: Files, imports: Mapping[str, tuple[str, ...]]
) -> tuple[Files, Files]:
    """Return what is written first, and the contents *final*, so that the code imports while names change.

    Files are written twice: first with both names, imported files before those that import them, and then the
    other way round. *imports* are those of the files in which classes are looked for.
    """
    if not found.former:
        return between, final
    both = {path: between.get(path, content) for path, content in final.items()}
    for path, names in found.former.items():
        both[path] = _with_former(path, both[path], names)
    order = write_order.imported_first(both, {**found.imports, **imports})
    return {path: both[path] for path in order}, {path: final[path] for path in reversed(order)}


def _with_former(path: str, content: bytes, names: Mapping[str, str]) -> bytes:
    source = SourceFile.decode(path, content)
    lines = [f"{old} = {new}{source.newline}" for old, new in names.items()]
    ended = source.text if source.text.endswith(("\n", "\r")) else source.text + source.newline
    return SourceFile(path, ended + "".join(lines), source.encoding).encode()
