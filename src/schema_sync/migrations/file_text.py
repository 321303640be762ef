"""The text of a migration: encoding, line ends, syntax, and whether there is anything in it."""

from __future__ import annotations

from typing import NamedTuple

from schema_sync.errors import MigrationError
from schema_sync.migrations.problems import Problem, problem
from schema_sync.replay.psql_script import plain_sql
from schema_sync.replay.statements import NotTextError, Statement, open_transaction, split, text_of

_BOM = b"\xef\xbb\xbf"


class Script(NamedTuple):
    """A migration's SQL without psql's part, and the statements in it."""

    sql: str
    statements: tuple[Statement, ...]


def check_text(content: bytes, path: str) -> tuple[list[Problem], Script | None]:
    """Return the problems of a file's bytes, and the script in it; None where it cannot be read as one.

    Raises:
        SourceError: if the parser is not installed.
    """
    found: list[Problem] = []
    try:
        text = text_of(content)
    except NotTextError as error:
        return [problem("migration-encoding", path, error.reason, line=error.line)], None
    if content.startswith(_BOM):
        found.append(problem("migration-bom", path, "begins with a byte order mark"))
    if "\r\n" in text:
        line = text.count("\n", 0, text.index("\r\n")) + 1
        found.append(problem("migration-crlf", path, "lines end in CR LF", line=line))
    try:
        sql, _ = plain_sql(text, path)
    except MigrationError as error:
        return [*found, problem("migration-syntax", path, error.reason, line=error.line)], None
    statements = split(sql)
    if not statements:
        found.append(problem("migration-empty", path, "there is no statement in it"))
    if began := open_transaction(statements):
        message = "a transaction begins here and is never committed"
        found.append(problem("migration-open-transaction", path, message, line=began.line))
    return found, Script(sql, statements)
