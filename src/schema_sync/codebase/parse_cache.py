"""What was read from Python files, kept in the user's cache folder from one run to the next.

A result is found again by the hash of all that it depends on; the time of a file plays no part. Each project has
one file for each kind of result. The file starts with a hash of the rest, which depends on the source of this tool
and on the running Python too. A file that is damaged, or that another version wrote, counts as none, and so does
one that other users may have written. An error here is no error of a check: what is not found is read again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from schema_sync import __version__, user_cache
from schema_sync.model.base import Value
from schema_sync.repository_files import read_bytes

FILE_BYTES = 64 * 1024 * 1024
FOLDER_BYTES = 256 * 1024 * 1024
UNUSED_SECONDS = 30 * 24 * 3600
READING = ("codebase", "mapping", "model", "postgres", "queries")
"""The folders of the package whose code makes the results, in addition to the package's top level."""
_PACKAGE = Path(__file__).parents[1]
_HASH_BYTES = 32

Result = TypeVar("Result", bound=Value)


def place(project: Path, kind: str) -> Path | None:
    """Return the file for results of one *kind* of the project in a folder; None for a user without a home."""
    folder = user_cache.folder()
    name = f"{kind}-{key([os.fsencode(project.resolve())]).hex()[:_HASH_BYTES]}"
    return folder / "parsed" / name if folder else None


def key(parts: Iterable[bytes]) -> bytes:
    """Return a hash of *parts* that also depends on where each of them ends."""
    hashed = hashlib.blake2b(digest_size=_HASH_BYTES)
    for part in parts:
        hashed.update(len(part).to_bytes(8))
        hashed.update(part)
    return hashed.digest()


@contextmanager
def opened(file: Path | None) -> Generator[ParseCache]:
    """Give the results that *file* keeps, and keep those that are added; with None there is nothing to keep."""
    results = ParseCache({} if file is None else _read(file))
    yield results
    if file is not None and results.added:
        with suppress(OSError):
            _write(file, results.entries())
            _tidy(file.parent)


class ParseCache:
    """Results by key; those of the last runs come as *found*, encoded, the most recently used first."""

    def __init__(self, found: dict[bytes, msgspec.Raw]) -> None:
        self.added = False
        self._found = found
        self._used: dict[bytes, msgspec.Raw] = {}

    def get(self, key: bytes, kind: type[Result]) -> Result | None:
        """Return the result of this key, None where there is none."""
        if key not in self._found:
            return None
        try:
            result = msgspec.msgpack.decode(self._found[key], type=kind)
        except (ValueError, RecursionError):
            return None
        self._used[key] = self._found[key]
        return result

    def put(self, key: bytes, result: Value) -> None:
        """Keep *result*, unless it cannot be encoded: half of a surrogate pair, an integer of over 64 bits."""
        with suppress(ValueError, OverflowError, RecursionError):
            self._used[key] = msgspec.Raw(msgspec.msgpack.encode(result))
            self.added = True

    def entries(self) -> dict[bytes, msgspec.Raw]:
        """Return what to keep: what this run used, and as much of the rest, the most recently used first."""
        left = min(FILE_BYTES, 2 * sum(map(_size, self._used.values())))
        kept: dict[bytes, msgspec.Raw] = {}
        for each, entry in (self._used | self._found).items():
            left -= _size(entry)
            if left < 0:
                break
            kept[each] = self._used.get(each, entry)
        return kept


def _size(entry: msgspec.Raw) -> int:
    return len(entry) + 2 * _HASH_BYTES  # its key and its length included


def _read(file: Path) -> dict[bytes, msgspec.Raw]:
    """Return the entries of *file*; none where it cannot be trusted."""
    try:
        if not (_is_private(file.parent) and file.lstat().st_uid == os.geteuid()):
            return {}
        content = read_bytes(file, FILE_BYTES)
        signature, encoded = content[:_HASH_BYTES], content[_HASH_BYTES:]
        if signature != _signature(encoded):
            return {}
        with suppress(OSError):
            os.utime(file)  # when it was last used
        return msgspec.msgpack.decode(encoded, type=dict[bytes, msgspec.Raw])
    except (OSError, ValueError, RecursionError):
        return {}


def _write(file: Path, entries: dict[bytes, msgspec.Raw]) -> None:
    """Replace *file* in one step: who reads it meanwhile has the old one or the new one.

    Raises:
        OSError: if it cannot be written.
    """
    import tempfile

    encoded = msgspec.msgpack.encode(entries)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_private(file.parent):
        return
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as made:  # of mode 600
        temporary = Path(made.name)
        try:
            made.write(_signature(encoded) + encoded)
            made.flush()
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)


def _is_private(folder: Path) -> bool:
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _tidy(folder: Path) -> None:
    """Remove the files that were not used for long, and the least recently used of too many.

    Raises:
        OSError: if one cannot be removed.
    """
    oldest, left = time.time() - UNUSED_SECONDS, FOLDER_BYTES
    used = sorted(((path.lstat(), path) for path in folder.iterdir()), key=lambda file: -file[0].st_mtime)
    for status, path in used:
        left -= status.st_size
        if left < 0 or status.st_mtime < oldest:
            path.unlink(missing_ok=True)


def _signature(encoded: bytes) -> bytes:
    return hashlib.blake2b(encoded, key=_maker(), digest_size=_HASH_BYTES).digest()


@cache
def _maker() -> bytes:
    """Return a hash of what makes results of files: the tool's version, its source as it is, and Python.

    Raises:
        OSError: if the source cannot be read.
    """
    sources = [*_PACKAGE.glob("*.py"), *(path for folder in READING for path in (_PACKAGE / folder).rglob("*.py"))]
    return key([__version__.encode(), sys.version.encode(), *(path.read_bytes() for path in sorted(sources))])
