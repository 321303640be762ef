"""The lock of a project's folder: one update at a time, and no file is read while files are replaced.

It is a ``flock`` on the folder itself. No file is made for it, so a read-only project can be read. The system
releases it when its process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from schema_sync.codebase.interruptions import raise_if_waiting
from schema_sync.errors import WriteError

PATIENCE = 5.0
"""Seconds to wait for another update; one needs milliseconds from its first staged file to its last rename."""

_PAUSE = 0.02


@contextmanager
def held(folder: Path, *, shared: bool = False) -> Generator[bool]:
    """Hold the lock of *folder* in this block, *shared* by those who only read.

    Yields whether there is a lock. Some network file systems have none for folders, and a folder that may not be
    listed cannot be opened; the block then runs without.

    Raises:
        WriteError: if another process holds the lock for longer than ``PATIENCE``.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:  # whoever then reads or writes files in it reports what is wrong
        yield False
        return
    try:
        yield _is_locked(descriptor, folder, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int, folder: Path, kind: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise WriteError(
                    f"another update is running in {folder}",
                    hint="Run the command again when it has ended. Nothing was changed by this one.",
                ) from error
            raise_if_waiting()
            time.sleep(_PAUSE)
        except OSError:  # the file system has no locks for folders
            return False
        else:
            return True
