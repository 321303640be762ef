"""Finds the SQL that makes up a repository's schema: folders of migrations, a base file, declarative schemas."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
_CREATED = re.compile(  # the name of a table or view, without its schema
    rb"\bcreate\s+(?:or\s+replace\s+)?(?:unlogged\s+|foreign\s+|materialized\s+|recursive\s+)?(?:table|view)\s+"
    rb"(?:if\s+not\s+exists\s+)?(?:[\w$\"]+\s*\.\s*)?\"?([\w$]+)",
    re.IGNORECASE,
)
_OTHER_TOOLS = re.compile(  # goose and dbmate keep both ways in one file; the rest is MySQL, ClickHouse and SQLite
    rb"^--\s*(?:\+goose|migrate:up)|\bENGINE\s*=|\bAUTO_?INCREMENT\b", re.IGNORECASE | re.MULTILINE
)
_PYTHON_MIGRATION = re.compile(r"V?\d+[_-].*\.py|[0-9a-f]{8,}_.*\.py|env\.py")  # Django, yoyo, Alembic


class Place(Value, frozen=True, kw_only=True):
    """SQL that may be the project's schema.

    Attributes:
        folder: its folder or file, relative to the project.
        base: the file that is applied first, empty without one.
        files: how many files are in the folder.
        code: how many calls and classes are in the part of the repository that it belongs to.
        tables: how many of the tables that the code names it creates.
        is_default: whether the source ``migrations`` takes it without being told.
        is_part: whether it is a file on its own that creates few of the tables that the code names.
        is_rest: whether the likeliest place and it can be one history: it creates tables that the code names, none
            of them is created there, and the names of the files give them an order.
    """

    folder: str
    base: str = ""
    files: int
    code: int = 0
    tables: int = 0
    is_default: bool = False
    is_part: bool = False
    is_rest: bool = False

    @property
    def shown(self) -> str:
        """The place and how much is in it, for messages."""
        base = f", beside it {self.base}" if self.base else ""
        return f"{self.folder} ({counted(self.files, 'file')}{base})"

    @property
    def weight(self) -> int:
        """Its tables; half of them for a file on its own, which may be a dump that nobody keeps."""
        return self.tables // 2 if self.folder.endswith(".sql") else self.tables

    @property
    def sources(self) -> tuple[str, ...]:
        """Its words for ``--source``, the one to try first in front."""
        alone = "migrations" if self.is_default else f"migrations:{self.folder}"
        return (f"migrations:{self.base},{self.folder}", alone) if self.base else (alone,)


def together(places: Iterable[Place]) -> str:
    """Return the word for ``--source`` that takes *places* as one history: files of SQL first, then folders."""
    paths = [path for place in places for path in (place.base, place.folder) if path]
    return f"migrations:{','.join(sorted(paths, key=lambda path: not path.endswith('.sql')))}"


def reason(places: Sequence[Place]) -> str:
    """Return why the first of *places* is taken; empty without another."""
    places = [place for place in places if not place.is_part]
    if not places[1:]:
        return ""
    first, second = places[:2]
    if first.weight > second.weight:
        return "it creates most of the tables that the code names"
    if first.code > second.code:
        return "most of the code that calls Supabase or has row classes is beside it"
    if first.files > second.files:
        return "it has the most files"
    return "Supabase's CLI applies it" if first.is_default else "it is the first by name"


def find(root: Path, code: Iterable[str], named: Collection[str] = ()) -> tuple[Place, ...]:
    """Return the places below *root*, the likeliest first.

    That is the one that creates the most of the tables *named* by the code, then the one with the most *code*,
    then with the most files. *code* has the path of each call of Supabase and each row class. What other tools
    apply is left out; of single files, the one that creates the most of those tables is among the places. It is a
    part, and the last, where these are less than half.

    Raises:
        SourceError: if the configuration of Supabase's CLI is wrong.
    """
    sql = {path: b"" for path in chosen_files.walk(root, "", []) if path.endswith(".sql") and _is_searched(path)}
    created = {path: _created(root / path) & set(named) for path in without_ignored(root, sql)}
    places = [*_folders(root, created)]
    default = migration_files.configured(root)
    if default and not any(place.is_default for place in places):
        places.append(Place(folder=default.split()[0], files=len(_below("supabase", created)), is_default=True))
    bases = [] if places else [path for path in created if posixpath.basename(path) in _BASES]
    alone = max((path for path in sorted(created) if not _is_of(path, places)), key=_size(created), default="")
    places += [Place(folder=path, files=1) for path in sorted(bases)]
    if created.get(alone) and alone not in bases:
        places.append(Place(folder=alone, files=1, is_part=len(created[alone]) * 2 < len(named)))
    homes = {place.folder: _home(place.folder) for place in places}
    counts = Counter(_innermost(path, homes.values()) for path in code)
    counted_ = (
        replace(place, code=counts[homes[place.folder]], tables=len(_tables(place, created))) for place in places
    )
    ranked = sorted(counted_, key=_rank)
    return (*ranked[:1], *(_with_rest(place, ranked[0], created) for place in ranked[1:]))


def _with_rest(place: Place, first: Place, created: Mapping[str, Collection[str]]) -> Place:
    tables = _tables(place, created)
    is_ordered = all(
        migration_files.version(posixpath.basename(path))
        for folder in (place.folder, first.folder)
        for path in _below(folder, created)
    )
    return replace(place, is_rest=is_ordered and bool(tables) and tables.isdisjoint(_tables(first, created)))


def _created(path: Path) -> set[str]:
    """Return the names of the tables and views that an SQL file creates, none where it is another tool's."""
    content = _content(path)
    found = [] if _OTHER_TOOLS.search(content) else _CREATED.findall(content)
    return {name.decode(errors="replace") for name in found}


def _size(created: Mapping[str, Collection[str]]) -> Callable[[str], int]:
    return lambda path: len(created[path])


def _is_of(path: str, places: Iterable[Place]) -> bool:
    return any(path == place.base or path.startswith(f"{place.folder}/") for place in places)


def _tables(place: Place, created: Mapping[str, Collection[str]]) -> set[str]:
    paths = [place.folder, place.base, *_below(place.folder, created)]
    return {name for path in paths for name in created.get(path, ())}


def of_alembic(root: Path) -> str:
    """Return how to read what Alembic's migrations below *root* make; empty if there are none."""
    found = (path for path in chosen_files.walk(root, "", []) if posixpath.basename(path) == "alembic.ini")
    first = min(found, key=lambda path: (path.count("/"), path), default="")
    if not _PLAIN_PATH.fullmatch(first):
        return ""
    folder, base = posixpath.dirname(first), _BASES[0]
    enter = f"cd {shlex.quote(folder)} && " if folder else ""
    return (
        f"{first}: Alembic's migrations are Python, and are not run here."
        f" `{enter}alembic upgrade head --sql > {base}` writes them as SQL:"
        f' then set source = "migrations:{posixpath.join(folder, base)}"'
    )


def _rank(place: Place) -> tuple[bool, int, int, int, bool, str]:
    return place.is_part, -place.weight, -place.code, -place.files, not place.is_default, place.folder


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
    if any(name.endswith(".down.sql") for name in names):
        return False
    if any(_PYTHON_MIGRATION.fullmatch(path.name) for path in (root / folder).glob("*.py")):
        return False  # the rest of them is Python; a module that applies the SQL is not one of them
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
