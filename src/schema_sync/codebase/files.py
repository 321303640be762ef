"""Writing several files so that either all of them are replaced or none, however the process ends.

Renames are atomic one by one (POSIX ``rename``), not together. So a journal says first what is meant; then each
new content is written and synced to a temporary file beside its target, and the old one kept as a hard link (or
a copy); then the journal is marked as ready, and all are renamed. A process that is killed before the mark has
changed nothing; after it, the next run completes the rest (``recovery``).
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from schema_sync.codebase import journal, recovery
from schema_sync.codebase.interruptions import held_back, raise_if_waiting
from schema_sync.codebase.journal import Entry, Intent, Journal, Phase, Step
from schema_sync.errors import WriteError

_UNCHANGED = "Nothing was changed. Check the folder's permissions and free space, then run the command again."
_NEXT_RUN = "Check permissions and free space; the next run of schema-sync completes or undoes the update."
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True)
class Replacement:
    """A file to be put in place: its path as it was asked for, links followed as ``target``."""

    path: str
    target: Path
    content: bytes


def commit(root: Path, contents: Mapping[str, bytes], before: Mapping[str, bytes | None] | None = None) -> None:
    """Write *contents*, bytes by path relative to *root* (with ``/``): all files or none.

    Missing folders are made, permission bits are kept, the owner and group where the system lets us. A symbolic
    link stays one: what it points at is written. Of a file with several hard links the one name is replaced,
    the others keep the old content. *before* holds what the caller took for the old content (None: no file); a
    file that is another by now is not written over. If anything fails, or the user interrupts, all is as it was
    before; if the process is killed, the next ``commit`` or ``recover`` completes or undoes.

    Raises:
        WriteError: if a path leaves *root*, a file cannot be written or was changed by someone else, or another
            update is running; it names the file and the reason.
    """
    base = root.resolve()
    replacements = _planned(base, contents)
    while replacements:
        try:
            with held_back(), journal.make(base) as held:
                if held.is_empty():
                    _commit(held, replacements, before or {})
                    return
                recovery.settle(held)  # an update that was killed since the caller looked
        except OSError as error:
            raise WriteError(
                f"{error.filename or base / journal.NAME}: cannot be written: {error.strerror}", hint=_UNCHANGED
            ) from error


def _commit(held: Journal, replacements: list[Replacement], before: Mapping[str, bytes | None]) -> None:
    with ExitStack() as undo:
        undo.callback(held.remove)
        intent = _intent(held.base, replacements, before)
        undo.pop_all()
        undo.callback(_undo, held, intent)
        _replace(held, intent, replacements)
        undo.pop_all()
    try:
        recovery.tidy(held, intent)
    except OSError as error:
        raise WriteError(f"after all files were written: {error}", hint=_NEXT_RUN) from error


def _undo(held: Journal, intent: Intent) -> None:
    try:
        recorded = held.read()
        if recorded is None:
            held.remove()
        else:
            recovery.undo(held, *recorded)
    except OSError as error:
        names = ", ".join(entry.path for entry in intent.entries)
        raise WriteError(f"{names}: cannot be restored: {error}", hint=_NEXT_RUN) from error


def _replace(held: Journal, intent: Intent, replacements: list[Replacement]) -> None:
    """Stage all, say so in the journal, rename all."""
    current = Replacement(journal.NAME, held.path, b"")
    steps = intent.steps(held.base)
    try:
        held.begin(intent)
        for step, replacement in zip(steps, replacements, strict=True):
            raise_if_waiting()
            current = replacement
            _stage(step, replacement.content)
        _sync_folders(held.base, intent, steps)
        for step, replacement in zip(steps, replacements, strict=True):
            current = replacement
            if journal.digest_of(step.target) != step.entry.old:
                raise _changed(replacement.path)
        held.mark(Phase.READY)
        for step, replacement in zip(steps, replacements, strict=True):
            raise_if_waiting()
            current = replacement
            step.temporary.replace(step.target)
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FORBIDDEN:
            reason = f"{reason} (folder {current.target.parent})"
        raise WriteError(f"{current.path}: cannot be written: {reason}", hint=_UNCHANGED) from error


def _changed(path: str) -> WriteError:
    return WriteError(
        f"{path}: it was changed by someone else while the update was prepared",
        hint="Nothing was changed. Run the command again.",
    )


def put(path: Path, content: bytes) -> None:
    """Write one file that is not code, such as a report: beside its place, then renamed over it.

    A symbolic link stays one, permission bits are kept. A pipe or a device is written to as it is.

    Raises:
        OSError: if it cannot be written; then a file has its old content.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    target = path.resolve()
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    temporary = target.with_name(f".schema-sync-{secrets.token_hex(8)}")
    with held_back(), ExitStack() as undo:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        undo.callback(temporary.unlink, missing_ok=True)
        try:
            if target.exists():
                _take_over(descriptor, target.stat())
            journal.write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(target)


