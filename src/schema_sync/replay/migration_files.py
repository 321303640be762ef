"""Which files make up a project's schema, and in which order they are applied.

As Supabase's CLI takes them: ``supabase/roles.sql`` first, then ``supabase/migrations/<version>_<name>.sql`` by
name; where there is no migration, the declarative ``supabase/schemas``, in the order of ``schema_paths`` in
``supabase/config.toml``, else of their paths. Authority: Supabase's guides "Database migrations" and "Declarative
database schemas", and the comments of the CLI's config.toml.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from glob import glob
from pathlib import Path

import msgspec
from msgspec.structs import replace

from schema_sync.errors import SourceError
from schema_sync.model.base import Value, grouped
from schema_sync.repository_files import read_text, toml_document

PROJECT = "supabase"
DEFAULT_FOLDER = f"{PROJECT}/migrations"
SCHEMAS = "schemas"
DECLARED = f"{PROJECT}/{SCHEMAS}"
_NAME_HINT = "Name their folder: --source migrations:DIR, or migrations check DIR."
_NAME = re.compile(r"([0-9]+)_.*\.sql", re.DOTALL)
_OLD_INIT = re.compile(r"(\d{14})_init\.sql")
_OLD_INIT_END = "20211209000000"  # before it, the CLI's first migration repeated what Supabase itself makes


class History(Value, frozen=True, kw_only=True):
    """The files to apply, in order.

    Attributes:
        describe: where they are, for messages, relative to the project.
        folders: those of versioned migrations; none for declarative schemas, or files that are named one by one.
        notes: what was left out, and what is odd.
    """

    files: tuple[Path, ...]
    describe: str
    folders: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


class _Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The table ``[db.migrations]`` of config.toml; the rest of the file is the CLI's."""

    enabled: bool = True
    schema_paths: tuple[str, ...] = ()


class _Database(msgspec.Struct, frozen=True, kw_only=True):
    migrations: _Settings = _Settings()


class _Config(msgspec.Struct, frozen=True, kw_only=True):
    db: _Database = _Database()


def find(root: Path, argument: str) -> History:
    """Return the history that *argument* names, below the project's folder *root*.

    That is a folder of migrations, several with commas between them, a folder named ``schemas``, or one file;
    files in front of folders are applied first. Empty means what the project has in ``supabase``.

    Raises:
        SourceError: if there is no such folder or nothing in it, or config.toml is wrong.
    """
    if not argument:
        return _project(root)
    given = [argument] if (root / argument).exists() else [name.strip() for name in argument.split(",")]
    places = [root / name for name in given if name]
    if len(places) == 1 and places[0].name == SCHEMAS and places[0].is_dir():
        return History(files=_declared(places[0].parent, root), describe=argument)
    base = tuple(itertools.takewhile(Path.is_file, places))
    if len(base) == len(places):
        return History(files=base, describe=argument)
    history = _migrations(places[len(base) :], root, argument)
    return replace(history, files=(*base, *history.files))


def configured(root: Path) -> str | None:
    """Tell why *root* has a history that needs no naming, or None.

    Raises:
        SourceError: if config.toml is wrong.
    """
    settings = _settings(root / PROJECT, root)
    if settings.enabled and _holds_sql(root / DEFAULT_FOLDER):
        return f"{DEFAULT_FOLDER} exists"
    if settings.schema_paths:
        return f"{PROJECT}/config.toml names schema_paths"
    if _holds_sql(root / DECLARED, "**/*.sql"):
        return f"{DECLARED} exists"
    return f"{DEFAULT_FOLDER} exists" if settings.enabled and (root / DEFAULT_FOLDER).is_dir() else None


def migration_files(folder: Path) -> list[Path]:
    """Return the ``*.sql`` files in *folder*, hidden ones left out, in the order of their names.

    Raises:
        SourceError: if there is no such folder, or no such file in it.
    """
    try:
        files = [path for path in folder.iterdir() if path.suffix == ".sql" and path.name[0] != "."]
    except OSError as error:
        raise SourceError(
            f"the migrations in {folder} cannot be read: {error.strerror}", hint=_NAME_HINT
        ) from error
    files = sorted(path for path in files if path.is_file())
    if not files:
        raise SourceError(
            f"there are no migrations in {folder}: no file there ends in .sql",
            hint="Write one with `supabase migration new NAME`, or name their folder: --source migrations:DIR.",
        )
    return files


def version(name: str) -> str | None:
    """Return the version in a file's name, None where Supabase's CLI passes the file over."""
    matched = _NAME.fullmatch(name)
    return matched[1] if matched else None


