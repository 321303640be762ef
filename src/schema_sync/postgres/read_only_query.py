"""One SELECT of the user's on a connection: read-only, bounded in rows and time by the server itself.

The statement goes to the server alone, through the extended protocol, which takes one statement; only
then is it wrapped, so that each value comes as ``to_json`` gives it, and at most the wanted rows leave the server.
Authority: PostgreSQL manual, "Extended Query" (message flow), SET TRANSACTION, "Lexical Structure".
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.base import Value
from schema_sync.postgres.schema_changes import SchemaChangedError, is_change
from schema_sync.postgres.sql_lexer import tokens

if TYPE_CHECKING:
    import psycopg

    from schema_sync.postgres.session import Session

_VOID = 2278  # its only value has no JSON
_QUERIES = frozenset({"select", "values", "table", "with"})
_QUERY_HINT = "A query starts with SELECT, VALUES, TABLE or WITH."
_SHOWN_CHARACTERS = 200
# Classes of SQLSTATE (PostgreSQL manual, appendix "Error Codes") that are no fault of the statement: connection,
# transaction, resources, locks, intervention, system, internal error; and rights that the role lacks.
_SERVERS = ("08", "40", "53", "55", "57", "58", "XX", "42501")
_TIMEOUT = "57014"
_INTERNAL = "XX000"


class Limits(Value, frozen=True, kw_only=True):
    """How much a query may answer.

    Attributes:
        rows: the maximum number of rows.
        seconds: the statement's timeout on the server.
    """

    rows: int
    seconds: float


class Rows(Value, frozen=True, kw_only=True):
    """What a query answered.

    Attributes:
        columns: their names in order; a name may be there twice.
        rows: JSON values as PostgreSQL's to_json gives them.
        truncated: whether there are more rows than were asked for.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False


def select(session: Session, text: str, limits: Limits) -> Rows:
    """Return what the query *text* gives; *session* is in autocommit.

    Raises:
        SchemaChangedError: if the schema changed meanwhile; *session* can be asked again.
        UsageError: if *text* is at fault: it is wrong, no query, several statements, or would change something.
        SourceError: if the server is: it takes too long, lacks rights, goes away.
    """
    import psycopg

    body = query_in(text)
    try:
        for statement in (*session.opening(limits.seconds), "set local standard_conforming_strings = on"):
            session.execute(statement.encode())
        columns, wrapped = _wrapped(session, text, body, limits)
        with session.pipeline():  # the extended protocol
            found = session.json_cursor().execute(wrapped.encode()).fetchall()
        session.execute("rollback")
    except psycopg.Error as error:
        failure = _failed(error, text, limits)
        if isinstance(failure, SchemaChangedError):
            session.rollback()
        raise failure from error
    rows = [tuple(map(_value, row)) for row in found] if columns else [()] * len(found)
    return Rows(columns=columns, rows=tuple(rows[: limits.rows]), truncated=len(rows) > limits.rows)


def query_in(text: str) -> str:
    """Return the query in *text*, up to its semicolon.

    Raises:
        UsageError: if *text* starts as no query does.
    """
    found = [token for token in tokens(text) if token.kind != "comment"]
    body = text[: next((token.start for token in found if token.kind == "end"), len(text))]
    first = next((text[token.start : token.end].lower() for token in found if token.kind != "open"), "")
    if "\0" in text or first not in _QUERIES:
        raise UsageError(f"not a query: {shortened(body) or 'nothing'}", hint=_QUERY_HINT)
    return body


def _wrapped(session: Session, text: str, body: str, limits: Limits) -> tuple[tuple[str, ...], str]:
    """Let the server parse *text* as the one statement it has to be; return its columns, and what to run."""
    session.pgconn.send_prepare(b"", text.encode())
    session.result()
    session.pgconn.send_describe_prepared(b"")
    described = session.result()
    if described.nparams:
        raise UsageError("the query has parameters ($1 …)", hint="Write their values into it.")
    names_of = (described.fname(i) or b"" for i in range(described.nfields))
    columns = tuple(name.decode(errors="backslashreplace") for name in names_of)
    names = [f"c{i}" for i in range(len(columns))]
    aliases = f"({', '.join(names)})" if names else ""
    values = ", ".join(
        "null::pg_catalog.text" if described.ftype(i) == _VOID else f"pg_catalog.to_json({name})::pg_catalog.text"
        for i, name in enumerate(names)
    )
    return columns, f"select {values or 1} from (\n{body}\n) as q{aliases} limit {limits.rows + 1}"  # noqa: S608


def _value(text: str | None) -> Any:
    """Return a JSON text as Python's values; numbers with a fraction stay exact."""
    try:
        return None if text is None else json.loads(text, parse_float=Decimal)
    except RecursionError as error:
        raise SourceError("a value is nested too deeply to be read", hint="Select a part of it.") from error


def _failed(error: psycopg.Error, text: str, limits: Limits) -> UsageError | SourceError:
    message = error.diag.message_primary or " ".join(str(error).split())
    state = error.sqlstate or "08000"
    said = ". ".join(t.rstrip(".") for t in (error.diag.message_detail, error.diag.message_hint) if t)
    hint = f"{said}." if said else ""
    if state == _TIMEOUT:
        hint = f"The limit is {limits.seconds:g} {'second' if limits.seconds == 1 else 'seconds'} (--timeout)."
    if state == _INTERNAL and is_change(message):
        return SchemaChangedError(message)
    if state.startswith(_SERVERS):
        return SourceError(message, hint=hint)
    position = error.diag.statement_position
    return UsageError(_placed(message, text, int(position)) if position else message, hint=hint)


def _placed(message: str, text: str, position: int) -> str:
    """Return *message* with the line of *text* that holds the 1-based *position*, and a mark below it."""
    before = text[: position - 1]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    shown = text.split("\n")[line - 1].replace("\t", " ")
    start = max(0, column - _SHOWN_CHARACTERS // 2)
    part = shown[start : start + _SHOWN_CHARACTERS]
    return f"{line}:{column}: {message}\n  {part}\n  {' ' * (column - 1 - start)}^"


def shortened(text: str) -> str:
    """Return *text* on one line, cut to what a message has room for."""
    words = " ".join(text.split())
    return words if len(words) <= _SHOWN_CHARACTERS else f"{words[: _SHOWN_CHARACTERS - 1]}…"
