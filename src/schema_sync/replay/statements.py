"""The statements of a migration file, and where and why one fails.

A parser (libpg_query, through pgparse) tells kinds of statements apart; what it does not know, the server may.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schema_sync.errors import MigrationError, SourceError
from schema_sync.postgres import sql_lexer
from schema_sync.postgres.read_only_query import shortened
from schema_sync.replay.embedded_server import INSTALL_HINT

if TYPE_CHECKING:
    import psycopg

    from schema_sync.postgres.session import Session

_UNDEFINED = {"3F000", "42703", "42704", "42883", "42P01"}  # schema, column, object, function, table
_UNSUPPORTED = {"0A000", "42704"}
_DENIED = "42501"  # insufficient privilege
_SYNTAX_ERROR = "42601"
_ORDER_HINT = "The files are applied to a new Supabase database, in the order of their names."
_DENIED_HINT = (
    "Migrations are replayed as postgres, which is not a superuser: they reach no program, file or other server."
)
_ICU_HINT = "The embedded PostgreSQL is built without ICU and its collations."
KEPT_FILES = 500
BEGIN = {"TRANS_STMT_BEGIN", "TRANS_STMT_START"}
END = {"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"}


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


class NotTextError(ValueError):
    """A migration is not text: why, and in which line, counted from 1."""

    def __init__(self, reason: str, line: int) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason)


def text_of(content: bytes) -> str:
    """Return the text of a migration, without a byte order mark.

    Raises:
        NotTextError: if it is not UTF-8, or holds a NUL character.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = error.object[error.start]
        raise NotTextError(
            f"not UTF-8: byte 0x{wrong:02x}", error.object.count(b"\n", 0, error.start) + 1
        ) from error
    if "\0" in text:
        raise NotTextError("a NUL character", text.count("\n", 0, text.index("\0")) + 1)
    return text


def read_migration(file: Path, path: str) -> str:
    """Return the text of *file*, which messages call *path*.

    Raises:
        SourceError: if it cannot be read, or is not UTF-8 text.
    """
    try:
        return text_of(file.read_bytes())
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    except NotTextError as error:
        raise SourceError(f"{path}:{error.line}: {error.reason}", hint="Save the file as UTF-8.") from error


@lru_cache(KEPT_FILES)
def split(text: str) -> tuple[Statement, ...]:
    """Return the statements of the migration *text*; what was parsed lately is not parsed again.

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
    for start, end in sql_lexer.statements(text):
        line += text.count("\n", counted, start)
        counted = start
        statement = text[start:end]
        try:
            parsed: list[dict[str, Any]] = pgparse.parse(statement)
        except (pgparse.PGQueryError, RecursionError):  # newer syntax, wrong syntax or too deep: the server knows
            parsed = []
        node: dict[str, dict[str, Any]] = parsed[0]["stmt"] if len(parsed) == 1 else {"": {}}
        ((kind, tree),) = node.items()
        found.append(Statement(statement, line, kind, tree))
    return tuple(found)


def check_syntax(session: Session, statements: Sequence[Statement], path: str) -> None:
    """Let the server parse those of *statements* that the parser does not know; nothing is run.

    Authority: PostgreSQL manual, "Extended Query": Parse of a statement that is not a query only parses it.

    Raises:
        MigrationError: for the first that is not SQL.
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
                raise migration_error(error, statement, path)


def open_transaction(statements: Sequence[Statement]) -> Statement | None:
    """Return the statement that begins the transaction which *statements* leave open, None if there is none."""
    began: Statement | None = None
    for statement in statements:
        if statement.kind == "TransactionStmt":
            word = statement.tree["kind"]
            if word in BEGIN:
                began = began or statement
            elif word in END and not statement.tree.get("chain"):
                began = None
    return began


def migration_error(error: psycopg.Error, statement: Statement, path: str) -> MigrationError:
    """Return what to tell of *error*, which PostgreSQL raised for *statement* of the file *path*."""
    place = int(error.diag.statement_position or 1)  # of the character, counted from 1
    return MigrationError(
        error.diag.message_primary or str(error).strip(),
        path=path,
        line=statement.line + statement.text.count("\n", 0, place - 1),
        statement=shortened(statement.text),
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
