"""Which names in SQL of the code a server does not know: it parses each statement and runs none.

Parse of the extended protocol takes one statement; the server looks up its names, and neither plans nor executes
it. Each has a transaction of its own, with short limits, that is rolled back. Many go out in one pipeline.
Authority: PostgreSQL manual, "Extended Query" (Parse), "Pipeline Mode", "Error Codes".
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schema_sync.errors import SourceError, mask
from schema_sync.model.verdicts import Missing, Verdict
from schema_sync.postgres.read_only_query import shortened
from schema_sync.postgres.sql_lexer import next_token
from schema_sync.postgres.sql_literals import name_of

if TYPE_CHECKING:
    import psycopg

    from schema_sync.postgres.session import Session

SECONDS = 20.0
"""How long all of it may take, for the client."""
OPENING = (
    b"begin read only",
    b"set local lock_timeout = '100ms'",
    b"set local statement_timeout = '1s'",
)
_BATCH = 50
_MISSING: Mapping[str, Missing] = {"42P01": "table", "42703": "column", "42883": "function", "3F000": "function"}
_REASONS = {
    "42601": "PostgreSQL cannot parse it",
    "55P03": "another session locks a table in it",
    "57014": "PostgreSQL needs more than a second to parse it",
}
_OTHER_REASON = "PostgreSQL refuses it for another reason than a name"
_LATE = Verdict(why=f"the server was lost, or needed more than {SECONDS:g} seconds for all SQL")
_ELSEWHERE = "the name exists in a schema that is not in the search path"
_BY_TYPES = "the types of values decide what is called"
_Known = Mapping[tuple[str, str], bool]


def judged(
    session: Session, statements: Sequence[str], skipped: Collection[str] | None = None
) -> dict[str, Verdict]:
    """Return what the server reports on each of *statements*; after an error of its own, nothing on the others.

    *skipped* are the extensions that a replay lacks; None for a real server, which has all that it should.
    """
    import psycopg

    found: dict[str, Verdict] = {}
    until = time.monotonic() + SECONDS
    try:
        for start in range(0, len(statements), _BATCH):
            batch = statements[start : start + _BATCH]
            for sql, error in zip(batch, _errors(session, batch, until), strict=True):
                found[sql] = Verdict() if error is None else _verdict(sql, error)
        names = sorted({verdict.names[-1] for verdict in found.values() if verdict.names})
        query = (Path(__file__).parent / "sql" / "known_names.sql").read_bytes()
        rows = session.execute(query, {"names": names}).fetchall()
    except (SourceError, psycopg.Error):
        found = {sql: verdict for sql, verdict in found.items() if verdict.missing is None}
        return {sql: found.get(sql, _LATE) for sql in statements}
    known = {(kind, name): is_visible for kind, name, is_visible in rows}
    return {sql: _settled(sql, verdict, known, skipped) for sql, verdict in found.items()}


def _errors(session: Session, batch: Sequence[str], until: float) -> list[psycopg.Error | None]:
    """Return what is wrong with each statement, None where nothing is; *until* is by the monotonic clock.

    Raises:
        SourceError: if it takes longer; the connection is closed then.
        psycopg.Error: if the connection is lost.
    """
    from psycopg import generators
    from psycopg.errors import error_from_result
    from psycopg.pq import ExecStatus

    connection = session.pgconn
    connection.enter_pipeline_mode()
    for sql in batch:
        for command in OPENING:
            connection.send_query_params(command, None)
        connection.send_prepare(b"", sql.encode())
        connection.pipeline_sync()
        connection.send_query_params(b"rollback", None)
        connection.pipeline_sync()
    session.wait(generators.send(connection), timeout=until - time.monotonic())
    errors: list[psycopg.Error | None] = []
    for _ in batch:
        answers = [
            session.wait(generators.fetch_many(connection), timeout=until - time.monotonic())[0]
            for _ in (*OPENING, "parse", "sync", "rollback", "sync")
        ]
        parsed = answers[len(OPENING)]
        is_wrong = parsed.status != ExecStatus.COMMAND_OK
        errors.append(error_from_result(parsed, "utf-8") if is_wrong else None)
    connection.exit_pipeline_mode()
    return errors


def _verdict(sql: str, error: psycopg.Error) -> Verdict:
    state, message = error.sqlstate or "", error.diag.message_primary or ""
    missing = _MISSING.get(state)
    if missing is None:
        return Verdict(why=_REASONS.get(state, _OTHER_REASON))
    position = error.diag.statement_position
    names, start, ends = _names_at(sql, int(position) - 1) if position else ([], 0, [])
    dotted = ".".join(names)
    if missing == "function" and not (f"{dotted}(" in message or (names and f'"{names[0]}"' in message)):
        return Verdict(why=_BY_TYPES)  # it is an operator
    if missing == "table" and len(names) > 1 and f'"{dotted}"' not in message:
        names.pop()  # a column of what FROM does not have
    return Verdict(
        missing=missing,
        names=tuple(names),
        start=start,
        end=ends[len(names) - 1] if names else 0,
        message=mask(shortened(message)),
    )


def _names_at(sql: str, place: int) -> tuple[list[str], int, list[int]]:
    """Return the names with dots between them that begin at *place* or after a bracket there, and their places."""
    place = start = place + sql.startswith("(", place)
    names: list[str] = []
    ends: list[int] = []
    while (token := next_token(sql, place)) is not None and token.kind in {"word", "name"}:
        names.append(name_of(sql[token.start : token.end]))
        ends.append(token.end)
        place = token.end + 1
        if not sql.startswith(".", token.end):
            break
    return names, start, ends


def _settled(sql: str, verdict: Verdict, known: _Known, skipped: Collection[str] | None) -> Verdict:
    """Return *verdict*, or why it is none: what the server lacks may exist where the code runs."""
    if verdict.missing is None:
        return verdict
    *schema, name = verdict.names or ("",)
    is_visible = known.get((verdict.missing, name))
    why = ""
    if is_visible is False and not schema:
        why = _ELSEWHERE
    elif verdict.missing == "function" and is_visible is not None and "$1" in sql:
        why = _BY_TYPES
    elif skipped is not None:
        why = _not_replayed(sql.lower(), verdict, known, skipped)
    return Verdict(why=why) if why else verdict


def _not_replayed(sql: str, verdict: Verdict, known: _Known, skipped: Collection[str]) -> str:
    """Return why the embedded server may lack what a Supabase project has; an empty string if it cannot."""
    lacking = sorted({*skipped, *(name for kind, name in known if kind == "stand-in")})
    if lacking and (verdict.missing == "function" or (verdict.missing == "table" and skipped)):
        return f"a replay does not have all of the extension {lacking[0]}"
    for kind, name in known:
        if (
            kind == "platform"
            and f"{name}." in sql
            and (verdict.missing == "column" or name in verdict.names[:-1])
        ):
            return f"a replay does not have all of Supabase's schema {name}"
    return ""
