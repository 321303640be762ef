"""Migrations applied to an empty Supabase database, as ``supabase db reset`` applies them.

Each file has a session of its own, and runs statement by statement, each on its own (``create index concurrently``
needs that); a transaction that a file leaves open is committed at its end. The statements' borders come from
PostgreSQL's own parser (libpg_query, through pgparse).
"""

from __future__ import annotations

import contextlib
import importlib
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schema_sync.errors import MigrationError, SourceError
from schema_sync.sources.embedded import INSTALL_HINT, server
from schema_sync.sources.histories import shown
from schema_sync.sources.platform import Platform
from schema_sync.sources.psql import plain_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
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
_EXTENSION_HINT = (
    "The embedded PostgreSQL does not have this extension."
    " Read the schema from a database that has it: --source postgresql://…"
)
_DENIED = "42501"  # insufficient privilege
_DENIED_HINT = (
    "Migrations are replayed as postgres, which is no superuser: they reach no program, file or other server."
)
_ICU_HINT = "The embedded PostgreSQL is built without ICU and its collations."
_BLANK = re.compile(r"(?:[ \t\n\r\f\v]+|--[^\n\r]*)*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a migration.

    Attributes:
        text: its text, from the first token on, without the closing semicolon.
        line: the 1-based line of that token.
        kind: the parser's name for it, such as ``CreateStmt``.
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
            statements = split(text, path)
            with _session(connect, path) as session:
                platform = platform or Platform.of(session)
                said: dict[str, list[int]] = defaultdict(list)
                for statement in statements:
                    if note := _run(session, statement, path, platform):
                        said[note].append(statement.line)
                if session.info.transaction_status != TransactionStatus.IDLE:
                    _execute(session, statements[-1], "commit", path)
            notes += [f"{path}:{lines[0]}: {note}{_more(len(lines) - 1)}" for note, lines in said.items()]
    return tuple(notes)


def _more(times: int) -> str:
    return f" ({times} more of the kind in this file)" if times else ""


def split(text: str, path: str) -> list[Statement]:
    """Return the statements of the migration *text*; *path* is its name in errors.

    Raises:
        SourceError: if the parser is not installed, or the text is nested too deeply for it.
        MigrationError: if the text does not parse.
    """
    try:
        pgparse = importlib.import_module("pgparse")
    except ImportError as error:
        raise SourceError(
            "the parser of migrations, the package pgparse, is not installed", hint=INSTALL_HINT
        ) from error
    try:
        parsed: list[dict[str, Any]] = pgparse.parse(text)
    except pgparse.PGQueryError as error:
        raise _unparsed(text, path, str(error.message), int(error.position)) from error
    except RecursionError as error:
        raise SourceError(
            f"{path}: an expression is nested too deeply to be parsed", hint="Split it into several."
        ) from error
    raw = text.encode()
    statements: list[Statement] = []
    line, counted = 1, 0
    for entry in parsed:
        begin = entry.get("stmt_location", 0)  # in bytes, and where the statement before this one ended
        end = begin + entry["stmt_len"] if "stmt_len" in entry else len(raw)
        chunk = raw[begin:end].decode()
        start = _first_token(chunk)
        line += raw.count(b"\n", counted, begin) + chunk.count("\n", 0, start)
        counted = begin + len(chunk[:start].encode())
        ((kind, tree),) = entry["stmt"].items()
        statements.append(Statement(chunk[start:].rstrip(), line, kind, tree))
    return statements


def _first_token(chunk: str) -> int:
    """Return the place of the first token in *chunk*, after blanks and comments. Block comments nest."""
    place = 0
    while True:
        blank = _BLANK.match(chunk, place)
        place = blank.end() if blank else place
        if not chunk.startswith("/*", place):
            return place
        depth = 0
        for edge in _COMMENT_EDGE.finditer(chunk, place):
            depth += 1 if edge[0] == "/*" else -1
            place = edge.end()
            if depth == 0:
                break


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
    if statement.kind == "CreateExtensionStmt" and error.sqlstate in _UNSUPPORTED:
        return _EXTENSION_HINT  # the server's own names a file of ours
    if error.sqlstate in _UNSUPPORTED and "icu" in statement.text.lower():
        return _ICU_HINT
    sentences = filter(None, (error.diag.message_detail, error.diag.message_hint))
    said = " ".join(text if text[-1] in ".?!" else f"{text}." for text in sentences)
    if error.sqlstate == _DENIED:
        return f"{said} {_DENIED_HINT}".strip()
    return said or (_ORDER_HINT if error.sqlstate in _UNDEFINED else "")


def _unparsed(text: str, path: str, message: str, position: int) -> MigrationError:
    """Return the error of a file that does not parse; the parser's position is in characters, from 1."""
    before = text[: max(position - 1, 0)].rstrip() if position > len(text) else text[: max(position - 1, 0)]
    line = before.count("\n") + 1
    shown = _shown(text.split("\n")[line - 1])
    return MigrationError(_shown(message), path=path, line=line, statement=shown)


def _shown(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _SHOWN_CHARACTERS else f"{words[: _SHOWN_CHARACTERS - 1]}…"
