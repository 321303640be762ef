"""Migrations applied to an empty Supabase database, as ``supabase db reset`` applies them.

Each file has a session of its own, and runs statement by statement, each on its own (``create index concurrently``
needs that); a transaction that a file leaves open is committed at its end. Where a replay goes on after a failure,
it does as psql would: what is before the failed statement stays, but for the transaction around it.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.errors import MigrationError
from schema_sync.model.base import Value
from schema_sync.model.findings import Incomplete, Note
from schema_sync.model.options import NameChange
from schema_sync.model.request import Progress, Request
from schema_sync.postgres.connection import own_session
from schema_sync.replay.embedded_server import OWNER, server
from schema_sync.replay.migration_files import History, shown
from schema_sync.replay.name_changes import name_changes
from schema_sync.replay.psql_script import plain_sql
from schema_sync.replay.statements import (
    END,
    Statement,
    check_syntax,
    migration_error,
    open_transaction,
    read_migration,
    split,
)
from schema_sync.replay.supabase_platform import Platform

if TYPE_CHECKING:
    from schema_sync.postgres.session import Session

_NOT_COMMITTED = (
    "the transaction that begins here has no commit: it is committed at the end of the file here, but the Supabase"
    " CLI runs the later files in it, and rolls all of them back if none commits"
)
_CALLS = {"DoStmt", "CallStmt", "SelectStmt"}  # they may create anything
_LOST = ("08", "57P")  # the connection is gone, or the server


class Replayed(Value, frozen=True, kw_only=True):
    """What became of a replay.

    Attributes:
        notes: what was skipped or done otherwise than written.
        incomplete: what was not applied, None if everything was.
        skipped: the extensions that the server lacks.
        name_changes: what was renamed and dropped.
    """

    notes: tuple[str, ...] = ()
    incomplete: Incomplete | None = None
    skipped: tuple[str, ...] = ()
    name_changes: tuple[NameChange, ...] = ()


@contextlib.contextmanager
def applied(history: History, request: Request) -> Generator[tuple[str, Replayed]]:
    """Yield the connection string of an embedded Supabase database with *history* applied, and what became of it.

    Raises:
        SourceError: if a file is not text, or the server does not start.
        MigrationError: if a migration fails, with its place; unless *request* lets the replay go on.
    """
    go_on = request.on_migration_error == "continue"
    with server() as running:
        dsn = running.database(user=OWNER)
        try:
            replayed = replay(history.files, request.root, dsn, request.progress, go_on=go_on)
        except MigrationError as error:  # what was left out may be what is missing
            error.hint = "\n".join(filter(None, (error.hint, *history.notes)))
            raise
        yield dsn, replace(replayed, notes=(*history.notes, *replayed.notes))


def replay(
    files: Sequence[Path],
    root: Path,
    dsn: str,
    progress: Progress = contextlib.nullcontext,
    *,
    go_on: bool = False,
) -> Replayed:
    """Apply *files*, in their order, each in a new session of the embedded server's database *dsn*.

    Errors and notes name files relative to *root*; *go_on* passes over a statement that fails. Errors are those of
    ``applied``.
    """
    record = _Record()
    platform: Platform | None = None
    with progress(files) as shown_files:
        for file in shown_files:
            path = shown(file, root)
            text = read_migration(file, path)
            try:
                text, skipped = plain_sql(text, path)
            except MigrationError as error:
                if not go_on:
                    raise
                record.unreadable(error, text)
                continue
            record.notes += skipped
            statements = split(text)
            record.name_changes += name_changes(statements)
            with own_session(dsn) as session:
                platform = platform or Platform(session)
                if not go_on:
                    check_syntax(session, statements, path)
                _File(session, path, platform, record, go_on).run(statements)
    return replace(record.result(), skipped=tuple(sorted(platform.skipped)) if platform is not None else ())


def syntax_errors(scripts: Mapping[str, Sequence[Statement]]) -> list[MigrationError]:
    """Return the first syntax error of each of *scripts*, which are statements by path. Nothing is run.

    Raises:
        SourceError: if a server is needed to parse them, and does not start.
    """
    doubtful = {path: script for path, script in scripts.items() if not all(each.kind for each in script)}
    if not doubtful:
        return []
    found: list[MigrationError] = []
    with server() as running, own_session(running.database(user=OWNER)) as session:
        for path, script in doubtful.items():
            try:
                check_syntax(session, script, path)
            except MigrationError as error:
                found.append(error)
    return found


@dataclass(slots=True)
class _Record:
    """What becomes of all files."""

    notes: list[str] = field(default_factory=list[str])
    statements: int = 0
    failed: list[Note] = field(default_factory=list[Note])
    lost: list[str] = field(default_factory=list[str])  # the texts of what took no effect
    unbounded: bool = False
    name_changes: list[NameChange] = field(default_factory=list[NameChange])

    def fail(self, error: MigrationError, statement: Statement) -> None:
        self.failed.append(Note(what=f"{error.path}:{error.line}", why=error.reason))
        self.lose(statement)

    def lose(self, *statements: Statement) -> None:
        self.lost += (each.text for each in statements)
        self.unbounded |= any(each.kind in _CALLS for each in statements)

    def unreadable(self, error: MigrationError, text: str) -> None:
        self.statements += 1
        self.failed.append(Note(what=f"{error.path}:{error.line}", why=error.reason))
        self.lost.append(text)
        self.unbounded = True

    def result(self) -> Replayed:
        incomplete = Incomplete(
            statements=self.statements,
            applied=self.statements - len(self.lost),
            failed=tuple(self.failed),
            texts=tuple(self.lost),
            unbounded=self.unbounded,
        )
        found = incomplete if self.failed else None
        return Replayed(notes=tuple(self.notes), incomplete=found, name_changes=tuple(self.name_changes))


@dataclass(slots=True)
class _File:
    """One file in its session.

    ``within`` are the statements of the transaction under way. Once one of them has failed, the server refuses
    everything until the transaction ends, and nothing of it is left.
    """

    session: Session
    path: str
    platform: Platform
    record: _Record
    go_on: bool
    within: list[Statement] = field(default_factory=list["Statement"])

    def run(self, statements: Sequence[Statement]) -> None:
        import psycopg
        from psycopg.pq import TransactionStatus

        said: dict[str, list[int]] = defaultdict(list)
        self.record.statements += len(statements)
        for statement in statements:
            failed = self.session.info.transaction_status == TransactionStatus.INERROR
            if failed and not _ends(statement):
                self.record.lose(statement)
            elif note := self._run(statement):
                said[note].append(statement.line)
            self._follow(statement, failed=failed)
        if self.session.info.transaction_status != TransactionStatus.IDLE:
            began = open_transaction(statements) or statements[-1]
            said[_NOT_COMMITTED].append(began.line)
            try:
                self.session.execute(b"commit")
            except psycopg.Error as error:
                raise migration_error(error, statements[-1], self.path) from error
        for note, (line, *others) in said.items():
            more = f" ({len(others)} more of the kind in this file)" if others else ""
            self.record.notes.append(f"{self.path}:{line}: {note}{more}")

    def _follow(self, statement: Statement, *, failed: bool) -> None:
        """Keep account of the transaction under way; *failed* states whether it had failed before *statement*."""
        from psycopg.pq import TransactionStatus

        status = self.session.info.transaction_status
        if status == TransactionStatus.INERROR and not failed:
            self.record.lose(*self.within)
        if status == TransactionStatus.INTRANS and not failed:
            self.within.append(statement)
        else:
            self.within.clear()

    def _run(self, statement: Statement) -> str:
        """Run one statement, as the platform allows it; return what is to be said about it."""
        import psycopg

        try:
            adapted = self.platform.adapt(self.session, statement)
            for sql in adapted.sql:
                self.session.execute(sql.encode())
        except psycopg.Error as error:
            failure = migration_error(error, statement, self.path)
            if not self.go_on or error.sqlstate is None or error.sqlstate.startswith(_LOST):
                raise failure from error
            self.record.fail(failure, statement)
            return ""
        return adapted.note


def _ends(statement: Statement) -> bool:
    """Return whether *statement* may end a transaction that has failed, or go back to before its failure."""
    return statement.kind == "TransactionStmt" and statement.tree["kind"] in {*END, "TRANS_STMT_ROLLBACK_TO"}
