"""Finds where a repository's row and Enum classes live, and where and in which form new ones would be written."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Container, Iterable
from pathlib import Path

from msgspec.structs import replace

from schema_sync.codebase import chosen_files, reader
from schema_sync.compare.markers import markers
from schema_sync.config import Config
from schema_sync.mapping.names import ROW_SUFFIX
from schema_sync.model.base import Value
from schema_sync.model.declarations import (
    MODELS,
    TYPEDDICTS,
    Codebase,
    EnumDeclaration,
    Form,
    RowDeclaration,
)
from schema_sync.model.options import Paths

_ELSEWHERE = ("tests", "test", "examples", "docs", "bench", "scripts")
_EXCLUDE = (*(f"**/{folder}/**" for folder in _ELSEWHERE), "**/test_*.py", "**/conftest.py")
_PLAIN_PATH = re.compile(r"[\w./ -]+\.py")  # no wildcard, and nothing to escape
_ROW_NAME = re.compile(r"\w(?:Row|Insert|Update)$")
_TABLE_CLASS = re.compile(rb"__tablename__|class \w+(?:Row|Insert|Update)\b")
_RELATIONSHIPS = re.compile(r"relation|association|junction", re.IGNORECASE)
_DEFAULT_FOLDER = "schemas"
_OF_DATABASES = re.compile(r"^schemas/|(?:^|/)(?:db|database)(?:/|\.py$)")
_STATEMENT = re.compile(rb"^(?:class|def|async def)\b", re.MULTILINE)


class Layout(Value, frozen=True, kw_only=True):
    """What to read, where to write and in which form.

    ``files`` has the path of each class that this rests on, ``tables`` what SQLAlchemy classes map, ``exclude``
    tests with classes of tables of their own.
    """

    include: tuple[str, ...]
    paths: Paths
    exclude: tuple[str, ...] = ()
    target: Form = "typeddict"
    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def find(root: Path) -> Layout:
    """Return the layout of the repository in *root*; the defaults where it has no such classes yet."""
    sources = chosen_files.collect(root, ("**/*.py",), _EXCLUDE).sources
    plain = {path: content for path, content in sources.items() if _PLAIN_PATH.fullmatch(path)}
    codebase = reader.read_sources(plain, with_uses=False)
    rows = [*_rows(codebase)]
    enums = [enum for enum in codebase.enums if _is_of_labels(enum)]
    mapped = [row for row in codebase.rows if row.form == "sqlalchemy"]
    models = [] if any(map(_tells, rows)) else [row for row in codebase.rows if row.form in MODELS]
    files = [each.at.path for each in (*rows, *enums, *mapped, *models)]
    if not files:
        return Layout(include=Config().include, paths=Paths())
    folders = _folders(files)
    homes = Counter(row.at.path for row in rows if _tells(row) or _OF_DATABASES.search(row.at.path))
    of_labels = Counter(enum.at.path for enum in enums)
    alone = {path for path, count in of_labels.items() if count == len(_STATEMENT.findall(plain[path]))}
    fits = alone if homes else {path for path in alone if _OF_DATABASES.search(path)}
    kinds = Counter({path: count for path, count in of_labels.items() if path in fits or path in homes})
    paths = _paths(homes, kinds, folders)
    include = [f"{folder}/**/*.py" if folder else "*.py" for folder in folders]
    include += [Config().include[0]] if paths == Paths() and _DEFAULT_FOLDER not in folders else []
    return Layout(
        include=tuple(include),
        paths=paths,
        exclude=tuple(_tests_with_tables(root, include, sources)),
        target=_target([*rows, *models]),
        files=tuple(files),
        tables=tuple(row.table[1] for row in mapped if row.table is not None),
    )


def _tests_with_tables(root: Path, include: Iterable[str], looked_at: Container[str]) -> list[str]:
    """Return the files to *include* that were not *looked_at*, such as tests, and that have classes of tables."""
    sources = chosen_files.collect(root, tuple(include)).sources
    apart = {path: text for path, text in sources.items() if path not in looked_at and _PLAIN_PATH.fullmatch(path)}
    likely = {path: text for path, text in apart.items() if _TABLE_CLASS.search(text)}
    rows = reader.read_sources(likely, with_uses=False).rows
    return sorted({row.at.path for row in rows if row.form == "sqlalchemy" or _tells(row)})


def _target(rows: Iterable[RowDeclaration]) -> Form:
    """Return the form that most of *rows* have."""
    forms = Counter(row.form in MODELS for row in rows)
    return "pydantic" if forms[True] > forms[False] else "typeddict"


def _rows(codebase: Codebase) -> Iterable[RowDeclaration]:
    """Return the classes that say they map to tables; where none does, all TypedDicts."""
    telling = [row for row in codebase.rows if row.form != "sqlalchemy" and _tells(row)]
    return telling or [row for row in codebase.rows if row.form in TYPEDDICTS]


def _tells(row: RowDeclaration) -> bool:
    """Whether a class states that it maps to a table: of models those that end in Insert do not."""
    named = _ROW_NAME.search(row.name) if row.form in TYPEDDICTS else row.name.endswith(ROW_SUFFIX)
    return bool(named) or any(markers(row))


def _is_of_labels(enum: EnumDeclaration) -> bool:
    values = [member.value for member in enum.members]
    return enum.form != "literal" and bool(values) and None not in values


def _folders(paths: Iterable[str]) -> list[str]:
    """Return one folder for each top-level folder in *paths*: the innermost that holds all of its files."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        folder = posixpath.dirname(path)
        groups.setdefault(folder.partition("/")[0], []).append(folder)
    if _DEFAULT_FOLDER in groups:
        groups[_DEFAULT_FOLDER].append(_DEFAULT_FOLDER)
    return [posixpath.commonpath(groups[top]) for top in sorted(groups)]


def _paths(rows: Counter[str], enums: Counter[str], folders: list[str]) -> Paths:
    ties = Counter(
        {path: count for path, count in rows.items() if _RELATIONSHIPS.search(posixpath.basename(path))}
    )
    entities, relationships = _most(rows - ties), _most(ties)
    first = entities or relationships or _most(enums)
    home = max((f for f in folders if first.startswith(f"{f}/")), key=len, default="")
    if home == _DEFAULT_FOLDER or not first:
        new = Paths()
    else:
        new = Paths(
            enums=posixpath.join(home, "enums.py"),
            entities=posixpath.join(home, "entities.py"),
            relationships=entities or posixpath.join(home, "relationships.py"),
            version=posixpath.join(home, "schema_version.py"),
            lock=posixpath.join(home, "schema_lock.json"),
        )
    found = {"enums": _most(enums), "entities": entities, "relationships": relationships}
    return replace(new, **{name: path for name, path in found.items() if path})


def _most(counts: Counter[str]) -> str:
    """Return the path with the highest count, the first by name of several; empty where there is none."""
    return min(counts, key=lambda path: (-counts[path], path), default="")
