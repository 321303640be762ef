"""Works out what an update writes, and writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from schema_sync.codebase import chosen_files, reader, removals
from schema_sync.codebase import records as recorded
from schema_sync.codebase.renaming import Renames
from schema_sync.compare.markers import quoted, spelled
from schema_sync.compare.policy import needs_review
from schema_sync.compare.query_findings import saved_facts
from schema_sync.errors import UsageError, WriteError
from schema_sync.garbage import uncollected
from schema_sync.model.base import Value
from schema_sync.model.catalog import QName
from schema_sync.model.edits import Edit
from schema_sync.model.findings import Finding, Report
from schema_sync.model.options import Require
from schema_sync.model.overlay import shows_no_change
from schema_sync.model.snapshot import (
    Lock,
    encode,
    fingerprint,
    portable,
    without_expressions,
)
from schema_sync.repository_files import CODE_BYTES, read_bytes
from schema_sync.usecases.check import Outcome, compared, read_project_queries, without_accepted
from schema_sync.usecases.following import Followed, followed, in_order
from schema_sync.usecases.inputs import read_stamp
from schema_sync.usecases.project import Project
from schema_sync.usecases.rewriting import rewritten


class Plan(Value, frozen=True, kw_only=True):
    """What an update writes: new contents by path, in their order (``before`` holds today's), and what it leaves.

    ``between`` holds contents that are written first, so that the code imports while files are replaced.
    ``folders`` are those of all files that an update may write, ``records`` the paths of those that record a sync,
    ``rewritten`` those of other files, with queries or classes that have new names. ``notes`` tell what keeps its
    name, and why.
    """

    contents: dict[str, bytes]
    before: dict[str, bytes | None]
    between: dict[str, bytes]
    kept: tuple[Finding, ...]
    folders: frozenset[str]
    records: frozenset[str]
    rewritten: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> dict[str, bytes]:
        """The new contents of the user's code."""
        return {path: content for path, content in self.contents.items() if path not in self.records}


@uncollected()
def plan(
    project: Project, outcome: Outcome, *, prune: bool = False, force: bool = False, rewrite_uses: bool = False
) -> Plan:
    """Work out what an update writes, without writing it.

    The edits are applied in memory and the result compared again: what the lock then remembers is true of
    the code as it will be. Classes follow their objects' names first. With *rewrite_uses* queries get the new
    names of what was renamed.

    Raises:
        WriteError: if an edit cannot be made, ``prune`` would remove a name that is still used, or another
            update has changed what *outcome* is about.
    """
    _require_readable(outcome)
    project = _as_compared(project, outcome.report)
    prune = prune and outcome.fetched.incomplete is None  # what a migration may have made is not removed
    found = followed(project, outcome)
    outcome = found.outcome
    edits = _edits(project, outcome, prune=prune, force=force)
    today = {path: current(project, outcome, path) for path in dict.fromkeys(edit.path for edit in edits)}
    _require_no_other_update(project, outcome)
    old, rewrites = rewritten(project, outcome, found.contents) if rewrite_uses else ({}, {})
    before: dict[str, bytes | None] = {**today, **old, **found.before}
    rewrites = {**found.contents, **rewrites}
    contents = {**rewrites, **_applied(project, {**today, **rewrites}, edits)}
    queries = read_project_queries(project, contents) if rewrites else outcome.queries
    apart = rewrites.keys() - outcome.sources.keys()  # files in which no class is looked for
    files = outcome.sources | {path: new for path, new in contents.items() if path not in apart}
    codebase = reader.read_sources(files, with_uses=False)
    after, _ = compared(project, outcome.fetched, codebase, outcome.lock, queries, files)
    records_ = {} if outcome.fetched.incomplete else _records(project, outcome, after, edited=bool(contents))
    between, final = _ordered(found, {**before, **rewrites}, edits, contents, codebase.imports)
    packages = _packages(project, {**contents, **records_})
    between = {**packages, **between}  # files are renamed in this order
    contents = {**packages, **final, **records_}
    before |= outcome.stamp.contents
    before |= {path: _read_bytes(project.root / path) for path in contents if path not in {*before, *records_}}
    records = frozenset({project.config.paths.version, project.config.paths.lock})
    return Plan(
        contents=contents,
        before=before,
        between=between,
        kept=without_accepted(project, after)[0].findings,
        folders=_folders(*outcome.sources, *outcome.queries.lines, *project.config.paths.code, *records, *before),
        records=records,
        rewritten=frozenset(apart),
        notes=found.notes,
    )


def _applied(project: Project, before: Mapping[str, bytes | None], edits: list[Edit]) -> dict[str, bytes]:
    """Return the new contents of the files that *edits* change, less the imports that these leave unused."""
    from schema_sync.codebase.edit.unused_imports import without_unused
    from schema_sync.codebase.writer import apply

    edited = apply(before, edits)
    return without_unused(edited, before=before, elsewhere=cache(lambda: _importers(project, edited)))


def _importers(project: Project, edited: Mapping[str, bytes]) -> tuple[Mapping[str, bytes], ...] | None:
    """Return the files that may import from others: all of the project, and as they are *edited*.

    None if some of them cannot be read.
    """
    sources, unreadable = chosen_files.collect(project.root, ("**/*.py",))
    return None if unreadable else (sources, edited)


def _ordered(
    found: Followed,
    before: Mapping[str, bytes | None],
    edits: Sequence[Edit],
    contents: Mapping[str, bytes],
    imports: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return what is written first, and *contents*, in an order in which the code imports all the time."""
    from schema_sync.codebase import write_order

    between, final = write_order.in_order(before, edits, contents, old=found.outcome.codebase.imports, new=imports)
    return in_order(found, between, final, imports)


def _folders(*paths: str) -> frozenset[str]:
    return frozenset(PurePosixPath(path).parent.as_posix() for path in paths)


def _packages(project: Project, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return empty files for the packages that *contents* need."""
    from schema_sync.codebase.atomic_write import missing_packages

    return dict.fromkeys(missing_packages(project.root, contents), b"")


def current(project: Project, outcome: Outcome, path: str) -> bytes | None:
    """Return the content of a file as it was compared, else as it is; None if there is no such file."""
    return outcome.sources[path] if path in outcome.sources else _read_bytes(project.root / path)


def _edits(project: Project, outcome: Outcome, *, prune: bool, force: bool) -> list[Edit]:
    findings = outcome.report.findings
    mended = [f for f in findings if f.edits and (prune or not needs_review(f, project.config))]
    edits = list(dict.fromkeys(edit for f in mended for edit in f.edits if not isinstance(edit, Renames)))
    if prune:
        edits += removals.clearing(edits, reader.read_sources(outcome.sources), force=force)
    return edits


def _as_compared(project: Project, report: Report) -> Project:
    """Return *project* so that it needs the same classes after the update as before."""
    require: Require = "all" if report.requires_all else "declared"
    return replace(project, config=replace(project.config, require=require))


def _require_readable(outcome: Outcome) -> None:
    for unread in outcome.codebase.unreadable:
        raise WriteError(
            f"{unread.at.exact}: {unread.why}",
            hint="Mend the file first: an update could write again what it declares. Nothing was changed.",
        )


def _require_no_other_update(project: Project, outcome: Outcome) -> None:
    if read_stamp(project) != outcome.stamp:
        raise WriteError(
            "another update was running while this one was prepared",
            hint="Nothing was changed. Run the command again.",
        )


def write(project: Project, planned: Plan) -> None:
    """Write a plan: all files or none, unless the process is killed; then the next update writes the rest.

    Raises:
        WriteError: if a file cannot be written, or was changed since it was read; then nothing has changed.
    """
    from schema_sync.codebase.atomic_write import commit

    for path in sorted((planned.records & planned.contents.keys()) - planned.before.keys()):
        recorded.clear(project.root, path)
    commit(project.root, planned.contents, planned.before, between=planned.between, folders=planned.folders)


def _records(project: Project, outcome: Outcome, after: Report, *, edited: bool) -> dict[str, bytes]:
    """Return the version file and the lock where they have to change."""
    paths, report, stamp = project.config.paths, outcome.report, outcome.stamp
    contents: dict[str, bytes] = {}
    if edited or recorded.version_value(stamp.contents.get(paths.version), "DB_HASH") != report.db_hash:
        contents[paths.version] = recorded.render_version(report, datetime.now().astimezone())
    lock = encode(_next_lock(outcome, after))
    if lock != stamp.contents.get(paths.lock):
        contents[paths.lock] = lock
    return contents


def _next_lock(outcome: Outcome, after: Report) -> Lock:
    catalog, lock = outcome.fetched.catalog, outcome.lock
    saved = without_expressions(portable(catalog))
    if lock is not None and shows_no_change(saved, lock):
        saved = lock.catalog  # a partial source must not make less of it
    identity = {} if lock is None else dict(lock.identity)
    if catalog.database is not None:
        identity[catalog.database] = catalog.identity
    bound = [binding for binding in after.bindings if binding.kind != "function"]
    facts = saved_facts(outcome.fetched.facts, catalog, outcome.lock)
    return Lock(
        db_hash=fingerprint(saved),
        saved=replace(saved, left_out=tuple(each for each in saved.left_out if each in after.left_out)),
        bindings={b.declaration.id: spelled(b.object) for b in bound[::-1] if b.exists},  # the first
        removed={b.declaration.id: spelled(b.object) for b in bound if not b.exists} | _removed_columns(after),
        identity=identity,
        facts=facts,
        declared_only=not after.requires_all,
        renamed={spelled(b.former): spelled(b.object) for b in bound if b.former is not None and b.how != "lock"},
    )


def _removed_columns(after: Report) -> dict[str, str]:
    """Return the former columns that partial classes still declare, by class and column as the lock has them."""
    partial = {(b.declaration.name, str(b.object)) for b in after.bindings if b.partial}
    found: dict[str, str] = {}
    for f in after.findings:
        former = f.fact("renamed_from") if f.subject.column else None
        column = former or (f.subject.column if f.change == "removed" else None)
        if isinstance(column, str) and (f.declaration, str(f.subject)) in partial:
            name = QName(schema=f.subject.schema, name=f.subject.name)
            found[f"{f.at.path}:{f.declaration}.{column}"] = f"{spelled(name)}.{quoted(column)}"
    return found


def _read_bytes(path: Path) -> bytes | None:
    try:
        return read_bytes(path, CODE_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint="Check the paths in the configuration.") from error
