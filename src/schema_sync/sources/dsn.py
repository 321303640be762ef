"""A live database by its connection string: URI or key=value, direct or through a pooler.

All queries go out in one pipeline, in one read-only transaction, without prepared statements, so that
transaction poolers work. Authority: PostgreSQL manual, "Connection Strings" and "Pipeline Mode".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schema_sync.errors import SourceError, UsageError, mask
from schema_sync.sources import environment
from schema_sync.sources.base import Fetched, Request, Source
from schema_sync.sources.changes import SchemaChangedError, is_change, read_again
from schema_sync.sources.queries import catalog_queries
from schema_sync.sources.rows import build_catalog

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from psycopg import Connection

    from schema_sync.model.catalog import Catalog
    from schema_sync.sources.statements import Limits, Rows

STATEMENT_TIMEOUT_SECONDS = 60
_NEXT_LINE = re.compile(r"(?<=[^.:;?!\s])\s*\n\s*")  # between sentences of libpq's that lack a stop
CONNECT_TIMEOUT_SECONDS = 15
PROBE_TIMEOUT_SECONDS = 5
_EXPECTED = (
    "Expected postgresql://USER@HOST:PORT/DATABASE with :PASSWORD behind the user; special characters in the"
    " password must be percent-encoded (@ is %40, / is %2F)."
)
_QUOTED = re.compile(r'".*"')  # libpq repeats what it cannot parse: it may be a bare password
_HOSTED = (".supabase.co", ".supabase.com")
_BEGIN = (
    "begin isolation level repeatable read read only",
    f"set local statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'",
    "set local lock_timeout = '10s'",
    "set local jit = off",
    "set local search_path = ''",
)


def read_catalog(
    dsn: str, schemas: Sequence[str], *, expressions: bool = True, functions: bool = False
) -> Catalog:
    """Return the catalog of *schemas* in the database that *dsn* names.

    Raises:
        SourceError: if the server cannot be reached, refuses, or a query fails.
        UsageError: if *dsn* is no connection string, or a schema does not exist.
    """
    import psycopg

    queries = catalog_queries(schemas, expressions=expressions, functions=functions)

    def read() -> Catalog:
        with _connect(dsn) as connection:
            try:
                rows = _fetch(connection, queries)
            except psycopg.Error as error:
                if is_change(str(error), error.sqlstate or ""):
                    raise SchemaChangedError(_reason(error)) from error
                raise SourceError(f"the catalog could not be read: {_reason(error)}") from error
        return build_catalog(rows, schemas)

    return read_again(read)


def query(dsn: str, text: str, limits: Limits) -> Rows:
    """Return what the query *text* gives in the database that *dsn* names.

    Raises:
        SourceError: if the server cannot be reached, or is at fault.
        UsageError: if *dsn* is no connection string, or *text* no query that changes nothing.
    """
    from schema_sync.sources.querying import select

    with _connect(dsn) as connection:
        return select(connection, text, limits)


def probe(dsn: str, schemas: Sequence[str]) -> str:
    """Return where *dsn* leads and the server's version, asked within a few seconds.

    Raises:
        SourceError: if the server cannot be reached, or refuses.
        UsageError: if *dsn* is no connection string, or one of *schemas* does not exist.
    """
    import psycopg

    with _connect(dsn, PROBE_TIMEOUT_SECONDS) as connection:
        try:
            version = connection.execute("select current_setting('server_version')").fetchall()[0][0]
            names = connection.execute("select nspname from pg_catalog.pg_namespace").fetchall()
        except psycopg.Error as error:
            raise SourceError(f"the server does not answer: {_reason(error)}") from error
    missing = [schema for schema in schemas if (schema,) not in names]
    if missing:
        raise UsageError(
            f"{describe(dsn)} has no schema {', '.join(missing)}", hint="Check schemas in the configuration."
        )
    return f"{describe(dsn)}: PostgreSQL {version}"


def _connect(dsn: str, timeout: int | None = None) -> Connection[tuple[Any, ...]]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = conninfo_to_dict(dsn)
    except psycopg.Error as error:
        reason = _reason(error)
        harmless = reason.startswith("invalid URI query parameter") and "password=" not in dsn
        shown = reason if harmless else _QUOTED.sub('"…"', reason)
        raise UsageError(f"not a connection string: {shown}", hint=_EXPECTED) from error
    if "@" in str(given.get("host", ""))[1:] or re.search(r"[^\d,]", str(given.get("port", ""))):
        raise UsageError("not a connection string: the password holds @ or / as it is", hint=_EXPECTED)
    options: dict[str, Any] = {"application_name": "schema-sync"}
    if timeout or "connect_timeout" not in given:
        options["connect_timeout"] = timeout or CONNECT_TIMEOUT_SECONDS
    if "sslmode" not in given and str(given.get("host", "")).endswith(_HOSTED):
        options["sslmode"] = "require"
    try:
        return psycopg.connect(dsn, autocommit=True, prepare_threshold=None, **options)
    except psycopg.Error as error:
        host = str(given.get("host", ""))
        reason = _reason(error).replace(host, _bare(host)) if "@" in host else _reason(error)
        raise SourceError(f"cannot connect to {describe(dsn)}: {reason}", hint=_connect_hint(error)) from error


def _fetch(connection: Connection[tuple[Any, ...]], queries: dict[str, str]) -> dict[str, Sequence[Sequence[Any]]]:
    with connection.pipeline():
        for statement in _BEGIN:
            connection.execute(statement.encode())
        cursors = {name: connection.execute(text.encode()) for name, text in queries.items()}
        connection.execute("commit")
    return {name: cursor.fetchall() for name, cursor in cursors.items()}


def _bare(host: str) -> str:
    """Return *host* less what an unescaped @ of the password pushed into it."""
    return host.rpartition("@")[2]


def _reason(error: BaseException) -> str:
    text = _NEXT_LINE.sub(". ", str(error).strip())
    return mask(" ".join(text.split()))


def _connect_hint(error: BaseException) -> str:
    text = str(error)
    if "password authentication failed" in text or "no password supplied" in text:
        return "Check user and password; the dashboard shows the string under Connect → Session pooler."
    if "does not exist" in text:
        return "Check the name of the database or role at the end and start of the string."
    return "Check host and port, and that this network may reach them (a direct host of Supabase needs IPv6)."


def describe(dsn: str) -> str:
    """Return *dsn* in a form fit for messages: where it leads, and no credentials but the user's name."""
    from psycopg.conninfo import conninfo_to_dict

    given = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value is not None}
    host, port = _bare(given.get("host", "")), given.get("port", "")
    user = f"{given['user']}@" if "user" in given else ""
    place = f"{user}{host}{f':{port}' if port else ''}"
    return f"postgresql://{place}/{given.get('dbname', '')}"


