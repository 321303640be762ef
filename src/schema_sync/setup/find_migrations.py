"""Finds the SQL that makes up a repository's schema: folders of migrations, a base file, declarative schemas."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from schema_sync.codebase import chosen_files
from schema_sync.codebase.queries.files import without_ignored
from schema_sync.model.base import Value, grouped
from schema_sync.replay import migration_files
from schema_sync.replay.migration_files import DECLARED, DEFAULT_FOLDER
from schema_sync.reports.base import counted
from schema_sync.repository_files import SETTINGS_BYTES, read_bytes

_BASES = ("schema.sql", "base.sql", "baseline.sql")
_PLAIN_PATH = re.compile(r"[\w./ -]+")  # no comma, which separates folders, and nothing to escape
_ELSEWHERE = frozenset(
    {"tests", "test", "examples", "docs", "bench", "seeds", "fixtures", "clickhouse", "mysql", "sqlite"}
)
_OF_DATABASES = re.compile(r".*migration.*|supabase|db|database|sql|schemas?|infra(structure)?", re.IGNORECASE)
_OTHER_TOOLS = re.compile(  # goose and dbmate keep both ways in one file; the rest is MySQL, ClickHouse and SQLite
    rb"^--\s*(?:\+goose|migrate:up)|\bENGINE\s*=|\bAUTO_?INCREMENT\b", re.IGNORECASE | re.MULTILINE
)


class Place(Value, frozen=True, kw_only=True):
    """SQL that may be the project's schema.

    Attributes:
        folder: its folder or file, relative to the project.
        base: the file that is applied first, empty without one.
        files: how many files are in the folder.
        code: how many calls and classes are in the part of the repository that it belongs to.
        is_default: whether the source ``migrations`` takes it without being told.
    """

    folder: str
    base: str = ""
    files: int
    code: int = 0
    is_default: bool = False

    @property
    def shown(self) -> str:
        """The place and how much is in it, for messages."""
        base = f", beside it {self.base}" if self.base else ""
        return f"{self.folder} ({counted(self.files, 'file')}{base})"

    @property
    def sources(self) -> tuple[str, ...]:
        """Its words for ``--source``, the one to try first in front."""
        alone = "migrations" if self.is_default else f"migrations:{self.folder}"
        return (f"migrations:{self.base},{self.folder}", alone) if self.base else (alone,)


def reason(places: Sequence[Place]) -> str:
    """Return why the first of *places* is taken; empty without another."""
    if not places[1:]:
        return ""
    first, second = places[:2]
    if first.code > second.code:
        return "most of the code that calls Supabase or has row classes is beside it"
    if first.files > second.files:
        return "it has the most files"
    return "Supabase's CLI applies it" if first.is_default else "it is the first by name"


def find(root: Path, code: Iterable[str]) -> tuple[Place, ...]:
    """Return the places below *root*, the likeliest first: the one with the most *code*, then with the most files.

    *code* has the path of each call of Supabase and each row class. Folders that other tools apply are none.

    Raises:
        SourceError: if the configuration of Supabase's CLI is wrong.
    """
    sql = {path: b"" for path in chosen_files.walk(root, "", []) if path.endswith(".sql") and _is_searched(path)}
    files = without_ignored(root, sql)
    places = [*_folders(root, files)]
    default = migration_files.configured(root)
    if default and not any(place.is_default for place in places):
        places.append(Place(folder=default.split()[0], files=len(_below("supabase", files)), is_default=True))
    if not places:
        places = [Place(folder=path, files=1) for path in sorted(files) if posixpath.basename(path) in _BASES]
    homes = {place.folder: _home(place.folder) for place in places}
    counts = Counter(_innermost(path, homes.values()) for path in code)
    counted_ = (replace(place, code=counts[homes[place.folder]]) for place in places)
    return tuple(sorted(counted_, key=_rank))


def _rank(place: Place) -> tuple[int, int, bool, str]:
    return -place.code, -place.files, not place.is_default, place.folder


def _folders(root: Path, files: Iterable[str]) -> Iterator[Place]:
    by_folder = grouped((posixpath.dirname(path), path) for path in files)
    histories = {folder: paths for folder, paths in by_folder.items() if _is_history(root, folder, paths)}
    for folder, paths in histories.items():
        parent = posixpath.dirname(folder)
        bases = (posixpath.join(parent, name) for name in _BASES)
        base = next((path for path in bases if path in by_folder.get(parent, ())), "")
        yield Place(folder=folder, base=base, files=len(paths), is_default=folder == DEFAULT_FOLDER)
    declared = {found[0] for path in files if (found := re.match(rf"(?:.+/)?{DECLARED}(?=/)", path))}
    for folder in declared - histories.keys():
        if f"{posixpath.dirname(folder)}/migrations" not in histories:
            yield Place(folder=folder, files=len(_below(folder, files)), is_default=folder == DECLARED)


def _is_searched(path: str) -> bool:
    return bool(_PLAIN_PATH.fullmatch(path)) and _ELSEWHERE.isdisjoint(path.split("/"))


def _is_history(root: Path, folder: str, paths: Sequence[str]) -> bool:
    """Whether the SQL files *paths* of *folder* are migrations that can be applied as they are."""
    names = [posixpath.basename(path) for path in paths]
    versioned = len(names) > 1 and all(map(migration_files.version, names))
    if not versioned and "migration" not in posixpath.basename(folder).lower():
        return False
    if any(name.endswith(".down.sql") for name in names) or any((root / folder).glob("*.py")):
        return False
    return not any(_OTHER_TOOLS.search(_content(root / path)) for path in paths)


def _content(path: Path) -> bytes:
    try:
        return read_bytes(path, SETTINGS_BYTES)
    except OSError:  # too long to look at, or not to be read: the replay states it
        return b""


def _below(folder: str, files: Iterable[str]) -> list[str]:
    return [path for path in files if path.startswith(f"{folder}/")]


def _home(folder: str) -> str:
    """Return the part of the repository that SQL belongs to: ``backend`` for ``backend/db/migrations``."""
    while folder and _OF_DATABASES.fullmatch(posixpath.basename(folder).removesuffix(".sql")):
        folder = posixpath.dirname(folder)
    return folder


def _innermost(path: str, homes: Iterable[str]) -> str | None:
    """Return the innermost of *homes* that holds *path*."""
    return max((home for home in homes if not home or path.startswith(f"{home}/")), key=len, default=None)
