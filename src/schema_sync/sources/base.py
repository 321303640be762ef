"""What a source is: one constant per module, found by a scan of this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog


class Request(Value, frozen=True, kw_only=True):
    """What a source is asked for.

    Attributes:
        argument: what stands behind the source's name (``migrations:DIR``), or a whole DSN; may be empty.
        schemas: the schemas to read, in the user's order.
        root: the project's folder; relative paths start there.
        environment: the process's environment variables.
        lock: the lock file, relative to ``root``.
        expressions: whether the text of defaults and checks is wanted.
    """

    argument: str = ""
    schemas: tuple[str, ...]
    root: Path
    environment: Mapping[str, str]
    lock: str
    expressions: bool = False


class Fetched(Value, frozen=True, kw_only=True):
    """A catalog and the words for where it came from (credentials masked).

    Attributes:
        catalog: the schema.
        kind: the source's name.
        describe: where it was read.
        notes: what the source passed over or did otherwise than asked; shown to the user, never parsed.
    """

    catalog: Catalog
    kind: str
    describe: str
    notes: tuple[str, ...] = ()


class Source(Value, frozen=True, kw_only=True):
    """A door to a schema.

    Attributes:
        name: the word for ``--source``.
        order: its place in what ``auto`` tries, None where ``auto`` never takes it.
        configured: tells ``auto`` why it would take this source (``DATABASE_URL is set``), or None.
        fetch: reads the catalog; raises SourceError or UsageError.
        needs: what to set for it, shown where nothing is configured.
    """

    name: str
    fetch: Callable[[Request], Fetched]
    order: int | None = None
    configured: Callable[[Request], str | None] = lambda _: None
    needs: str = ""


@cache
def sources() -> dict[str, Source]:
    """Return all sources by name: each module of this folder that has a ``SOURCE``."""
    package = importlib.import_module("schema_sync.sources")
    found: dict[str, Source] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        source = getattr(importlib.import_module(f"schema_sync.sources.{info.name}"), "SOURCE", None)
        if isinstance(source, Source):
            found[source.name] = source
    return found
