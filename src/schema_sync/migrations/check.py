"""Looks at a project's migrations in every respect, and goes on where one of them cannot be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from schema_sync.errors import BindingError, MigrationError, SourceError
from schema_sync.migrations.file_names import check_names
from schema_sync.migrations.file_text import check_text
from schema_sync.migrations.git_base import Base, find_base
from schema_sync.migrations.problems import Examination, Problem, judged, problem
from schema_sync.migrations.squawk import check_operations
from schema_sync.model.catalog import Catalog
from schema_sync.model.findings import Finding, Note, Severity
from schema_sync.model.snapshot import Lock, portable, without_expressions
from schema_sync.replay import migration_files
from schema_sync.replay.apply import syntax_errors
from schema_sync.replay.migration_files import version
from schema_sync.replay.statements import Statement
from schema_sync.usecases import check
from schema_sync.usecases.project import Project

_SOURCE = "migrations:"
_NAMED = 8  # differing objects that a message names


def examine(project: Project, folder: str | None, *, since: str | None, everything: bool) -> Examination:
    """Return what is wrong with the migrations of *project*, and what they will mean for its code.

    Args:
        project: the project.
        folder: what stands behind ``migrations:`` in a source; by default what the configuration names, else
            what the project has in ``supabase``.
        since: a commit; files that are not in what HEAD shares with it are new. By default the default branch.
        everything: take all files as new.

    Raises:
        SourceError: if there are no migrations, or nothing to replay or to parse them with.
        UsageError: if there is no commit *since*.
    """
    source = project.config.source
    configured = source.removeprefix(_SOURCE) if source.startswith(_SOURCE) else ""
    argument = configured if folder is None else folder
    history = migration_files.find(project.root, argument)
    new, commit, misnamed, unnamed = _files(project.root, history, since=since, everything=everything)
    problems, scripts = _texts(project, history.files, new)
    unsafe, unread = check_operations(scripts, project.root, project.config.severity)
    notes: tuple[Note, ...] = (*unnamed, *unread)
    preview: tuple[Finding, ...] | None = None
    if any(each.severity is Severity.CRITICAL for each in problems):
        what = "whether the migrations apply, and what follows for the code"
        notes = (*notes, Note(what=what, why="not every file could be parsed"))
    else:
        applied, preview, more = _replay(project, argument)
        problems += applied
        notes = (*notes, *more)
    return Examination(
        folder=history.describe,
        files=len(history.files),
        new=tuple(sorted(migration_files.shown(path, project.root) for path in new)),
        since=commit,
        problems=judged([*misnamed, *problems, *unsafe], project.config.severity),
        preview=preview,
        not_checked=notes,
        notes=history.notes,
    )


def _files(
    root: Path, history: migration_files.History, *, since: str | None, everything: bool
) -> tuple[set[Path], str | None, list[Problem], list[Note]]:
    """Return the new files, the commit since which, what is wrong with the names, and what is not checked."""
    new: set[Path] = set() if history.folders else set(history.files)
    problems: list[Problem] = []
    not_checked: list[Note] = []
    label: str | None = None
    for folder in history.folders:
        shown = migration_files.shown(folder, root)
        files = [path for path in folder.iterdir() if path.is_file() and path.suffix.lower() == ".sql"]
        names = {path.name for path in files if not path.name.startswith(".")}
        base = Base() if everything else find_base(folder, since)
        fresh = names - base.names | names & base.changed
        label = base.commit or label
        new |= {folder / name for name in fresh} & set(history.files)
        if any(version(name) for name in names):
            problems += check_names(names, shown, new=fresh, before=base.names, now=datetime.now(UTC))
        else:
            why = "no name begins with a version and _: the folder is taken as it is, by name"
            not_checked.append(Note(what=f"names and order in {shown}", why=why))
        gone = [("migration-removed", name, f"{name} was there before") for name in base.names - names]
        edited = "was there before, with other text"
        gone += [("migration-edited", name, f"{name} {edited}") for name in names & base.changed]
        problems += [problem(rule, f"{shown}/{name}", message) for rule, name, message in gone if version(name)]
        problems += [
            problem("migration-ignored", f"{shown}/{below.name}", "files in a subfolder are passed over")
            for below in migration_files.subfolders(folder)
        ]
    return new, label, problems, not_checked


def _texts(project: Project, files: Sequence[Path], new: set[Path]) -> tuple[list[Problem], dict[str, str]]:
    """Return the problems of the files' text, and the SQL of the new ones, by path."""
    problems: list[Problem] = []
    scripts: dict[str, str] = {}
    statements: dict[str, Sequence[Statement]] = {}
    for file in files:
        path = migration_files.shown(file, project.root)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}") from error
        found, script = check_text(content, path)
        problems += [each for each in found if file in new or each.severity is Severity.CRITICAL]
        if script is not None:
            statements[path] = script.statements
            if file in new:
                scripts[path] = script.sql
    problems += [
        problem("migration-syntax", each.path, each.reason, line=each.line) for each in syntax_errors(statements)
    ]
    return problems, scripts


def _replay(project: Project, argument: str) -> tuple[list[Problem], tuple[Finding, ...] | None, tuple[Note, ...]]:
    """Replay the migrations and compare with the code and the lock, as ``check`` would."""
    source = f"{_SOURCE}{argument}" if argument else _SOURCE.removesuffix(":")
    following = "what follows for the code"
    try:
        config = replace(project.config, source=source, on_migration_error="stop")
        outcome = check.check(replace(project, config=config))
    except MigrationError as error:
        failed = problem("migration-failed", error.path, error.reason, line=error.line)
        failed = replace(failed, help=error.hint or failed.help)
        return [failed], None, (Note(what=following, why="a migration failed"),)
    except BindingError as error:
        return [], None, (Note(what=following, why=error.message),)
    notes = tuple(Note(what=str(each.at), why=each.why) for each in outcome.codebase.unreadable)
    findings = outcome.report.findings
    lock = project.config.paths.lock
    if outcome.lock is None:
        drift = "drift between the migrations and the lock"
        missing = Note(what=drift, why=f"there is no {lock} yet")
        unread = [Note(what=drift, why=note.why) for note in outcome.unread]
        return [], findings, (*notes, *(unread or [missing]))
    return _stale(outcome.lock, outcome.fetched.catalog, outcome.report.db_hash, lock), findings, notes


def _stale(lock: Lock, catalog: Catalog, db_hash: str, path: str) -> list[Problem]:
    """Return the problem of a lock that records another schema."""
    if lock.db_hash == db_hash:
        return []
    old, new = _objects(lock.catalog), _objects(without_expressions(portable(catalog)))
    names = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return [problem("migration-lock-stale", path, f"differs from what the migrations make: {shown or 'a detail'}")]


def _objects(catalog: Catalog) -> dict[str, object]:
    found: dict[str, object] = {str(each.name): each for each in catalog.relations}
    return found | {str(each.name): each for each in catalog.enums}
