"""Finds the project that a command is about, from any folder within it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from schema_sync import config

_SIGNS = ("schemas", "supabase")
_OTHERS_MAY_WRITE = 0o002


def find(start: Path) -> Path:
    """Return the folder of the project that *start* lies in.

    It is the nearest one upwards that has a configuration; without any, the nearest that has ``supabase/`` or
    ``schemas/``, where the lock is; then the root of the Git repository; then *start*.

    Raises:
        ConfigError: if a file that may hold the configuration cannot be read.
    """
    folders = tuple(_upwards(start))
    for folder in folders:
        if config.configures(folder):
            return folder
    for folder in folders:
        if any((folder / sign).is_dir() for sign in _SIGNS):
            return folder
    return folders[-1] if _is_repository(folders[-1]) else start


def _upwards(start: Path) -> Iterator[Path]:
    """Yield *start* and the folders above it, up to the root of its Git repository.

    Outside a repository the walk ends below the home folder, and below a folder that other users may write to:
    what they put there is no configuration of this user's.
    """
    chain = (start, *start.parents)
    top = next((folder for folder in chain if _is_repository(folder)), None)
    for folder in chain:
        if folder != start and top is None and not _is_own(folder):
            return
        yield folder
        if folder == top:
            return


def _is_repository(folder: Path) -> bool:
    return os.access(folder / ".git", os.F_OK)


def _is_own(folder: Path) -> bool:
    """Return whether *folder* is one of the user's projects, as far as owner and mode tell."""
    if folder in (folder.parent, Path.home()):
        return False
    try:
        found = folder.stat()
    except OSError:
        return False
    owner = os.getuid() if hasattr(os, "getuid") else found.st_uid
    return found.st_uid == owner and not found.st_mode & _OTHERS_MAY_WRITE
