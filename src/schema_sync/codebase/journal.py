"""The journal of an update: what is being replaced, and how far it is, so that the next run can settle it.

The file is a line of JSON (the intent) and a line of one letter (the phase). The intent is on disk before
the first temporary file is made; after that only the letter changes, in place: a single byte is never half
written and needs no space on a full disk.

The journal is the lock too (``flock``): the system releases it when its process ends, however that ends. So a
journal that can be locked has no living owner, and one that cannot is left alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import stat
import time
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Self

import msgspec

from schema_sync.codebase.interruptions import raise_if_waiting
from schema_sync.errors import WriteError
from schema_sync.model.base import Value

NAME = ".schema-sync-journal"
PATIENCE = 5.0
"""Seconds to wait for another update; one needs milliseconds between its lock and its last rename."""

_VERSION = 1
_PAUSE = 0.02
_TOKEN = re.compile(r"[0-9a-f]{16}")


class Phase(StrEnum):
    """How far an update is."""

    STAGING = "S"  # no target has been touched
    READY = "R"  # all new contents are on disk: from here on it can be completed
    UNDOING = "U"  # it failed: what was renamed goes back


class Entry(Value, frozen=True, kw_only=True):
    """One file: its path relative to the project, links followed; SHA-256 of the old content and the new.

    ``old`` is None where there was no file.
    """

    path: str
    new: str
    old: str | None = None


class Intent(Value, frozen=True, kw_only=True):
    """All files of one update, and the folders that it makes, outermost first."""

    version: int = _VERSION
    token: str
    entries: tuple[Entry, ...]
    folders: tuple[str, ...] = ()

    def steps(self, base: Path) -> list[Step]:
        """Return the entries with their places in the project *base*.

        The names beside a target follow from the token: a journal cannot name just any file.
        """
        steps: list[Step] = []
        for number, entry in enumerate(self.entries):
            target = base / entry.path
            mark = f".schema-sync-{self.token}-{number}"
            temporary, backup = target.with_name(f"{mark}.new"), target.with_name(f"{mark}.old")
            steps.append(Step(entry, target, temporary, backup))
        return steps


@dataclass(frozen=True)
class Step:
    """An entry in its place: ``temporary`` holds the new content until it is renamed, ``backup`` the old one."""

    entry: Entry
    target: Path
    temporary: Path
    backup: Path


@dataclass
class Journal:
    """The open and locked journal of the project *base*; leaving it as a context closes and unlocks it."""

    base: Path
    descriptor: int

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.base / NAME

    def is_empty(self) -> bool:
        """Whether nothing was begun."""
        return os.fstat(self.descriptor).st_size == 0

    def begin(self, intent: Intent) -> None:
        """Record *intent* durably, in the phase of staging.

        Raises:
            OSError: if it cannot be written.
        """
        content = msgspec.json.encode(intent) + b"\n" + Phase.STAGING.encode() + b"\n"
        write_all(self.descriptor, content)
        os.fsync(self.descriptor)
        sync_folder(self.base)

    def mark(self, phase: Phase) -> None:
        """Record durably that *phase* has begun.

        Raises:
            OSError: if it cannot be written.
        """
        os.pwrite(self.descriptor, phase.encode(), os.fstat(self.descriptor).st_size - 2)
        os.fsync(self.descriptor)

    def read(self) -> tuple[Intent, Phase] | None:
        """Return what was recorded; None if that was never completed, so that nothing had begun.

        Raises:
            WriteError: if it is another version's, or names what no update of this project would.
            OSError: if it cannot be read.
        """
        content = os.pread(self.descriptor, os.fstat(self.descriptor).st_size, 0)
        line, _, rest = content.partition(b"\n")
        try:
            intent = msgspec.json.decode(line, type=Intent)
            phase = Phase(rest.decode("ascii").rstrip("\n"))
        except msgspec.ValidationError as error:
            raise _untrusted(self.path, "it is not of this version") from error
        except ValueError:  # no JSON, or no phase: it was cut off while it was written
            return None
        self._check(intent)
        return intent, phase

    def remove(self) -> None:
        """Remove it: the update is over.

        Raises:
            OSError: if that fails.
        """
        self.path.unlink()
        sync_folder(self.base)

    def _check(self, intent: Intent) -> None:
        if intent.version != _VERSION or not _TOKEN.fullmatch(intent.token):
            raise _untrusted(self.path, "it is not of this version")
        for path in (*(entry.path for entry in intent.entries), *intent.folders):
            pure = PurePosixPath(path)
            if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\0" in path:
                raise _untrusted(self.path, f"{path!r} is no path within the project")
            parent = (self.base / pure).parent
            if parent.resolve() != parent:
                raise _untrusted(self.path, f"a link leads to {path!r}")


def _untrusted(path: Path, why: str) -> WriteError:
    return WriteError(
        f"{path}: an interrupted update left this journal, and it cannot be followed: {why}",
        hint="See with version control what the update changed, then remove the journal.",
    )


def make(base: Path) -> Journal:
    """Return the journal of the project *base*, made if there is none, and locked.

    Raises:
        WriteError: if another process keeps it for longer than ``PATIENCE``, or it is no regular file.
        OSError: if it cannot be made, opened or locked.
    """
    return _locked(base, os.O_CREAT)


def find(base: Path) -> Journal | None:
    """Return the journal of the project *base*, locked; None if there is none.

    Raises:
        WriteError: if another process keeps it for longer than ``PATIENCE``, or it is no regular file.
        OSError: if it cannot be opened or locked.
    """
    if not os.path.lexists(base / NAME):
        return None
    try:
        return _locked(base, 0)
    except FileNotFoundError:  # another update has ended just now
        return None


def _locked(base: Path, flags: int) -> Journal:
    deadline = time.monotonic() + PATIENCE
    while True:
        with ExitStack() as undo:
            descriptor = os.open(base / NAME, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | flags, 0o666)
            undo.callback(os.close, descriptor)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise WriteError(f"{base / NAME}: it is no regular file", hint="Remove it.")
            if _lock(descriptor):
                if _is_in_place(descriptor, base / NAME):
                    undo.pop_all()
                    return Journal(base, descriptor)
            elif time.monotonic() > deadline:
                raise WriteError(
                    f"another update is running in {base}",
                    hint="Run the command again when it has ended. Nothing was changed by this one.",
                )
            else:
                raise_if_waiting()
                time.sleep(_PAUSE)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_in_place(descriptor: int, path: Path) -> bool:
    """Whether the locked file is still the journal: its last owner may have removed it in between."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


# ---- durable files


def digest(content: bytes) -> str:
    """Return the SHA-256 of *content*, in hex."""
    return hashlib.sha256(content).hexdigest()


def digest_of(path: Path) -> str | None:
    """Return the digest of a regular file; None if there is nothing, an empty string for anything else.

    Raises:
        OSError: if it cannot be read.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of *content*: the system may take less at a time.

    Raises:
        OSError: if it cannot be written.
    """
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def sync_folder(folder: Path) -> None:
    """Make the entries of *folder* durable.

    Raises:
        OSError: if that fails.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
