"""What a source is: one constant per module of this folder, which has the name of its word for ``--source``."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from schema_sync.errors import UsageError
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Facet
from schema_sync.model.details import Details
from schema_sync.model.findings import Note
from schema_sync.model.migration_state import Recorded
from schema_sync.model.name_facts import NO_FACTS, NamedSchemas
from schema_sync.model.options import Reading
from schema_sync.model.request import Request
from schema_sync.model.snapshot import portable
from schema_sync.postgres.schema_changes import read_again

if TYPE_CHECKING:
    from schema_sync.postgres.read_only_query import Limits, Rows

_Read = Callable[[Mapping[str, str]], Mapping[str, Sequence[Sequence[Any]]]]

AUTOMATIC = ("dsn", "management", "mcp", "postgrest", "migrations")
"""The sources that ``auto`` tries, in that order."""
NAMES = tuple(sorted((*AUTOMATIC, "lock", "snapshot")))


class Fetched(Reading, frozen=True, kw_only=True):
    """A catalog and the words for where it came from (credentials masked).

    Attributes:
        details: what documents tell beyond it, of the same moment; None where it was not asked for, or not seen.
        notes: what the source passed over or did otherwise than asked; shown to the user, never parsed.
        fingerprint: a hash that is another one if anything of this is; empty where it was not asked for, or the
            source has none.
    """

    catalog: Catalog
    details: Details | None = None
    fingerprint: str = ""
    notes: tuple[str, ...] = ()


class OpenSource(Value, frozen=True, kw_only=True):
    """A source while it is open: what it can be asked, as often as needed. All raise SourceError and UsageError.

    Attributes:
        catalog: reads the catalog, and the details if the request wants them, as of one moment.
        query: runs one SELECT that changes nothing, which the server itself sees to; raises UsageError where
            the statement is at fault, SourceError where the server is. None where there is no server to ask.
    """

    catalog: Callable[[], Fetched]
    query: Callable[[str, Limits], Rows] | None = None


class Source(Value, frozen=True, kw_only=True):
    """A schema source (plug-in).

    Attributes:
        name: the word for ``--source``.
        open: opens it for as long as a ``with`` lasts; raises SourceError or UsageError.
        configured: tells ``auto`` why it would take this source (``DATABASE_URL is set``), or None.
        lacking: shows what of its settings is there and what is missing, where it is configured by half; or None.
        variables: those of which one opens it; what is set and cannot is passed over.
        needs: what to set for it, shown where nothing is configured.
        probe: looks whether the source can be reached, without reading it, and states what is there in a few
            words; raises SourceError or UsageError.
        live: whether it reads a running database, and not files of the project.
        tables: lists the tables by a tool of the server's own, sorted by name: schema, name, kind, number of
            columns and comment (None where it is not known); where and how; what is not known. Raises as ``open``.
            None where there is no such tool.
        fingerprint: returns what ``fetch`` would return as ``Fetched.fingerprint``; raises as ``open``. None where
            a source has none, or it would take as long as to read all.
    """

    name: str
    open: Callable[[Request], AbstractContextManager[OpenSource]]
    configured: Callable[[Request], str | None] = lambda _: None
    lacking: Callable[[Request], str | None] = lambda _: None
    variables: tuple[str, ...] = ()
    needs: str = ""
    probe: Callable[[Request], str]
    live: bool = True
    tables: Callable[[Request], tuple[Rows, str, tuple[Note, ...]]] | None = None
    fingerprint: Callable[[Request], str] | None = None

    def fetch(self, request: Request) -> Fetched:
        """Read the catalog; a schema that changed while it was read is read once more.

        Raises:
            SourceError: if it cannot be read.
            UsageError: if a setting is missing or wrong, or a schema does not exist.
        """
        with self.open(request) as opened:
            return read_again(opened.catalog)


def source_called(name: str) -> Source | None:
    """Return the source *name*, None if there is none; no other source's module is imported."""
    if name not in NAMES:
        return None
    source: Source = importlib.import_module(f"schema_sync.sources.{name}").SOURCE
    return source


def sources() -> dict[str, Source]:
    """Return all sources by name."""
    return {name: source for name in NAMES if (source := source_called(name)) is not None}


def require_package(source: str, package: str, extra: str) -> None:
    """Raise UsageError if the Python *package*, which *source* needs and *extra* brings, is not installed."""
    if importlib.util.find_spec(package) is None:
        raise UsageError(
            f"the source {source} needs the package {package}, which is not installed",
            hint=f"pip install 'supabase-schema-sync[{extra}]'",
        )