def _configured(request: Request) -> str | None:
    """Say what is set. Where --project-id names a project, another one's connection string counts for nothing.

    One that names no project comes after a token, which opens the one that is meant.
    """
    found = environment.connection_string(request)
    if found is None:
        return None
    named = environment.project_of(found.value)
    if request.project and named != request.project and (named or environment.token(request)):
        return None
    return found.is_set


def _dsn(request: Request) -> str:
    if request.argument:
        return request.argument
    found = environment.connection_string(request)
    if found is None:
        raise UsageError(
            "no connection string", hint=f"Set {' or '.join(environment.DSN)}, or pass --source postgresql://…"
        )
    return found.value


def _notes(request: Request, dsn: str) -> tuple[str, ...]:
    """Say that a connection string cannot be turned to another project.

    Raises:
        UsageError: if it belongs to another than --project-id names.
    """
    named = environment.project_of(dsn)
    if not request.project or named == request.project:
        return ()
    if named is None:
        return (f"--project-id {request.project} is not used: the connection string says which database is read",)
    raise UsageError(
        f"the connection string is of project {named}, not {request.project}",
        hint="Leave --project-id out, or unset the connection string.",
    )


def _fetch_source(request: Request) -> Fetched:
    dsn = _dsn(request)
    notes = _notes(request, dsn)
    catalog = read_catalog(dsn, request.schemas, expressions=request.expressions, functions=request.functions)
    return Fetched(catalog=catalog, kind="dsn", describe=describe(dsn), notes=notes)


SOURCE = Source(
    name="dsn",
    fetch=_fetch_source,
    order=1,
    configured=_configured,
    needs="SUPABASE_DB_URL or DATABASE_URL: a connection string (postgresql://…)",
    probe=lambda request: probe(_dsn(request), request.schemas),
    query=lambda request, text, limits: query(_dsn(request), text, limits),
)