# ---- planning: all that can be known without writing


def _planned(base: Path, contents: Mapping[str, bytes]) -> list[Replacement]:
    planned: dict[Path, Replacement] = {}
    for path, content in contents.items():
        target = _target(base, path)
        if target in planned and planned[target].content != content:
            raise WriteError(
                f"{path}: it is the same file as {planned[target].path}, with another content",
                hint="Configure one of the two paths only.",
            )
        planned[target] = Replacement(path, target, content)
    return list(planned.values())


def _target(base: Path, path: str) -> Path:
    """Return the file that *path* means, links followed."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise WriteError(f"{path!r}: not a path within the project", hint="Use a path relative to its root.")
    try:
        target = base.joinpath(*parts).resolve()
    except (OSError, RuntimeError) as error:  # links in a circle, before Python 3.13
        raise WriteError(f"{path}: cannot be resolved: {error}", hint=_UNCHANGED) from error
    if not target.is_relative_to(base):
        raise WriteError(f"{path}: it leads outside the project, to {target}", hint="Replace the link by a file.")
    if target.is_symlink():
        raise WriteError(f"{path}: cannot be resolved: links in a circle", hint=_UNCHANGED)
    if target.exists() and not target.is_file():
        raise WriteError(f"{path}: it is no regular file", hint="Remove it, or configure another path.")
    if target.exists() and not os.access(target, os.W_OK):
        raise WriteError(f"{path}: it is read-only", hint="Make it writable, then run the command again.")
    return target


def _intent(base: Path, replacements: list[Replacement], before: Mapping[str, bytes | None]) -> Intent:
    entries: list[Entry] = []
    folders: dict[str, None] = {}
    for replacement in replacements:
        path, target = replacement.path, replacement.target
        old = journal.digest_of(target)
        if path in before and old != _digest(before[path]):
            raise _changed(path)
        entries.append(
            Entry(path=target.relative_to(base).as_posix(), old=old, new=journal.digest(replacement.content))
        )
        missing = [folder for folder in target.parents if not folder.exists()]
        folders |= dict.fromkeys(folder.relative_to(base).as_posix() for folder in reversed(missing))
    return Intent(token=secrets.token_hex(8), entries=tuple(entries), folders=tuple(folders))


def _digest(content: bytes | None) -> str | None:
    return None if content is None else journal.digest(content)


# ---- staging: all that is written before the first rename


def _stage(step: Step, content: bytes) -> None:
    """Write the new content beside its target, and keep the old one."""
    step.target.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(step.temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        if step.entry.old is not None:
            _take_over(descriptor, step.target.stat())
        journal.write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if step.entry.old is not None:
        _keep(step.target, step.backup)


def _take_over(descriptor: int, known: os.stat_result) -> None:
    """Give the new file the owner and mode of the old one; the group at least where only root may do more."""
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (known.st_uid, known.st_gid):
        try:
            os.chown(descriptor, known.st_uid, known.st_gid)
        except PermissionError:
            with contextlib.suppress(PermissionError):  # not of that group: the file becomes the user's own
                os.chown(descriptor, -1, known.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(known.st_mode))


def _keep(target: Path, backup: Path) -> None:
    try:
        backup.hardlink_to(target)
    except OSError:  # a file system without hard links, or one that forbids them
        shutil.copy2(target, backup)
        _sync_file(backup)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folders(base: Path, intent: Intent, steps: Iterable[Step]) -> None:
    made = [base / folder for folder in intent.folders]
    for folder in sorted({*(step.target.parent for step in steps), *made, *(new.parent for new in made)}):
        journal.sync_folder(folder)


def missing_packages(root: Path, contents: Iterable[str]) -> list[str]:
    """Name the ``__init__.py`` of each folder on the way to a file that has no module in or below it yet.

    A folder ``src`` is no package: what is in it is imported by its own name.
    """
    found: dict[str, None] = {}
    folders = (f for path in contents if path.endswith(".py") for f in PurePosixPath(path).parents)
    for folder in dict.fromkeys(folders):
        if folder.name not in {"", "src"} and not any((root / folder).rglob("*.py")):
            found[str(folder / "__init__.py")] = None
    return [path for path in found if path not in contents]
