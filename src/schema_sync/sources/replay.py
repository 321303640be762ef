"""Migrations applied to an empty Supabase database, as ``supabase db reset`` applies them.

Each file has a session of its own, and runs statement by statement, each on its own (``create index concurrently``
needs that); a transaction that a file leaves open is committed at its end. A parser (libpg_query, through pgparse)
tells kinds of statements apart; what it does not know, the server may.
"""

from __future__ import annotations

import contextlib
import importlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schema_sync.errors import MigrationError, SourceError
from schema_sync.sources import sql_lexer
from schema_sync.sources.embedded import INSTALL_HINT, server
from schema_sync.sources.histories import shown
from schema_sync.sources.platform import Platform
from schema_sync.sources.psql import plain_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import psycopg

    from schema_sync.sources.base import Progress
    from schema_sync.sources.histories import History

    Connect = Callable[[], psycopg.Connection[tuple[Any, ...]]]

_SHOWN_CHARACTERS = 200
_UNDEFINED = {"3F000", "42703", "42704", "42883", "42P01"}  # schema, column, object, function, table
_UNSUPPORTED = {"0A000", "42704"}
_ORDER_HINT = "The files are applied to a new Supabase database, in the order of their names."
_DENIED = "42501"  # insufficient privilege
_DENIED_HINT = (
    "Migrations are replayed as postgres, which is no superuser: they reach no program, file or other server."
)
_ICU_HINT = "The embedded PostgreSQL is built without ICU and its collations."
_SYNTAX_ERROR = "42601"
_BEGIN = {"TRANS_STMT_BEGIN", "TRANS_STMT_START"}
_END = {"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"}
_NOT_COMMITTED = (
    "the transaction that begins here has no commit: it is committed at the end of the file here, but the Supabase"
    " CLI runs the later files in it, and rolls all of them back if none commits"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a migration.

    Attributes:
        text: its text, from the first token on, without the closing semicolon.
        line: the 1-based line of that token.
        kind: the parser's name for it, such as ``CreateStmt``; empty where the parser does not know its syntax.
        tree: what the parser found in it.
    """

    text: str
    line: int
    kind: str
    tree: dict[str, Any]

    def line_at(self, position: int) -> int:
        """Return the line of the character at the 1-based *position* in the text."""
        return self.line + self.text.count("\n", 0, position - 1)


@contextlib.contextmanager
def applied(history: History, root: Path, progress: Progress) -> Generator[tuple[str, tuple[str, ...]]]:
    """Yield the connection string of an embedded Supabase database with *history* applied, and notes.

    Args:
        history: the files.
        root: the project's folder; errors and notes name files relative to it.
        progress: shows how far it is.

    Raises:
        SourceError: if a file is no text, or the server does not start.
        MigrationError: if a migration fails, with its place.
    """
    import psycopg

    with server() as running:
        dsn = running.owner_dsn
        try:
            notes = replay(
                history.files,
                root,
                lambda: psycopg.connect(dsn, autocommit=True, prepare_threshold=None),
                progress,
            )
        except MigrationError as error:  # what was left out may be what is missing
            error.hint = "\n".join(filter(None, (error.hint, *history.notes)))
            raise
        yield dsn, (*history.notes, *notes)


def replay(
    files: Sequence[Path], root: Path, connect: Connect, progress: Progress = contextlib.nullcontext
) -> tuple[str, ...]:
    """Apply *files*, in their order, each in a new session.

    Args:
        files: the migrations.
        root: the project's folder; errors and notes name files relative to it.
        connect: opens a session, in autocommit and without prepared statements.
        progress: shows how far it is.

    Returns:
        Notes on what was skipped or done otherwise than written.

    Raises:
        SourceError: if one of the files is no text.
        MigrationError: if a migration fails, with its place.
    """
    from psycopg.pq import TransactionStatus

    notes: list[str] = []
    platform: Platform | None = None
    with progress(files) as shown_files:
        for file in shown_files:
            path = shown(file, root)
            text, skipped = plain_sql(_read(file, path), path)
            notes += skipped
            statements = split(text)
            with _session(connect, path) as session:
                platform = platform or Platform.of(session)
                check_syntax(session, statements, path)
                said: dict[str, list[int]] = defaultdict(list)
                for statement in statements:
                    if note := _run(session, statement, path, platform):
                        said[note].append(statement.line)
                if session.info.transaction_status != TransactionStatus.IDLE:
                    _execute(session, statements[-1], "commit", path)
                    began = open_transaction(statements) or statements[-1]
                    said[_NOT_COMMITTED].append(began.line)
            notes += [f"{path}:{lines[0]}: {note}{_more(len(lines) - 1)}" for note, lines in said.items()]
    return tuple(notes)


def _more(times: int) -> str:
    return f" ({times} more of the kind in this file)" if times else ""


def split(text: str) -> list[Statement]:
    """Return the statements of the migration *text*.

    Raises:
        SourceError: if the parser is not installed.
    """
    try:
        pgparse = importlib.import_module("pgparse")
    except ImportError as error:
        raise SourceError(
            "the parser of migrations, the package pgparse, is not installed", hint=INSTALL_HINT
        ) from error
    found: list[Statement] = []
    line, counted = 1, 0
    for span in sql_lexer.statements(text):
        line += text.count("\n", counted, span.start)
        counted = span.start
        statement = text[span.start : span.end]
        try:
            parsed: list[dict[str, Any]] = pgparse.parse(statement)
        except (pgparse.PGQueryError, RecursionError):  # newer syntax, wrong syntax or too deep: the server knows
            parsed = []
        node: dict[str, dict[str, Any]] = parsed[0]["stmt"] if len(parsed) == 1 else {"": {}}
        ((kind, tree),) = node.items()
        found.append(Statement(statement, line, kind, tree))
    return found


def check_syntax(session: psycopg.Connection[tuple[Any, ...]], statements: Sequence[Statement], path: str) -> None:
    """Let the server parse those of *statements* that the parser does not know; nothing is run.

    Authority: PostgreSQL manual, "Extended Query": Parse of a statement that is no query only parses it.

    Raises:
        MigrationError: for the first that is no SQL.
    """
    from psycopg.errors import error_from_result
    from psycopg.pq import ExecStatus

    for statement in statements:
        if statement.kind:
            continue
        result = session.pgconn.prepare(b"", statement.text.encode())
        if result.status != ExecStatus.COMMAND_OK:
            error = error_from_result(result, "utf-8")
            if error.sqlstate == _SYNTAX_ERROR:
                raise _failed(error, statement, path)


def syntax_errors(scripts: Mapping[str, Sequence[Statement]]) -> list[MigrationError]:
    """Return the first syntax error of each of *scripts*, which are statements by path. Nothing is run.

    Raises:
        SourceError: if a server is needed to parse them, and does not start.
    """
    import psycopg

    found: list[MigrationError] = []
    doubtful = {path: script for path, script in scripts.items() if not all(each.kind for each in script)}
    if not doubtful:
        return found
    with server() as running, psycopg.connect(running.owner_dsn, autocommit=True) as session:
        for path, script in doubtful.items():
            try:
                check_syntax(session, script, path)
            except MigrationError as error:
                found.append(error)
    return found


def open_transaction(statements: Sequence[Statement]) -> Statement | None:
    """Return the statement that begins the transaction which *statements* leave open, None if there is none."""
    began: Statement | None = None
    for statement in statements:
        if statement.kind == "TransactionStmt":
            word = statement.tree["kind"]
            if word in _BEGIN:
                began = began or statement
            elif word in _END and not statement.tree.get("chain"):
                began = None
    return began


def _read(file: Path, path: str) -> str:
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{path}:{line}: not UTF-8: byte 0x{error.object[error.start]:02x}", hint="Save the file as UTF-8."
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SourceError(f"{path}:{line}: a NUL character", hint="Save the file as UTF-8 text.")
    return text


def _session(connect: Connect, path: str) -> psycopg.Connection[tuple[Any, ...]]:
    import psycopg

    try:
        return connect()
    except psycopg.Error as error:
        raise SourceError(f"{path}: PostgreSQL opened no session for it: {str(error).strip()}") from error


def _run(session: psycopg.Connection[tuple[Any, ...]], statement: Statement, path: str, platform: Platform) -> str:
    """Run one statement, as the platform allows it; return what is to be said about it."""
    import psycopg

    try:
        adapted = platform.adapt(session, statement.text, statement.kind, statement.tree)
    except psycopg.Error as error:
        raise _failed(error, statement, path) from error
    for sql in adapted.sql:
        _execute(session, statement, sql, path)
    return adapted.note


def _execute(session: psycopg.Connection[tuple[Any, ...]], statement: Statement, sql: str, path: str) -> None:
    import psycopg

    try:
        session.execute(sql.encode())
    except psycopg.Error as error:
        raise _failed(error, statement, path) from error


def _failed(error: psycopg.Error, statement: Statement, path: str) -> MigrationError:
    place = error.diag.statement_position
    return MigrationError(
        error.diag.message_primary or str(error).strip(),
        path=path,
        line=statement.line_at(int(place)) if place else statement.line,
        statement=_shown(statement.text),
        hint=_hint(error, statement),
    )


def _hint(error: psycopg.Error, statement: Statement) -> str:
    if error.sqlstate in _UNSUPPORTED and "icu" in statement.text.lower():
        return _ICU_HINT
    sentences = filter(None, (error.diag.message_detail, error.diag.message_hint))
    said = " ".join(text if text[-1] in ".?!" else f"{text}." for text in sentences)
    if error.sqlstate == _DENIED:
        return f"{said} {_DENIED_HINT}".strip()
    return said or (_ORDER_HINT if error.sqlstate in _UNDEFINED else "")


def _shown(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _SHOWN_CHARACTERS else f"{words[: _SHOWN_CHARACTERS - 1]}…"
