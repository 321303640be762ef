"""The catalog queries on a connection.

All go out in one pipeline, in one read-only transaction, without prepared statements, so that transaction poolers
work. Authority: PostgreSQL manual, "Pipeline Mode".
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from schema_sync.errors import SourceError
from schema_sync.postgres import connection
from schema_sync.postgres.catalog_queries import DETAILS_QUERY
from schema_sync.postgres.schema_changes import SchemaChangedError, is_change

if TYPE_CHECKING:
    from schema_sync.postgres.session import Session

_SHOWN_CHARACTERS = 100
_SETTINGS = ("set local jit = off", "set local search_path = ''")


def read_rows(
    session: Session, queries: Mapping[str, str], meanwhile: Callable[[], object] = tuple
) -> dict[str, Sequence[Sequence[Any]]]:
    """Return the rows of *queries*, as ``catalog_queries`` gives them, by name.

    While the server works on them, *meanwhile* is called.

    Raises:
        SchemaChangedError: if the schema changed while it was read; *session* can be asked again.
        SourceError: if a query fails, or the deadline of *session* passes.
    """
    import psycopg

    is_text_utf8 = not session.keeps_bytes  # only texts are read by the loaders for other bytes
    try:
        with session.pipeline():
            seconds = (session.until - time.monotonic()) * connection.SERVER_SHARE
            for statement in (*session.opening(seconds), *_SETTINGS):
                session.execute(statement.encode())
            cursors = {
                name: session.execute(text.encode(), binary=is_text_utf8)
                for name, text in queries.items()
                if name != DETAILS_QUERY
            }
            details = None
            if DETAILS_QUERY in queries:
                text = f"select part, found::pg_catalog.text from (\n{queries[DETAILS_QUERY]}) d"  # noqa: S608
                details = session.json_cursor().execute(text.encode())
            session.execute("commit")
            session.meanwhile(partial(import_module, "schema_sync.postgres.catalog_rows"))  # which takes the rows
            session.meanwhile(meanwhile)
            # each is fetched while the server goes on with the next ones, and its cursor is let go
            rows: dict[str, Sequence[Sequence[Any]]] = {name: cursors.pop(name).fetchall() for name in [*cursors]}
        if details is not None:
            rows[DETAILS_QUERY] = [(part, json.loads(found)) for part, found in details.fetchall()]
    except psycopg.Error as error:
        if is_change(str(error), error.sqlstate or ""):
            session.rollback()
            raise SchemaChangedError(connection.reason(error)) from error
        raise SourceError(f"the catalog could not be read: {connection.reason(error)}") from error
    return rows


def encoding_notes(session: Session) -> tuple[str, ...]:
    """State which texts that *session* has read are not what the database holds."""
    wrong = session.undecodable
    if not wrong:
        return ()
    encoding = session.info.parameter_status("server_encoding")
    return (
        f"names or texts in the database (encoding {encoding}) are not UTF-8 and are shown with escapes:"
        f" {len(wrong)}; the first is {wrong[0][:_SHOWN_CHARACTERS]}",
    )
