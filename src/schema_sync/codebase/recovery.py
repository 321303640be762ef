"""Settling an update that was interrupted: all of its files become new, or all become old.

What the journal says is held against what is on disk. A file that the user has changed since is never
written over; whether it was renamed before, its temporary file tells.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from schema_sync.codebase import journal
from schema_sync.codebase.interruptions import held_back
from schema_sync.codebase.journal import Intent, Journal, Phase, Step, digest_of
from schema_sync.errors import WriteError
from schema_sync.model.base import Value


class Settled(Value, frozen=True, kw_only=True):
    """How an interrupted update ended: its files by path, and whether they are new or old."""

    completed: bool
    paths: tuple[str, ...]


class _Ways(NamedTuple):
    """The ways that are open to one file."""

    forward: bool
    back: bool


def is_pending(root: Path) -> bool:
    """Whether an update of the project in *root* is under way or was interrupted."""
    return os.path.lexists(root / journal.NAME)


def recover(root: Path) -> Settled | None:
    """Settle an interrupted update of the project in *root*; None if there was none.

    Without a journal nothing is opened or written, so that a project which is read-only can be checked.

    Raises:
        WriteError: if another update keeps running, or what is left can be neither completed nor undone.
    """
    try:
        with held_back():
            held = journal.find(root.resolve())
            if held is None:
                return None
            with held:
                return settle(held)
    except OSError as error:
        raise WriteError(
            f"{root / journal.NAME}: an interrupted update cannot be settled: {error}",
            hint="Check permissions and free space, then run any command again: it will be completed or undone.",
        ) from error


def settle(held: Journal) -> Settled | None:
    """Settle what *held* says, if anything, and remove it.

    Raises:
        WriteError: if it can be neither completed nor undone.
        OSError: if a file cannot be read or written; nothing is lost, and it can be tried again.
    """
    recorded = held.read()
    if recorded is None:
        silent = held.is_empty()
        held.remove()
        return None if silent else Settled(completed=False, paths=())
    intent, phase = recorded
    paths = tuple(entry.path for entry in intent.entries)
    if phase is Phase.READY and _completable(held, intent):
        complete(held, intent)
        return Settled(completed=True, paths=paths)
    undo(held, intent, phase)
    return Settled(completed=False, paths=paths)


def _completable(held: Journal, intent: Intent) -> bool:
    """Whether to go forward rather than back.

    Raises:
        WriteError: if neither leads to a whole.
    """
    ways = [(step, _ways(step)) for step in intent.steps(held.base)]
    if all(way.forward for _, way in ways):
        return True
    if all(way.back for _, way in ways):
        return False
    raise _stuck(held, [step for step, way in ways if not way.back])


def _ways(step: Step) -> _Ways:
    found = digest_of(step.target)
    if found == step.entry.new:
        return _Ways(forward=True, back=_restorable(step))
    if found == step.entry.old:
        return _Ways(forward=digest_of(step.temporary) == step.entry.new, back=True)
    renamed = digest_of(step.temporary) is None  # else what the user changed was the old content
    return _Ways(forward=renamed, back=not renamed)


def _restorable(step: Step) -> bool:
    return step.entry.old in {None, step.entry.new} or digest_of(step.backup) == step.entry.old


def _stuck(held: Journal, steps: Iterable[Step]) -> WriteError:
    names = ", ".join(step.entry.path for step in steps)
    return WriteError(
        f"an interrupted update can be neither completed nor undone: {names}",
        hint="Bring back the last committed state of the files with version control,"
        f" then remove {held.path} and what is named .schema-sync-* beside them.",
    )


def complete(held: Journal, intent: Intent) -> None:
    """Rename what is left to rename, and tidy up.

    Raises:
        OSError: if a file cannot be renamed or removed.
    """
    for step in intent.steps(held.base):
        if digest_of(step.target) == step.entry.old != step.entry.new:
            step.temporary.replace(step.target)
    tidy(held, intent)


def undo(held: Journal, intent: Intent, phase: Phase) -> None:
    """Bring back what was renamed, and tidy up.

    That it goes back is recorded first: if this is interrupted too, the next run goes the same way.

    Raises:
        WriteError: if the old content of a file is gone.
        OSError: if a file cannot be renamed or removed.
    """
    steps = intent.steps(held.base)
    if phase is not Phase.STAGING:
        renamed = [s for s in steps if s.entry.old != s.entry.new and digest_of(s.target) == s.entry.new]
        lost = [step for step in renamed if not _restorable(step)]
        if lost:
            raise _stuck(held, lost)
        held.mark(Phase.UNDOING)
        for step in renamed:
            if step.entry.old is None:
                step.target.unlink()
            else:
                step.backup.replace(step.target)
    tidy(held, intent, folders=True)


def tidy(held: Journal, intent: Intent, *, folders: bool = False) -> None:
    """Remove temporary files and backups, with *folders* also the folders made, and last the journal.

    Raises:
        OSError: if something cannot be removed.
    """
    steps = intent.steps(held.base)
    for step in steps:
        step.temporary.unlink(missing_ok=True)
        step.backup.unlink(missing_ok=True)
    if folders:
        for folder in (held.base / path for path in reversed(intent.folders)):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    for folder in sorted({step.target.parent for step in steps}):
        if folder.is_dir():
            journal.sync_folder(folder)
    held.remove()
