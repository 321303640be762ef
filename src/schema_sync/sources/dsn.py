"""A live database by its connection string: URI or key=value, direct or through a pooler.

All queries go out in one pipeline, in one read-only transaction, without prepared statements, so that
transaction poolers work. Authority: PostgreSQL manual, "Connection Strings" and "Pipeline Mode".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from schema_sync.errors import SourceError, UsageError
from schema_sync.postgres import connection
from schema_sync.postgres.catalog_queries import catalog_queries
from schema_sync.postgres.catalog_rows import build_catalog
from schema_sync.postgres.connection import CLIENT_TIMEOUT_SECONDS, QUERY_MARGIN_SECONDS, SERVER_SHARE, Address
from schema_sync.postgres.schema_changes import SchemaChangedError, is_change, read_again
from schema_sync.sources import environment
from schema_sync.sources.base import Fetched, Request, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from schema_sync.model.catalog import Catalog
    from schema_sync.postgres.json_paging import Limits, Rows
    from schema_sync.postgres.session import Session

PROBE_TIMEOUT_SECONDS = 5
_SHOWN_CHARACTERS = 100
_SETTINGS = ("set local jit = off", "set local search_path = ''")


def read_catalog(
    dsn: str | Address,
    schemas: Sequence[str],
    *,
    expressions: bool = True,
    functions: bool = False,
    seconds: float = CLIENT_TIMEOUT_SECONDS,
) -> Catalog:
    """Return the catalog of *schemas* in the database that *dsn* names, within *seconds*.

    A text is the address of a server that this tool started: nothing of the environment completes it.

    Raises:
        SourceError: if the server cannot be reached, refuses, a query fails, or all of it takes too long.
        UsageError: if *dsn* is not a connection string, or a schema does not exist.
    """
    return _read(_address_of(dsn), schemas, expressions=expressions, functions=functions, seconds=seconds)[0]


def _read(
    address: Address, schemas: Sequence[str], *, expressions: bool, functions: bool, seconds: float
) -> tuple[Catalog, tuple[str, ...]]:
    import psycopg

    queries = catalog_queries(schemas, expressions=expressions, functions=functions)
    until = time.monotonic() + seconds

    def read() -> tuple[Catalog, tuple[str, ...]]:
        left = until - time.monotonic()
        with connection.connect(address, left) as session:
            try:
                rows = _fetch(session, queries, left)
            except psycopg.Error as error:
                if is_change(str(error), error.sqlstate or ""):
                    raise SchemaChangedError(connection.reason(error)) from error
                raise SourceError(f"the catalog could not be read: {connection.reason(error)}") from error
            notes = _encoding_notes(session)
        return build_catalog(rows, schemas), notes

    return read_again(read)


def query(dsn: str | Address, text: str, limits: Limits, seconds: float | None = None) -> Rows:
    """Return what the query *text* gives in the database that *dsn* names.

    A text is the address of a server that this tool started. On the client's side all ends within *seconds*, by
    default a little more than the statement's own limit.

    Raises:
        SourceError: if the server cannot be reached, or is at fault, or all of it takes too long.
        UsageError: if *dsn* is not a connection string, or *text* no query that changes nothing.
    """
    from schema_sync.postgres.read_only_query import select

    with connection.connect(
        _address_of(dsn), limits.seconds + QUERY_MARGIN_SECONDS if seconds is None else seconds
    ) as session:
        return select(session, text, limits)


def probe(address: Address, schemas: Sequence[str]) -> str:
    """Return where *address* leads and the server's version, asked within a few seconds.

    Raises:
        SourceError: if the server cannot be reached, or refuses.
        UsageError: if one of *schemas* does not exist.
    """
    import psycopg

    with connection.connect(address, 2 * PROBE_TIMEOUT_SECONDS, longest=PROBE_TIMEOUT_SECONDS) as session:
        try:
            for statement in session.opening(PROBE_TIMEOUT_SECONDS):
                session.execute(statement.encode())
            version = session.execute("select current_setting('server_version')").fetchall()[0][0]
            names = session.execute("select nspname from pg_catalog.pg_namespace").fetchall()
            session.execute("rollback")
        except psycopg.Error as error:
            raise SourceError(f"the server does not answer: {connection.reason(error)}") from error
    missing = [schema for schema in schemas if (schema,) not in names]
    if missing:
        raise UsageError(
            f"{address.describe} has no schema {', '.join(missing)}", hint="Check schemas in the configuration."
        )
    return f"{address.describe}: PostgreSQL {version}{f'; {address.trust}' if address.trust else ''}"


def _address_of(dsn: str | Address) -> Address:
    return dsn if isinstance(dsn, Address) else connection.own_address(dsn)


def _fetch(session: Session, queries: dict[str, str], seconds: float) -> dict[str, Sequence[Sequence[Any]]]:
    with session.pipeline():
        for statement in (*session.opening(seconds * SERVER_SHARE), *_SETTINGS):
            session.execute(statement.encode())
        cursors = {name: session.execute(text.encode()) for name, text in queries.items()}
        session.execute("commit")
    return {name: cursor.fetchall() for name, cursor in cursors.items()}


def _encoding_notes(session: Session) -> tuple[str, ...]:
    """Say which texts are not what the database holds."""
    wrong = session.undecodable
    if not wrong:
        return ()
    encoding = session.info.parameter_status("server_encoding")
    return (
        f"names or texts in the database (encoding {encoding}) are not UTF-8 and are shown with escapes:"
        f" {len(wrong)}; the first is {wrong[0][:_SHOWN_CHARACTERS]}",
    )


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


def _lacking(request: Request) -> str | None:
    """Tell which of the pooler's address and its password is missing where the other is there, else None."""
    if environment.connection_string(request) is not None:
        return None
    password = environment.setting(request, environment.PASSWORD)
    pooler = (request.root / environment.POOLER_FILE).exists()
    if password is not None:
        missing = f"no {environment.POOLER_FILE} (supabase link) and no {environment.DSN[0]}"
        return f"{password.is_set}, but there is {missing}"
    return f"{environment.POOLER_FILE} exists, but {environment.PASSWORD} is not set" if pooler else None


