"""A schema as documents in a folder, and as figures. What they say is worked out in ``exports``."""

from __future__ import annotations

import glob
import os
from pathlib import Path, PurePosixPath

from schema_sync.codebase import chosen_files
from schema_sync.codebase.atomic_write import commit
from schema_sync.codebase.queries.files import without_ignored
from schema_sync.codebase.words import words_outside
from schema_sync.compare.objects import DatabaseObjects
from schema_sync.compare.unmentioned import Unmentioned, find_unmentioned
from schema_sync.compare.unseen import hidden
from schema_sync.errors import UsageError, WriteError
from schema_sync.exports import kept_notes
from schema_sync.exports.analysis import Analysis, analyze
from schema_sync.exports.documents import documents
from schema_sync.exports.pages import Documented
from schema_sync.model.base import Value
from schema_sync.model.findings import Note
from schema_sync.model.queries import QueryFiles
from schema_sync.sources.base import Fetched
from schema_sync.usecases import check
from schema_sync.usecases import project as projects
from schema_sync.usecases.project import Project

_WHAT = "indexes, row level security, policies, triggers, functions, queries of views, rows and sizes"


class Written(Value, frozen=True, kw_only=True):
    """What writing documents did.

    Attributes:
        pages: how many pages there are.
        changed: those that were written, relative to the folder.
        removed: pages of what is gone.
        notes: talk: which source was taken, what was kept and why.
        not_shown: what the source hides; the pages say it, too.
    """

    pages: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    notes: tuple[str, ...]
    not_shown: tuple[Note, ...] = ()


def documented(project: Project, folder: Path, outcome: check.Outcome, *, sizes: bool = False) -> Documented:
    """Return what documents in *folder* show of a check's *outcome*."""
    return Documented(
        title=project.config.title,
        catalog=outcome.fetched.catalog,
        details=outcome.fetched.details,
        bindings=outcome.report.bindings,
        code=way_to_root(folder, project.root),
        not_shown=not_shown(outcome.fetched),
        sizes=sizes,
    )


def export(project: Project, folder: Path, *, sizes: bool = False) -> Written:
    """Write the schema's documents into *folder*, and remove pages of what is gone.

    Raises:
        SchemaSyncError: as ``check.check``; if a page is in the way that is not ours, or its notes cannot be told.
    """
    outcome = check.check(project, details=True)
    shown = documented(project, folder, outcome, sizes=sizes)
    lines = documents(shown)
    make_folder(folder)
    target = folder.resolve()
    found = _pages_in(target)
    kept = {path: _notes(path, content) for path, content in found.items() if kept_notes.is_ours(content)}
    if foreign := lines.keys() & (found.keys() - kept.keys()):
        raise WriteError(
            f"{target}: {', '.join(sorted(foreign))}: not written by schema-sync docs",
            hint="Name another folder, or move the file. Nothing was changed.",
        )
    contents = {path: kept_notes.page(text, kept.get(path, b"")) for path, text in lines.items()}
    changed = {path: new for path, new in contents.items() if _unix(found.get(path)) != _unix(new)}
    folders = {PurePosixPath(path).parent.as_posix() for path in (*lines, *kept)}
    commit(target, changed, {path: found.get(path) for path in changed}, folders=folders)
    gone = [path for path in kept if path not in lines]
    removed = [path for path in gone if not kept[path].strip()]
    for path in removed:
        _remove(target / path)
    notes = [f"kept {path}: what it is about is gone, but it has notes" for path in gone if kept[path].strip()]
    return Written(
        pages=len(lines),
        changed=tuple(sorted(changed)),
        removed=tuple(removed),
        notes=(*outcome.notes, *notes),
        not_shown=shown.not_shown,
    )


def figures(project: Project) -> tuple[Analysis, tuple[str, ...]]:
    """Return the figures of the schema, and notes on where it came from.

    Raises:
        SchemaSyncError: as ``projects.fetch``; if an update keeps running.
    """
    queries = check.read_project_queries(project)
    fetched, notes = projects.fetch(project, details=True, names=bool(queries.queries))
    unmentioned = _unmentioned(project, queries, fetched)
    return analyze(fetched.catalog, fetched.details, fetched.kind, unmentioned, not_shown(fetched)), notes


def _unmentioned(project: Project, queries: QueryFiles, fetched: Fetched) -> Unmentioned:
    """Return what no code mentions, where there are queries and all files could be read."""
    config = project.config
    collected = chosen_files.collect(
        project.root, ("**/*.py",), (*config.exclude, glob.escape(config.paths.version))
    )
    codebase = check.read_code(project)
    unread = [each.at for each in (*queries.unreadable, *collected.unreadable, *codebase.unreadable)]
    why = "queries are off" if config.queries == "off" else "no query of Supabase is in the code"
    if unread:
        why = f"{unread[0]} cannot be read"
    if unread or not queries.queries:
        return Unmentioned(notes=(Note(what="tables, columns and functions that no code mentions", why=why),))
    words = words_outside(without_ignored(project.root, collected.sources), codebase.rows)
    objects = DatabaseObjects(catalog=fetched.catalog, options=config)
    return find_unmentioned(objects, fetched.facts, queries.queries, words.all, words.in_sql)


def not_shown(fetched: Fetched) -> tuple[Note, ...]:
    """Return what the source hides of the catalog and of the details."""
    notes = [*hidden(fetched.catalog, fetched.kind), *fetched.unseen]
    if fetched.details is None:
        notes.append(Note(what=_WHAT, why=f"the source {fetched.kind} runs no SQL"))
    return tuple(notes)


# ---- the folder


def make_folder(folder: Path) -> None:
    """Make *folder* and those above it, where they are missing.

    Raises:
        UsageError: if that cannot be done.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: no folder can be made there: {error.strerror}") from error


def way_to_root(folder: Path, root: Path) -> str | None:
    """Return how to get from *folder* to the project's *root* by a link, None if *folder* is outside of it."""
    here, base = folder.resolve(), root.resolve()
    if not here.is_relative_to(base):
        return None
    return Path(os.path.relpath(base, here)).as_posix()


def _pages_in(folder: Path) -> dict[str, bytes]:
    """Return the Markdown files where our pages are: in the folder, and in those right below it."""
    found: dict[str, bytes] = {}
    for path in sorted([*folder.glob("*.md"), *folder.glob("*/*.md")]):
        if path.is_file() and path.parent.resolve().is_relative_to(folder):
            try:
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
            except OSError as error:
                raise WriteError(f"{path}: cannot be read: {error.strerror}") from error
    return found


def _notes(path: str, content: bytes) -> bytes:
    found = kept_notes.notes(content)
    if found is None:
        raise WriteError(
            f"{path}: where its notes begin and end cannot be told",
            hint=f"Put {kept_notes.BEGIN} and {kept_notes.END} on lines of their own, each once. Nothing changed.",
        )
    return found


def _unix(content: bytes | None) -> bytes | None:
    """Return *content* as it is where Git has not changed the line endings."""
    return None if content is None else content.replace(b"\r\n", b"\n")


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(f"{path}: cannot be removed: {error.strerror}") from error