# ---- what all sources share that run SQL


def fetched(request: Request, read: _Read, *, kind: str, describe: str) -> Fetched:
    """Return what the rows say that *read* gives, by name, for queries by name.

    Raises:
        UsageError: if a schema does not exist.
        SchemaChangedError: if the schema changed while it was read.
    """
    from schema_sync.postgres.catalog_queries import (
        DETAILS_QUERY,
        FINGERPRINT_QUERY,
        MIGRATIONS_TABLE,
        catalog_queries,
        sql_text,
    )

    queries = catalog_queries(
        request.schemas,
        expressions=request.expressions,
        functions=request.functions,
        names=request.names,
        details=request.details,
    )
    if request.recorded:
        queries[MIGRATIONS_TABLE] = sql_text(MIGRATIONS_TABLE)
    if request.fingerprinted:
        queries = {FINGERPRINT_QUERY: sql_text(FINGERPRINT_QUERY), **queries}
    rows = read(queries)
    from schema_sync.postgres.catalog_rows import build_catalog
    from schema_sync.postgres.details import build_details
    from schema_sync.postgres.name_facts import build_name_facts

    catalog = build_catalog(rows, request.schemas)
    facts = build_name_facts(rows, catalog) if request.names else NO_FACTS
    if request.named:
        facts = replace(facts, named=_named(request, {name for _, name in rows["namespaces"]}, read))
    if not request.functions:  # they may be there for the names alone
        covers = tuple(facet for facet in catalog.covers if facet is not Facet.FUNCTIONS)
        catalog = replace(catalog, covers=covers, functions=())
    recorded = _recorded(read, rows[MIGRATIONS_TABLE]) if request.recorded else None
    return Fetched(
        catalog=catalog,
        facts=facts,
        details=build_details(rows[DETAILS_QUERY]) if request.details else None,
        recorded=recorded,
        fingerprint=_fingerprint(rows[FINGERPRINT_QUERY], recorded, describe) if request.fingerprinted else "",
        kind=kind,
        describe=describe,
    )


def fingerprint(request: Request, read: _Read, *, describe: str) -> str:
    """Return the fingerprint of what ``fetched`` would return, by a query that is cheap to answer.

    It is of all that the catalogs hold, whatever *request* wants of them, and of the migrations that are recorded.

    Raises:
        SourceError: if the database cannot be read.
    """
    from schema_sync.postgres.catalog_queries import FINGERPRINT_QUERY, MIGRATIONS_TABLE, sql_text

    names = (FINGERPRINT_QUERY, *((MIGRATIONS_TABLE,) if request.recorded else ()))
    rows = read({name: sql_text(name) for name in names})
    recorded = _recorded(read, rows[MIGRATIONS_TABLE]) if request.recorded else None
    return _fingerprint(rows[FINGERPRINT_QUERY], recorded, describe)


def _fingerprint(rows: Sequence[Sequence[Any]], recorded: Recorded | None, describe: str) -> str:
    said = repr((describe, [(part, int(count), int(hashed or 0)) for part, count, hashed in rows], recorded))
    return hashlib.blake2b(said.encode(), digest_size=32).hexdigest()


def _recorded(read: _Read, readable: Sequence[Sequence[Any]]) -> Recorded:
    """Return the migrations that the database records; *readable* is what ``MIGRATIONS_TABLE`` gave."""
    from schema_sync.postgres.catalog_queries import MIGRATION_VERSIONS, sql_text

    if not readable:
        return Recorded(why="the database has no table supabase_migrations.schema_migrations")
    if not readable[0][0]:
        return Recorded(why="the table supabase_migrations.schema_migrations cannot be read with these rights")
    rows = read({MIGRATION_VERSIONS: sql_text(MIGRATION_VERSIONS)})[MIGRATION_VERSIONS]
    return Recorded(versions=tuple(version for (version,) in rows if version is not None))


def _named(request: Request, existing: Collection[str], read: _Read) -> NamedSchemas:
    """Return what names in queries need of the other schemas that they name."""
    found = tuple(schema for schema in request.named if schema in existing)
    absent = tuple(schema for schema in request.named if schema not in existing)
    if not found:
        return NamedSchemas(catalog=Catalog(schemas=(), covers=()), facts=NO_FACTS, absent=absent)
    wanted = replace(request, schemas=found, named=(), functions=False, details=False, recorded=False)
    seen = fetched(wanted, read, kind="", describe="")
    return NamedSchemas(catalog=portable(seen.catalog), facts=seen.facts, absent=absent)
