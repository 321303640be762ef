"""How the schema grew: the lock at each commit that changed it, compared with the lock before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from msgspec.structs import asdict, replace

from schema_sync.codebase import file_history
from schema_sync.codebase.file_history import Change
from schema_sync.compare.changes import ObjectChange, changed
from schema_sync.errors import SourceError
from schema_sync.exports.history import DIGITS, Entry, Figures, History, Timeline, document, figures
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
    """Return the document of the newest *limit* commits that changed the lock of *project*.

    Raises:
        UsageError, SourceError: as ``read_timeline``.
    """
    return document(read_timeline(project, limit), project.config.schemas[0])


def read_timeline(project: Project, limit: int, most_bytes: int | None = None) -> Timeline:
    """Return the newest *limit* commits that changed the lock of *project*, and what each of them changed.

    There are fewer where their locks have more than *most_bytes*, but one, and the lock before it, is always read.

    Raises:
        UsageError: if git is not installed, or the project is in no repository.
        SourceError: if no commit has the lock, or git cannot read the commits.
    """
    path, notes = project.config.paths.lock, list[Note]()
    is_shallow = file_history.is_shallow(project.root)
    found = file_history.changes(project.root, path, limit + 1)  # the first one shown is compared, too
    if not found:
        raise SourceError(f"no commit has {path}", hint="Commit the lock that schema-sync update writes.")
    if most_bytes is not None and (fitting := _fitting(project.root, found, most_bytes)) < len(found):
        limit = max(1, fitting - 1)
    more = len(found) > limit
    found = found[: limit + 1]
    entries = list(_entries(project.root, found[::-1], notes))
    if is_shallow and not more:
        why = "the clone is shallow; git fetch --unshallow completes it"
        notes.append(
            Note(what=f"what was before {found[-1].commit[:DIGITS]}, and whether that changed it", why=why)
        )
    return Timeline(lock=path, entries=tuple(reversed(entries[-limit:])), more=more, not_known=tuple(notes))


def _fitting(root: Path, found: list[Change], most_bytes: int) -> int:
    """Return how many of *found*, from the first one, have locks of at most *most_bytes* in all."""
    sizes = file_history.sizes(root, {each.content for each in found if each.content is not None})
    in_all = accumulate(sizes.get(each.content or "", 0) for each in found)
    return sum(size <= most_bytes for size in in_all)


def _entries(root: Path, found: list[Change], notes: list[Note]) -> Iterator[Entry]:
    """Yield an entry for each of *found*, the oldest first; *notes* gets the locks that cannot be read."""
    before: _Known | None = None
    contents = file_history.contents(root, [each.content for each in found if each.content is not None])
    for change in found:
        now: _Known | None = None
        if change.content is not None:
            try:
                now = _read(change, next(contents), before)
            except SourceError as error:
                notes.append(Note(what=f"the lock at {change.commit[:DIGITS]}", why=error.message))
        yield Entry(
            **asdict(change),
            figures=now.figures if now else None,
            compared_with=before.commit if now and before else None,
            changes=_changes(before.lock, now.lock) if now and before else None,
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


def _changes(before: Lock, now: Lock) -> tuple[ObjectChange, ...]:
    return () if before.db_hash == now.db_hash else changed(before.catalog, now.catalog)
