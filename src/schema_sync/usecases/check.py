"""Compares the database with the code."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from schema_sync.codebase import parse_cache
from schema_sync.codebase import records as recorded
from schema_sync.codebase.chosen_files import Collected
from schema_sync.codebase.ignores import MARK
from schema_sync.codebase.kept_codebase import KeptCodebase
from schema_sync.codebase.records import Stamp
from schema_sync.errors import BindingError, ConfigError, UsageError
from schema_sync.garbage import uncollected
from schema_sync.model.base import Value
from schema_sync.model.baseline import Baseline, decode_baseline
from schema_sync.model.catalog import Catalog, QName
from schema_sync.model.declarations import TYPEDDICTS, Codebase
from schema_sync.model.findings import Binding, Note, Report, Severity
from schema_sync.model.options import Options, Paths
from schema_sync.model.overlay import overlaid
from schema_sync.model.queries import QueryFiles
from schema_sync.model.snapshot import Lock
from schema_sync.nearest import nearest
from schema_sync.reports.base import View, counted
from schema_sync.repository_files import RECORD_BYTES, read_bytes
from schema_sync.sources.base import Fetched
from schema_sync.usecases import migration_state
from schema_sync.usecases.inputs import Inputs, query_sources, read_inputs, read_queries
from schema_sync.usecases.project import Project, Wanted, cache_file, fetch, for_queries

HASH_DIGITS = 12  # as many as doctor shows


class Outcome(Value, frozen=True, kw_only=True):
    """What a check found, with all that an update needs; ``added`` are objects that need a class anyway."""

    report: Report
    fetched: Fetched
    unread: tuple[Note, ...] = ()
    codebase: Codebase
    queries: QueryFiles
    sources: dict[str, bytes]
    lock: Lock | None
    stamp: Stamp
    notes: tuple[str, ...] = ()
    added: frozenset[QName] = frozenset()


def check(
    project: Project,
    inputs: Inputs | None = None,
    *,
    details: bool = False,
    with_accepted: bool = False,
    added: Sequence[str] = (),
) -> Outcome:
    """Compare the database with the code, as *inputs* have it or as it is now; *details* are as for ``fetch``.

    Findings that the baseline accepts are left out, unless *with_accepted*. Objects *added* need a class, by their
    names in SQL or ``*`` for all, also where not every object does. *inputs* ask for the fingerprint too.

    Raises:
        SchemaSyncError: if either side cannot be read at all, a binding is ambiguous, or an update keeps running.
    """
    read = inputs or read_inputs(project)
    stamp, collected, queries = read.stamp, read.classes, read_queries(project, read.queries)
    paths = project.config.paths
    lock, unread = recorded.lock_of(stamp, version=paths.version, lock=paths.lock)
    files = migration_state.files(project)
    declared = cache(partial(_declared, project, collected))
    wanted: Wanted = {"details": details, "recorded": bool(files), "fingerprinted": inputs is not None}
    wanted |= {"expressions": project.config.check_literals, "meanwhile": declared}
    fetched, notes = fetch(project, **(wanted | for_queries(project, queries.queries)))
    if lock is not None:
        fetched = replace(fetched, catalog=overlaid(fetched.catalog, lock))
    fetched = replace(fetched, unseen=(*fetched.unseen, *unread))
    with uncollected():
        codebase = declared()
        needed = _named(added, fetched.catalog, project.config.schemas)
        report, unused = compared(project, fetched, codebase, lock, queries, collected.sources, added=needed)
    report = replace(report, forgotten=lock is None and stamp.contents.get(paths.lock, b"") is not None)
    report = migration_state.with_state(report, files, fetched.recorded)
    if not with_accepted:
        report, accepted = without_accepted(project, report)
        notes = (*notes, *accepted)
    notes = (*notes, *_hash_moved(report, fetched, lock))
    return Outcome(
        report=report,
        fetched=fetched,
        unread=unread,
        codebase=codebase,
        queries=queries,
        sources=collected.sources,
        lock=lock,
        stamp=stamp,
        notes=(*project.notes, *notes, *unused),
        added=needed,
    )


def with_proposals(project: Project, outcome: Outcome) -> Outcome:
    """Return *outcome* with what classes could be bound to; a check alone does not look for that."""
    from schema_sync.compare.proposals import propose

    report = outcome.report
    found = propose(report, outcome.codebase, outcome.fetched.catalog, project.config)
    return replace(outcome, report=replace(report, proposals=found))


def compared_again(project: Project, outcome: Outcome) -> Outcome:
    """Compare what *outcome* was made of once more, with the configuration of *project*."""
    fetched, sources = outcome.fetched, outcome.sources
    report, _ = compared(project, fetched, outcome.codebase, outcome.lock, outcome.queries, sources)
    report = replace(report, forgotten=outcome.report.forgotten)
    return replace(outcome, report=without_accepted(project, report)[0])


def _hash_moved(report: Report, fetched: Fetched, lock: Lock | None) -> tuple[str, ...]:
    """Return notes where the database differs from *lock* and no code is affected."""
    from schema_sync.compare import changes

    if lock is None or lock.db_hash == report.db_hash or report.findings:
        return ()
    if not changes.comparable(lock.catalog, fetched.catalog):
        return ()
    last, now = lock.db_hash[:HASH_DIGITS], report.db_hash[:HASH_DIGITS]
    mismatch = f"Schema hash mismatch: {last}… at the last sync, {now}… now"
    return mismatch, "No code is affected: `diff` lists what changed, `update` records the new hash"


def certain_only(outcome: Outcome) -> Outcome:
    """Return *outcome* without the findings in queries that are inferred."""
    report = outcome.report
    kept = tuple(f for f in report.findings if f.use is None or f.use.confidence == "certain")
    suppressed = report.suppressed + len(report.findings) - len(kept)
    return replace(outcome, report=replace(report, findings=kept, suppressed=suppressed))


def changed(project: Project, outcome: Outcome) -> tuple[str, ...]:
    """Return a line, unescaped, for each change of the database since the last sync, of concern or not.

    Empty where there is no lock, or its hash is that of the database.
    """
    lock = outcome.lock
    if lock is None or lock.db_hash == outcome.report.db_hash:
        return ()
    from schema_sync.compare import changes

    return changes.between(lock.catalog, outcome.fetched.catalog, project.config.schemas[0])


def view(project: Project, outcome: Outcome, fail_on: Severity | None = Severity.LOW) -> View:
    """Return what a report format renders."""
    return View(
        report=outcome.report,
        title=project.config.title,
        first_schema=project.config.schemas[0],
        fail_on=fail_on,
    )


def read_baseline(project: Project) -> Baseline:
    """Return the findings that the project accepts; none without a file.

    Raises:
        ConfigError: if the file cannot be read.
    """
    path = project.config.paths.baseline
    try:
        return decode_baseline(read_bytes(project.root / path, RECORD_BYTES), path)
    except FileNotFoundError:
        return Baseline(format_version=1)
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}", hint="Check paths.baseline in the configuration."
        ) from error


def without_accepted(project: Project, report: Report) -> tuple[Report, list[str]]:
    """Return *report* less the findings that the project accepts today, and notes.

    These count what is accepted, and the entries that accept nothing any more.
    """
    baseline, path = read_baseline(project), project.config.paths.baseline
    today = datetime.now().astimezone().date()
    active = baseline.active(today)
    found = {finding.fingerprint for finding in report.findings} & active.keys()
    notes = [f"accepted by {path}: {counted(len(found), 'finding')}"] if found else []
    stale = active.keys() - found
    if stale and not (report.incomplete or report.unreadable or report.not_checked):
        notes.append(f"{path}: no longer found: {len(stale)}; schema-sync baseline --prune drops them")
    return baseline.without_accepted(report, today), notes


def _declared(project: Project, collected: Collected) -> Codebase:
    """Return what the classes declare; what compares is imported here too, as a server may be at work now."""
    import_module("schema_sync.compare.compare")

    with uncollected():
        return _codebase(project, collected)


def _codebase(project: Project, collected: Collected) -> Codebase:
    files = (part for path, content in collected.sources.items() for part in (path.encode(), content))
    key = parse_cache.key([msgspec.msgpack.encode(collected.unreadable), *files])
    with parse_cache.opened(cache_file(project, "classes")) as results:
        kept = results.get(key, KeptCodebase)
        codebase = kept.restored() if kept else None
        if codebase is None:
            from schema_sync.codebase import reader

            codebase = reader.read_sources(collected.sources, collected.unreadable, with_uses=False)
            if not codebase.unreadable:
                results.put(key, KeptCodebase.of(codebase))
    return codebase


def read_code(project: Project) -> Codebase:
    """Return what the files that are read declare.

    Raises:
        WriteError: if an update keeps running.
    """
    return _codebase(project, read_inputs(project).classes)


def bound_classes(project: Project, catalog: Catalog | None) -> tuple[tuple[Binding, ...], tuple[Note, ...]]:
    """Return which classes map to which objects of *catalog*, and notes on what is not known of that.

    Without a catalog, that of the last sync is taken.

    Raises:
        WriteError: if an update keeps running.
    """
    inputs = read_inputs(project)
    stamp, collected = inputs.stamp, inputs.classes
    paths = project.config.paths
    lock, unread = recorded.lock_of(stamp, version=paths.version, lock=paths.lock)
    codebase = _codebase(project, collected)
    notes = tuple(Note(what=f"classes in {each.at.path}", why=each.why) for each in codebase.unreadable)
    if not (codebase.rows or codebase.enums):
        return (), notes
    if lock is not None:
        catalog = lock.catalog if catalog is None else overlaid(catalog, lock)
    if catalog is None:
        why = f"the source lists tables without their columns, and there is no {paths.lock}"
        return (), (*notes, *unread, Note(what="classes", why=why))
    from schema_sync.compare.compare import bound_classes as find_bound

    try:
        return find_bound(catalog, codebase, options=project.config, lock=lock), notes
    except BindingError as error:
        return (), (*notes, Note(what="classes", why=error.message))


def read_project_queries(project: Project, contents: Mapping[str, bytes] = MappingProxyType({})) -> QueryFiles:
    """Return what the project's code asks of Supabase, nothing where that is off.

    *contents* are new contents of files by path.
    """
    return read_queries(project, query_sources(project, contents))


def _named(names: Sequence[str], catalog: Catalog, schemas: Sequence[str]) -> frozenset[QName]:
    """Return the tables, views and enums that *names* name as SQL does, ``*`` for all.

    Raises:
        UsageError: if there is no such object.
    """
    if not names:
        return frozenset()
    from schema_sync.compare.markers import parse_object, spelled

    existing = {*catalog.relations_by_name, *catalog.enums_by_name}
    if "*" in names:
        return frozenset(existing)
    found: set[QName] = set()
    for name in names:
        stated = parse_object(name)
        wanted = [] if stated is None else [QName(schema=stated.schema or s, name=stated.name) for s in schemas]
        if existing.isdisjoint(wanted):
            known = {each.name: spelled(each) for each in existing}
            near = nearest(name if stated is None else stated.name, known)
            hint = f"Did you mean {known[near]}?" if near else "`schema-sync list tables` shows what there is."
            raise UsageError(f"no table, view or enum is called {name}", hint=hint)
        found |= existing.intersection(wanted)
    return frozenset(found)


def _may_lack_classes(project: Project, codebase: Codebase, queries: QueryFiles) -> bool:
    """Return whether the code may do without row classes: it has queries or models, and no file that we write.

    A file at a path of its own choice is no sign: it may be older than the configuration.
    """
    paths, usual = project.config.paths, Paths()
    ours = {paths.enums, paths.entities, paths.relationships} & {usual.enums, usual.entities, usual.relationships}
    if any((project.root / path).exists() for path in ours):
        return False
    models = (each for each in codebase.rows if each.form not in TYPEDDICTS)
    return bool(queries.queries) or any(models)


def compared(
    project: Project,
    fetched: Fetched,
    codebase: Codebase,
    lock: Lock | None,
    queries: QueryFiles,
    sources: Mapping[str, bytes],
    *,
    added: Collection[QName] = (),
) -> tuple[Report, tuple[str, ...]]:
    """Compare what was fetched with classes and queries, and *lock* with both.

    What a comment in *sources* or in a file with queries turns off is left out; the notes name comments that turn
    nothing off.
    """
    from schema_sync.compare.compare import compare
    from schema_sync.compare.ignoring import without_ignored

    options: Options = project.config
    if options.require is None and lock is not None:
        options = replace(options, require="declared" if lock.declared_only else "all")
    report = compare(
        fetched.catalog,
        codebase,
        options=options,
        lock=lock,
        reading=fetched,
        may_lack_classes=_may_lack_classes(project, codebase, queries),
        added=added,
    )
    if queries != QueryFiles():
        from schema_sync.compare.query_findings import with_queries

        report = with_queries(report, queries, fetched.catalog, reading=fetched, options=options, lock=lock)
    unread = {each.at.path for each in codebase.unreadable}
    marked = [path for path, content in sources.items() if MARK in content and path not in unread]
    ignores = {path: _ignores(path, sources[path]) for path in marked}
    return without_ignored(report, queries.ignores | ignores)


def _ignores(path: str, content: bytes) -> tuple[tuple[int, str], ...]:
    from schema_sync.codebase.ignores import ignores_in
    from schema_sync.codebase.source_file import SourceFile

    return ignores_in(SourceFile.decode(path, content).text)