def shown(path: Path, root: Path) -> str:
    """Return *path* for messages: relative to *root* where it lies below it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def subfolders(folder: Path) -> list[Path]:
    """Return the folders below *folder* that hold SQL, which is not applied."""
    return [below for below in sorted(folder.iterdir()) if _holds_sql(below)]


def _holds_sql(folder: Path, pattern: str = "*.sql") -> bool:
    return folder.is_dir() and next(folder.glob(pattern), None) is not None


def _project(root: Path) -> History:
    """Return what ``supabase`` holds: migrations win over declarative schemas, as in the CLI."""
    settings = _settings(root / PROJECT, root)
    folder = root / DEFAULT_FOLDER
    declared = settings.schema_paths or _holds_sql(root / DECLARED, "**/*.sql")
    if declared and not (settings.enabled and _holds_sql(folder)):
        off = f"{PROJECT}/config.toml turns migrations off: {DECLARED} is read instead"
        notes = (off,) if _holds_sql(folder) else ()
        return History(files=_declared(root / PROJECT, root), describe=DECLARED, notes=notes)
    if not settings.enabled:
        raise SourceError(
            f"{PROJECT}/config.toml turns migrations off ([db.migrations] enabled = false), and there are no"
            f" declarative schemas in {DECLARED}",
            hint=f"To read them all the same, name their folder: --source migrations:{DEFAULT_FOLDER}.",
        )
    return _migrations([folder], root, DEFAULT_FOLDER)


def _migrations(folders: Sequence[Path], root: Path, describe: str) -> History:
    """Return the migrations of *folders*, merged by name, and so by version."""
    found = [path for folder in folders for path in migration_files(folder)]
    found.sort(key=lambda path: path.name)  # stable: equal names stay in the order of the folders
    files, notes = _versioned(found, root)
    notes += [
        f"{shown(below, root)}: the .sql files in this subfolder are left out"
        for folder in folders
        for below in subfolders(folder)
    ]
    notes += _duplicates(files, root)
    roles = dict.fromkeys(folder.parent / "roles.sql" for folder in folders if folder.name == "migrations")
    return History(
        files=(*(path for path in roles if path.is_file()), *files),
        describe=describe,
        folders=tuple(folders),
        notes=tuple(notes),
    )


def _versioned(found: Iterable[Path], root: Path) -> tuple[list[Path], list[str]]:
    """Leave out what is not a migration where others are; a folder without versions is taken as it is."""
    candidates = [path for path in found if path.name != "seed.sql"]
    notes = [f"{shown(path, root)} is left out: it is data" for path in found if path.name == "seed.sql"]
    if not any(version(path.name) for path in candidates):
        return candidates, notes
    files: list[Path] = []
    for path in candidates:
        old = _OLD_INIT.fullmatch(path.name) if not files else None
        if old and old[1] < _OLD_INIT_END:
            notes.append(f"{shown(path, root)} is left out: so old an init holds what Supabase itself makes")
        elif version(path.name):
            files.append(path)
        else:
            notes.append(f"{shown(path, root)} is left out: its name does not begin with a version and _")
    return files, notes


def _duplicates(files: Iterable[Path], root: Path) -> list[str]:
    by_version = grouped((number, path) for path in files if (number := version(path.name)))
    return [
        f"version {number} is there {len(paths)} times: {', '.join(shown(path, root) for path in paths)};"
        " all are taken, in this order"
        for number, paths in by_version.items()
        if len(paths) > 1
    ]


# ---- declarative schemas


def _declared(project: Path, root: Path) -> tuple[Path, ...]:
    """Return the schema files of the folder *project* (``supabase``), after its roles."""
    patterns = _settings(project, root).schema_paths
    if patterns:
        found = [path for pattern in patterns for path in _matches(pattern, project, root)]
    else:
        found = sorted((project / SCHEMAS).rglob("*.sql"), key=lambda path: path.parts)
        found = [path for path in found if path.is_file() and path.name[0] != "."]
    if not found:
        raise SourceError(
            f"there are no schemas in {shown(project / SCHEMAS, root)}: no file there ends in .sql",
            hint=_NAME_HINT,
        )
    roles = [project / "roles.sql"] if (project / "roles.sql").is_file() else []
    return tuple(dict.fromkeys([*roles, *found]))


def _matches(pattern: str, project: Path, root: Path) -> list[Path]:
    """Return the files that one of ``schema_paths`` names, relative to *project*, in the order of their paths."""
    names = glob(pattern, root_dir=project, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
    found = [project / name for name in sorted(names)]
    files = [path for path in found if path.is_file()]
    if not files:
        raise SourceError(
            f"{shown(project / 'config.toml', root)}: no file matches {pattern!r} of schema_paths",
            hint=f"Patterns are relative to {shown(project, root)}, such as ./schemas/*.sql.",
        )
    return files


def _settings(project: Path, root: Path) -> _Settings:
    """Return ``[db.migrations]`` of the config.toml in *project*, or the CLI's defaults."""
    path = project / "config.toml"
    name = shown(path, root)
    try:
        return msgspec.convert(toml_document(read_text(path)), _Config).db.migrations
    except FileNotFoundError:
        return _Settings()
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror}") from error
    except msgspec.ValidationError as error:
        raise SourceError(f"{name}: {str(error).replace('`$.', '`')}") from error
    except ValueError as error:  # TOMLDecodeError and TextError are ValueErrors
        raise SourceError(f"{name}: {error}", hint="Mend the file; Supabase's CLI needs it too.") from error
