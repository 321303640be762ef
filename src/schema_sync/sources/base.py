"""What a source is: one constant per module, found by a scan of this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Literal

from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog
from schema_sync.model.findings import Note
from schema_sync.model.options import Reading
from schema_sync.model.progress import Progress
from schema_sync.postgres.connection import CLIENT_TIMEOUT_SECONDS
from schema_sync.postgres.json_paging import Limits, Rows


class Request(Value, frozen=True, kw_only=True):
    """What a source is asked for.

    Attributes:
        argument: what stands behind the source's name (``migrations:DIR``), or a whole DSN; may be empty.
        schemas: the schemas to read, in the user's order.
        root: the project's folder; relative paths start there.
        environment: the process's environment variables.
        lock: the lock file, relative to ``root``.
        expressions: whether the text of defaults and checks is wanted.
        functions: whether functions are wanted.
        progress: shows how far long work is; by default nobody watches.
        project: the project that ``--project-id`` names, which wins over the environment; may be empty.
        on_migration_error: whether a replay ends at a statement that fails, or goes on without it.
        origin: the place in the repository where ``argument`` stands, such as ``schema-sync.toml: source``; empty
            where the user gave it, on the command line or in the environment.
        seconds: how long the whole read may take on the client's side, by the configuration.
    """

    argument: str = ""
    schemas: tuple[str, ...]
    root: Path
    environment: Mapping[str, str]
    lock: str
    expressions: bool = False
    functions: bool = False
    progress: Progress = nullcontext
    project: str = ""
    on_migration_error: Literal["stop", "continue"] = "stop"
    origin: str = ""
    seconds: float = CLIENT_TIMEOUT_SECONDS


class Fetched(Reading, frozen=True, kw_only=True):
    """A catalog and the words for where it came from (credentials masked).

    Attributes:
        catalog: the schema.
        notes: what the source passed over or did otherwise than asked; shown to the user, never parsed.
    """

    catalog: Catalog
    notes: tuple[str, ...] = ()


class Tables(Value, frozen=True, kw_only=True):
    """A list of tables: schema, name, kind, number of columns and comment of each, sorted by name.

    Attributes:
        rows: None means what is not known.
        describe: where and how they were listed.
        unseen: what is not known, and why.
    """

    rows: Rows
    describe: str
    unseen: tuple[Note, ...] = ()


class Source(Value, frozen=True, kw_only=True):
    """A schema source (plug-in).

    Attributes:
        name: the word for ``--source``.
        order: its place in what ``auto`` tries, None where ``auto`` never takes it.
        configured: tells ``auto`` why it would take this source (``DATABASE_URL is set``), or None.
        lacking: tells what of its settings is there and what is missing, where it is configured by half; or None.
        fetch: reads the catalog; raises SourceError or UsageError.
        needs: what to set for it, shown where nothing is configured.
        probe: looks whether the source can be reached, without reading it, and says what is there in a few
            words; raises SourceError or UsageError. None where there is nothing to look at beforehand.
        query: runs one SELECT that changes nothing, which the server itself sees to; raises UsageError where
            the statement is at fault, SourceError where the server is. None where there is no server to ask.
        tables: lists the tables by a tool of the server's own; raises as ``fetch``. None where it has none.
        live: whether it reads a running database, and not files of the project.
    """

    name: str
    fetch: Callable[[Request], Fetched]
    order: int | None = None
    configured: Callable[[Request], str | None] = lambda _: None
    lacking: Callable[[Request], str | None] = lambda _: None
    needs: str = ""
    probe: Callable[[Request], str] | None = None
    query: Callable[[Request, str, Limits], Rows] | None = None
    tables: Callable[[Request], Tables] | None = None
    live: bool = True


@cache
def sources() -> dict[str, Source]:
    """Return all sources by name: each module of this folder that has a ``SOURCE``, which goes by its name."""
    found = {name: source_called(name) for name in _modules()}
    return {name: source for name, source in found.items() if source is not None}


def source_called(name: str) -> Source | None:
    """Return the source *name*, None if there is none; no other source's module is imported."""
    if name not in _modules():
        return None
    source = getattr(importlib.import_module(f"schema_sync.sources.{name}"), "SOURCE", None)
    return source if isinstance(source, Source) else None


@cache
def _modules() -> tuple[str, ...]:
    package = importlib.import_module("schema_sync.sources")
    names = (info.name for info in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in names if not name.startswith("_")))  # such a one needs an extra to import
