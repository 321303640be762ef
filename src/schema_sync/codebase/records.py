"""The files that record a sync, schema_version.py and the lock: read as far as they can be.

Everything in them can be written anew from a live source, so one that is broken stops nothing. What it remembered
cannot be known then, and that is reported.
"""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from schema_sync.errors import SourceError
from schema_sync.model.base import Value
from schema_sync.model.findings import Note
from schema_sync.model.snapshot import Lock, decode_lock
from schema_sync.repository_files import RECORD_BYTES, read_bytes

_ANEW = "update writes it anew"
_RESTORE = "restore it from version control to keep what it remembers, else update writes it anew"
_REMEMBERED = (
    "what the lock of the last sync remembers: removals kept for review, classes that it bound, renames, and"
    " whether the database or the code moved"
)


class Unread(Value, frozen=True, kw_only=True):
    """A file that is there but cannot be read, and why."""

    why: str


Record = bytes | Unread | None


class Stamp(Value, frozen=True, kw_only=True):
    """The records of the last sync: every update that edits code changes them, after the code."""

    version: Record
    lock: Record


def read(root: Path, *, version: str, lock: str) -> Stamp:
    """Return the records at the paths *version* and *lock*, relative to *root*."""
    return Stamp(version=_record(root / version), lock=_record(root / lock))


def _record(path: Path) -> Record:
    try:
        return read_bytes(path, RECORD_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unread(why=error.strerror or str(error))


def readable(record: Record) -> bytes | None:
    """Return the content of *record*, None where there is none or it cannot be read."""
    return None if isinstance(record, Unread) else record


def before(stamp: Stamp, *, version: str, lock: str) -> dict[str, bytes | None]:
    """Return the contents by path, without those that cannot be read: whatever is there is written over."""
    known = {version: stamp.version, lock: stamp.lock}
    return {path: record for path, record in known.items() if not isinstance(record, Unread)}


def lock_of(stamp: Stamp, *, version: str, lock: str) -> tuple[Lock | None, tuple[Note, ...]]:
    """Return the lock, and a note on each record that is there but cannot be read; the paths name them."""
    notes: list[Note] = []
    found: Lock | None = None
    if isinstance(stamp.version, Unread):
        notes.append(Note(what="when the last sync was", why=f"{version}: {stamp.version.why}; {_ANEW}"))
    if isinstance(stamp.lock, Unread):
        notes.append(Note(what=_REMEMBERED, why=f"{lock}: {stamp.lock.why}; {_RESTORE}"))
    elif stamp.lock is not None:
        try:
            found = decode_lock(stamp.lock, path=lock)
        except SourceError as error:
            notes.append(Note(what=_REMEMBERED, why=f"{error.message}; {_RESTORE}"))
    return found, tuple(notes)


def clear(root: Path, path: str) -> None:
    """Make room for a record that cannot be read: remove a pipe, a device, or a link to one or in a circle.

    Only the name is removed, never what a link leads to. A regular file and a folder stay.

    Raises:
        OSError: if it cannot be removed.
    """
    place = root / path
    if _is_irregular(place) and place.parent.resolve().is_relative_to(root.resolve()):
        place.unlink()


def _is_irregular(place: Path) -> bool:
    try:
        mode = place.stat().st_mode
    except OSError as error:
        return error.errno == errno.ELOOP
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)
