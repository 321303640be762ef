"""How the schema grew: the lock at each commit that changed it, compared with the lock before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import asdict, replace

from schema_sync.codebase import file_history
from schema_sync.codebase.file_history import Change
from schema_sync.compare.changes import between
from schema_sync.errors import SourceError
from schema_sync.exports.history import DIGITS, Figures, History, Step, figures
from schema_sync.model.base import Value
from schema_sync.model.findings import Note
from schema_sync.model.snapshot import Lock, decode_lock
from schema_sync.usecases.project import Project


class _Known(Value, frozen=True, kw_only=True):
    """A lock that could be read, its figures, and its commit."""

    lock: Lock
    figures: Figures
    commit: str


def read_history(project: Project, limit: int) -> History:
    """Return the newest *limit* commits that changed the lock of *project*, and what each of them changed.

    Raises:
        UsageError: if git is not installed, or the project is in no repository.
        SourceError: if no commit has the lock, or git cannot read the commits.
    """
    path, notes = project.config.paths.lock, list[Note]()
    is_shallow = file_history.is_shallow(project.root)
    found = file_history.changes(project.root, path, limit + 1)  # the first one shown is compared, too
    if not found:
        raise SourceError(f"no commit has {path}", hint="Commit the lock that schema-sync update writes.")
    steps = list(_steps(project.root, found[::-1], project.config.schemas[0], notes))
    more = len(found) > limit
    if is_shallow and not more:
        why = "the clone is shallow; git fetch --unshallow completes it"
        notes.append(
            Note(what=f"what was before {found[-1].commit[:DIGITS]}, and whether that changed it", why=why)
        )
    shown = tuple(reversed(steps[-limit:]))
    return History(format_version=1, lock=path, steps=shown, more=more, not_known=tuple(notes))


def _steps(root: Path, found: list[Change], first_schema: str, notes: list[Note]) -> Iterator[Step]:
    """Yield a step for each of *found*, the oldest first; *notes* gets the locks that cannot be read."""
    before: _Known | None = None
    contents = file_history.contents(root, [each.content for each in found if each.content is not None])
    for change in found:
        now: _Known | None = None
        if change.content is not None:
            try:
                now = _read(change, next(contents), before)
            except SourceError as error:
                notes.append(Note(what=f"the lock at {change.commit[:DIGITS]}", why=error.message))
        yield Step(
            **asdict(change),
            figures=now.figures if now else None,
            compared_with=before.commit if now and before else None,
            changes=_changes(before.lock, now.lock, first_schema) if now and before else None,
        )
        before = now or before


def _read(change: Change, content: bytes | str, before: _Known | None) -> _Known:
    """Return the lock in *content*; one with the hash of *before* has its figures, and its catalog is not read.

    Raises:
        SourceError: if it cannot be read.
    """
    if isinstance(content, str):
        raise SourceError(f"{change.path}: {content}")
    lock = decode_lock(content, path=change.path)
    if before is not None and lock.db_hash == before.lock.db_hash:
        return replace(before, commit=change.commit)
    return _Known(lock=lock, figures=figures(lock.catalog), commit=change.commit)


def _changes(before: Lock, now: Lock, first_schema: str) -> tuple[str, ...]:
    return () if before.db_hash == now.db_hash else between(before.catalog, now.catalog, first_schema)
