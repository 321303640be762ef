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


class Stamp(Value, frozen=True, kw_only=True):
    """The records of the last sync: every update that edits code changes them, after the code.

    ``contents`` has them by path, None where there is no file. ``unread`` has why those that are there, and not
    among the contents, cannot be read: whatever is there is written over.
    """

    contents: dict[str, bytes | None]
    unread: dict[str, str]


def read(root: Path, *paths: str) -> Stamp:
    """Return the records at *paths*, relative to *root*."""
    contents, unread = dict[str, bytes | None](), dict[str, str]()
    for path in paths:
        try:
            contents[path] = read_bytes(root / path, RECORD_BYTES)
        except FileNotFoundError:
            contents[path] = None
        except OSError as error:
            unread[path] = error.strerror or str(error)
    return Stamp(contents=contents, unread=unread)


def lock_of(stamp: Stamp, *, version: str, lock: str) -> tuple[Lock | None, tuple[Note, ...]]:
    """Return the lock, and a note on each record that is there but cannot be read; the paths name them."""
    notes: list[Note] = []
    if version in stamp.unread:
        notes.append(Note(what="when the last sync was", why=f"{version}: {stamp.unread[version]}; {_ANEW}"))
    if lock in stamp.unread:
        notes.append(Note(what=_REMEMBERED, why=f"{lock}: {stamp.unread[lock]}; {_RESTORE}"))
    content, found = stamp.contents.get(lock), None
    if content is not None:
        try:
            found = decode_lock(content, path=lock)
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
    try:
        mode = place.stat().st_mode
        is_irregular = not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)
    except OSError as error:
        is_irregular = error.errno == errno.ELOOP
    if is_irregular and place.parent.resolve().is_relative_to(root.resolve()):
        place.unlink()
