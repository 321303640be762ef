"""Which Python files of a folder the globs choose, and what is in them.

Authority: ``glob`` of the Python library reference (``**`` stands for any number of folders).
"""

from __future__ import annotations

import errno
import fnmatch
import os
import re
import stat
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from schema_sync.model.declarations import Location, Unreadable
from schema_sync.repository_files import CODE_BYTES, read_bytes

_SUFFIXES = (".py", ".pyi")
_Glob = list[re.Pattern[str] | None]
_MISNAMED = "the file's name is not UTF-8: rename it, or leave it out (exclude)"


class Collected(NamedTuple):
    """The files that globs choose: contents by path relative to the project, and what could not be opened."""

    sources: dict[str, bytes]
    unreadable: tuple[Unreadable, ...]


def collect(root: Path, include: Sequence[str], exclude: Sequence[str] = ()) -> Collected:
    """Return the Python files below *root* that the globs choose.

    *include* and *exclude* are globs relative to *root* such as ``schemas/**/*.py``; one that names a folder
    matches all within it. Hidden folders, ``__pycache__``, ``node_modules`` and virtual environments are
    searched only if a pattern starts with them, linked folders not at all below a pattern's fixed part.
    What does not exist is not an error; what cannot be opened is in ``unreadable`` alone.
    """
    sources: dict[str, bytes] = {}
    unreadable: list[Unreadable] = []
    for path in sorted(_files(root, include, exclude, unreadable)):
        try:
            path.encode()
            sources[path] = read_bytes(root / path, CODE_BYTES)
        except UnicodeEncodeError:  # no report, lock or program could name it
            unreadable.append(_unreadable(path, _MISNAMED))
        except OSError as error:
            unreadable.append(_unreadable(path, error.strerror or str(error)))
    return Collected(sources, tuple(unreadable))


def _unreadable(path: str, why: str) -> Unreadable:
    return Unreadable(at=Location(path=path.encode("utf-8", "backslashreplace").decode(), line=1), why=why)


def _files(root: Path, include: Sequence[str], exclude: Sequence[str], unreadable: list[Unreadable]) -> set[str]:
    """Return the paths relative to *root* of the Python files that the globs choose."""
    by_start: dict[str, list[str]] = {}
    for pattern in dict.fromkeys(include):
        by_start.setdefault(_fixed_part(pattern), []).append(pattern)
    excluded = [_glob(pattern) for pattern in exclude]
    found: set[str] = set()
    for start, patterns in by_start.items():
        wanted = [_glob(pattern) for pattern in patterns]
        for path in walk(root, start, unreadable):
            parts = path.split("/")
            chosen = path.endswith(_SUFFIXES) and any(_chooses(glob, parts) for glob in wanted)
            if chosen and not any(_chooses(glob, parts) for glob in excluded):
                found.add(path)
    return found


def _normal(pattern: str) -> list[str]:
    return list(PurePosixPath(os.path.normpath(pattern)).parts)


def _fixed_part(pattern: str) -> str:
    """Return the leading folders of *pattern* that hold no wildcard."""
    return "/".join(takewhile(set("*?[").isdisjoint, _normal(pattern)))


def _glob(pattern: str) -> _Glob:
    """Return what the parts of a path have to match; None, for ``**``, is any number of folders."""
    pairs = pairwise(["", *_normal(pattern)])
    parts = [part for before, part in pairs if (before, part) != ("**", "**")]  # a run of them is one
    if parts[-1:] == ["**"]:
        parts[-1] = "*"  # whatever is in it is chosen too
    return [None if part == "**" else re.compile(fnmatch.translate(part)) for part in parts]


def _chooses(glob: _Glob, path: Sequence[str]) -> bool:
    """Whether *glob* chooses the path of these parts, or a folder on the way to it.

    All ways to match are followed at once: it takes as long as the pattern and the path have parts, however many
    ``**`` there are.
    """
    if not glob:
        return True  # the project itself
    places = {0}
    for part in path:
        places |= {place + 1 for place in places if glob[place] is None}  # which may be no folder
        matching = {place + 1 for place in places if (wanted := glob[place]) and wanted.match(part)}
        if len(glob) in matching:
            return True
        places = matching.union(place for place in places if glob[place] is None)
    return False


def walk(root: Path, start: str, unreadable: list[Unreadable]) -> Iterator[str]:
    """Yield the files at or below *start*, relative to *root*, with slashes."""
    if _may_be_file(root / start, named=True):
        yield start
        return

    def note(error: OSError) -> None:
        path = os.path.relpath(str(error.filename), root).replace(os.sep, "/")
        fault = _unreadable(path, error.strerror or str(error))
        if not isinstance(error, FileNotFoundError) and fault not in unreadable:  # globs may lead to it twice
            unreadable.append(fault)

    for folder, inner, files in os.walk(root / start, onerror=note):
        inner[:] = [name for name in inner if _is_searched(Path(folder, name))]
        for name in files:
            path = Path(folder, name)
            if _may_be_file(path):
                yield os.path.relpath(path, root).replace(os.sep, "/")


def _may_be_file(path: Path, *, named: bool = False) -> bool:
    """Return whether *path* leads to a file, or to what only the attempt to read it can tell.

    Of what a glob finds, broken links, pipes and devices are none; one that is *named* is to be reported.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
    return stat.S_ISREG(mode) or (named and not stat.S_ISDIR(mode))


def _is_searched(folder: Path) -> bool:
    name = folder.name
    if name.startswith(".") or name in {"__pycache__", "node_modules"}:
        return False
    return not os.access(folder / "pyvenv.cfg", os.F_OK)  # a folder without permission is searched, and reported