def address(request: Request) -> Address:
    """Return the address that *request* asks for: its argument, a variable, or the pooler of ``supabase link``.

    Raises:
        UsageError: if there is none, it is none, it says what a repository may not, or is of another project.
    """
    text, place = _text(request)
    _notes(request, text)
    if place == environment.POOLER_FILE:
        return connection.pooler_address(text, place, request.environment, request.root)
    if place:
        return connection.repository_address(text, place, request.environment, request.root)
    return connection.user_address(text, request.environment)


def _text(request: Request) -> tuple[str, str]:
    """Return the connection string, and where in the repository it stands: empty if the user gives it."""
    if request.argument:
        return request.argument, request.origin
    found = environment.connection_string(request)
    if found is None:
        raise UsageError(
            "no connection string", hint=f"Set {' or '.join(environment.DSN)}, or pass --source postgresql://…"
        )
    return found.value, f"{found.file}: {found.name}" if found.file == environment.DOTENV else found.file


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
    where = address(request)
    catalog, notes = _read(
        where,
        request.schemas,
        expressions=request.expressions,
        functions=request.functions,
        seconds=request.seconds,
    )
    notes = (*_notes(request, _text(request)[0]), *notes)
    return Fetched(catalog=catalog, kind="dsn", describe=where.describe, notes=notes)


SOURCE = Source(
    name="dsn",
    fetch=_fetch_source,
    order=1,
    configured=_configured,
    lacking=_lacking,
    needs="SUPABASE_DB_URL or DATABASE_URL: a connection string (postgresql://…)",
    probe=lambda request: probe(address(request), request.schemas),
    query=lambda request, text, limits: query(address(request), text, limits, request.seconds),
)
