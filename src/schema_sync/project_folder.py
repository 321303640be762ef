"""Finds the project that a command is about, from any folder within it, and names its files as seen from there."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from schema_sync import config

_SIGNS = ("schemas", "supabase")
_OTHERS_MAY_WRITE = 0o002
_WORD = r"[^\s'\"`(),;:]*[^\s'\"`(),;:.]"


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


def seen_from(here: Path, root: Path, path: str) -> str:
    """Return *path*, which is relative to the project in *root*, relative to the folder *here*."""
    return path if here == root or Path(path).is_absolute() else os.path.relpath(root / path, here)


def in_text(text: str, here: Path, root: Path, known: Collection[str] = ()) -> str:
    """Return *text* with the files of the project in *root* that it mentions as they are seen from *here*.

    Messages are made where nobody knows the current folder: they name files relative to the project, as JSON does.
    *known* are names of files that may not exist, or that have spaces in them.
    """
    if here == root:
        return text
    mentioned = sorted((name for name in known if name in text), key=len, reverse=True)
    names = "|".join(map(re.escape, mentioned))
    words = rf"(?:{names})(?![\w/-])|{_WORD}" if names else _WORD

    def seen(found: re.Match[str]) -> str:
        word = found[0]
        return seen_from(here, root, word) if word in mentioned or _is_of_project(word, here, root) else word

    return re.sub(words, seen, text)


def _is_of_project(word: str, here: Path, root: Path) -> bool:
    """Return whether *word* is a file of *root*, or a folder below one, and nothing that is in *here* too."""
    if word.startswith("/") or ".." in word:
        return False
    with suppress(OSError, ValueError):  # it is too long for a name, or has a NUL in it
        mode = (root / word).stat().st_mode
        return not os.access(here / word, os.F_OK) and (stat.S_ISREG(mode) or ("/" in word and stat.S_ISDIR(mode)))
    return False


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
