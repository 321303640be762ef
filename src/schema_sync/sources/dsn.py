"""A live database by its connection string: URI or key=value, direct or through a pooler.

Authority: PostgreSQL manual, "Connection Strings".
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.request import Request
from schema_sync.postgres import connection, uris
from schema_sync.postgres.catalog_reading import encoding_notes, read_rows
from schema_sync.postgres.connection import Address
from schema_sync.postgres.schema_changes import read_again
from schema_sync.postgres.sql_judgement import judged
from schema_sync.remote import credentials
from schema_sync.sources.base import Fetched, OpenSource, Source, fetched, fingerprint

if TYPE_CHECKING:
    from schema_sync.postgres.read_only_query import Limits, Rows

PROBE_TIMEOUT_SECONDS = 5


@contextmanager
def opened(
    request: Request,
    address: Address,
    kind: str,
    notes: tuple[str, ...] = (),
    skipped: Collection[str] | None = None,
) -> Generator[OpenSource]:
    """Yield the database at *address*: one connection for all that is asked, closed after ``request.seconds``.

    *skipped* are the extensions that the server of a replay lacks; None for other servers, which judge SQL only
    if *request* allows it.

    Raises:
        SourceError: if the server cannot be reached, or refuses.
    """
    with connection.connect(address, request.seconds) as session:

        def catalog() -> Fetched:
            found = fetched(
                request,
                partial(read_rows, session, meanwhile=request.meanwhile),
                kind=kind,
                describe=address.describe,
            )
            is_judge = request.sql and (request.judge_sql or skipped is not None)
            verdicts = judged(session, request.sql, skipped) if is_judge else None
            return replace(found, notes=(*notes, *encoding_notes(session)), verdicts=verdicts)

        def query(text: str, limits: Limits) -> Rows:
            from schema_sync.postgres.read_only_query import select

            return select(session, text, limits)

        yield OpenSource(catalog=catalog, query=query)


def _open(request: Request) -> AbstractContextManager[OpenSource]:
    address, notes = _located(request)
    return opened(request, address, "dsn", notes)


def _fingerprint(request: Request) -> str:
    address, _ = _located(request)
    with connection.connect(address, request.seconds) as session:
        read = partial(read_rows, session)
        return read_again(partial(fingerprint, request, read, describe=address.describe))


def _probe(request: Request) -> str:
    import psycopg

    address, _ = _located(request)
    with connection.connect(address, 2 * PROBE_TIMEOUT_SECONDS, longest=PROBE_TIMEOUT_SECONDS) as session:
        try:
            for statement in session.opening(PROBE_TIMEOUT_SECONDS):
                session.execute(statement.encode())
            version = session.execute("select current_setting('server_version')").fetchall()[0][0]
            names = session.execute("select nspname from pg_catalog.pg_namespace").fetchall()
            session.execute("rollback")
        except psycopg.Error as error:
            raise SourceError(f"the server does not answer: {connection.reason(error)}") from error
    missing = [schema for schema in request.schemas if (schema,) not in names]
    if missing:
        raise UsageError(
            f"{address.describe} has no schema {', '.join(missing)}", hint="Check schemas in the configuration."
        )
    return f"{address.describe}: PostgreSQL {version}{f'; {address.trust}' if address.trust else ''}"


def _configured(request: Request) -> str | None:
    """State what is set. Where --project-id names a project, another one's connection string counts for nothing.

    One that names no project comes after a token, which opens the one that is meant.
    """
    found = credentials.connection_string(request)
    if found is None:
        return None
    named = credentials.project_of(found.value)
    if request.project and named != request.project and (named or credentials.token(request)):
        return None
    return found.is_set


def _lacking(request: Request) -> str | None:
    """Return which of the pooler's address and its password is missing where the other is there, else None."""
    if credentials.connection_string(request) is not None:
        return None
    if unfit := credentials.passed_over(request, credentials.DSN):
        return unfit[0]
    password = credentials.setting(request, credentials.PASSWORD)
    pooler = (request.root / credentials.POOLER_FILE).exists()
    if password is not None:
        missing = f"no {credentials.POOLER_FILE} (supabase link) and no {credentials.DSN[0]}"
        return f"{password.is_set}, but there is {missing}"
    return f"{credentials.POOLER_FILE} exists, but {credentials.PASSWORD} is not set" if pooler else None


def _located(request: Request) -> tuple[Address, tuple[str, ...]]:
    """Return the address of the argument, a variable, or the pooler of ``supabase link``, and notes on it.

    Raises:
        UsageError: if there is none, it is none, it states what a repository may not, or is of another project.
    """
    text, place = request.argument, request.origin or "--source"
    ours = bool(request.origin)  # it stands in the repository
    if not text:
        found = credentials.connection_string(request)
        if found is None:
            hint = f"Set {' or '.join(credentials.DSN)}, or pass --source postgresql://…"
            unfit = credentials.passed_over(request, credentials.DSN)
            raise UsageError("; ".join(unfit) or "no connection string", hint=hint)
        text, ours = found.value, bool(found.file)
        place = f"{found.file}: {found.name}" if found.file == credentials.DOTENV else found.file or found.name
    notes = _notes(request, text, place)
    if place == credentials.POOLER_FILE:
        return connection.pooler_address(text, place, request.environment, request.root), notes
    if ours:
        return connection.repository_address(text, place, request.environment, request.root), notes
    return connection.user_address(text, request.environment, place), notes


def _notes(request: Request, dsn: str, place: str) -> tuple[str, ...]:
    """State what of a connection string is not used; refuse that of another project."""
    names = uris.unused(dsn)
    unused = (f"{place}: not used, as only other drivers know it: {', '.join(names)}",) if names else ()
    named = credentials.project_of(dsn)
    if not request.project or named == request.project:
        return unused
    if named is None:
        note = f"--project-id {request.project} is not used: the connection string says which database is read"
        return (*unused, note)
    raise UsageError(
        f"the connection string is of project {named}, not {request.project}",
        hint="Leave --project-id out, or unset the connection string.",
    )


SOURCE = Source(
    name="dsn",
    open=_open,
    configured=_configured,
    lacking=_lacking,
    variables=credentials.DSN,
    needs="SUPABASE_DB_URL or DATABASE_URL: a connection string (postgresql://…)",
    probe=_probe,
    fingerprint=_fingerprint,
)
