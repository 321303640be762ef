"""A connection whose waits end at a deadline. It imports psycopg, so it is imported only where a database is read.

Authority: psycopg's manual, "Connection.wait"; PostgreSQL manual, "Character Set Support".
"""

from __future__ import annotations

import codecs
import contextlib
import logging
import math
import time
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import generators, waiting
from psycopg.adapt import Loader
from psycopg.conninfo import make_conninfo
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from schema_sync.errors import SourceError

if TYPE_CHECKING:
    from psycopg.abc import Buffer, PQGen
    from psycopg.adapt import AdaptersMap
    from psycopg.pq.abc import PGresult

Result = TypeVar("Result")
_TEXTS = (25, 19, 1043, 1042, 18, 705, 0)  # text, name, varchar, bpchar, "char", unknown, and all other types
_INTERVAL_SECONDS = 0.1
_CANCEL_SECONDS = 1.0
_IN_JSON = "schema-sync-escaped-in-json"

# An error in a pipeline is raised; psycopg also logs what follows from it, which is nothing to the user.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class Session(psycopg.Connection[tuple[Any, ...]]):
    """A connection with a deadline.

    Attributes:
        seconds: how long all of it may take, for messages.
        until: when it has to end, by the monotonic clock.
        undecodable: texts that were read and are not UTF-8, with escapes.
    """

    seconds: float = math.inf
    until: float = math.inf
    undecodable: list[str]

    def wait(
        self, gen: PQGen[Result], interval: float = _INTERVAL_SECONDS, timeout: float | None = None
    ) -> Result:
        """Wait for *gen*, no longer than the deadline or *timeout* seconds; Ctrl-C ends it as well.

        Raises:
            SourceError: if the deadline passes; the connection is closed then.
        """
        until = self.until if timeout is None else min(self.until, time.monotonic() + timeout)
        try:
            found: Result = waiting.wait(self._until(gen, until), self.pgconn.socket, interval)
        except KeyboardInterrupt:
            self._abandon()
            raise
        return found

    def meanwhile(self, work: Callable[[], object]) -> None:
        """Call *work* while the server answers; where it fails or is interrupted, no answer is waited for."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._abandon)
            work()
            stack.pop_all()

    def _abandon(self) -> None:
        """Close the connection at once, and ask the server to stop, which psycopg itself waits for much longer."""
        if psycopg.capabilities.has_cancel_safe():
            with contextlib.suppress(psycopg.Error):
                self.cancel_safe(timeout=_CANCEL_SECONDS)
        self.pgconn.finish()

    def result(self) -> PGresult:
        """Return the server's answer to what was sent by ``pgconn``.

        Raises:
            psycopg.Error: if it is an error.
        """
        answer: PGresult = self.wait(generators.execute(self.pgconn))[-1]
        if answer.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(answer, "utf-8")
        return answer

    @property
    def keeps_bytes(self) -> bool:
        """Whether the database (SQL_ASCII) holds any bytes: asked for UTF-8, the server refuses to send others."""
        return self.info.parameter_status("server_encoding") == "SQL_ASCII"

    def opening(self, seconds: float) -> tuple[str, ...]:
        """Return the statements that begin a read of at most *seconds* on the server.

        They change no setting beyond the transaction: the session of a pooler is somebody else's the next moment.
        Authority: PostgreSQL manual, "SET" (LOCAL).
        """
        as_they_are = ("set local client_encoding = 'SQL_ASCII'",) if self.keeps_bytes else ()
        return (
            "begin isolation level repeatable read read only",
            "set local application_name = 'schema-sync'",  # in the start-up packet it would stay with the session
            f"set local statement_timeout = {max(1, round(seconds * 1000))}",
            "set local lock_timeout = '10s'",
            *as_they_are,
        )

    def json_cursor(self) -> psycopg.Cursor[tuple[Any, ...]]:
        """Return a cursor for texts that are JSON: escapes in them are escapes of JSON."""
        cursor = self.cursor()
        if self.keeps_bytes:
            _escape_texts(cursor.adapters, self.undecodable, _IN_JSON)
        return cursor

    def _until(self, gen: PQGen[Result], until: float) -> Generator[Any, Any, Result]:
        """Pass on what *gen* waits for; psycopg asks again after each interval even where nothing comes."""
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if time.monotonic() > until:
                    self.pgconn.finish()
                    raise SourceError(
                        f"the database did not answer within {self.seconds:.3g} seconds",
                        hint="Check the network, and a pooler or proxy on the way. client-timeout in the"
                        " configuration sets the limit (for sql: --timeout).",
                    )
                wanted = gen.send(ready)
        except StopIteration as end:
            result: Result = end.value
            return result


def open_session(parameters: Mapping[str, str], seconds: float, until: float) -> Session:
    """Return a connection by libpq's *parameters*; every wait on it ends *until* then.

    Raises:
        psycopg.Error: if there is none.
    """
    session = Session.connect(make_conninfo(**parameters), autocommit=True, prepare_threshold=None)
    session.seconds, session.until, session.undecodable = seconds, until, []
    if session.keeps_bytes:
        _escape_texts(session.adapters, session.undecodable, "backslashreplace")
    return session


def _escape_texts(adapters: AdaptersMap, undecodable: list[str], errors: str) -> None:
    """Let *adapters* read each byte of a text that is not UTF-8 as a backslash, x and two digits.

    *undecodable* gets each text that holds such a byte. With *errors* ``_IN_JSON`` the backslash is escaped too.
    """

    class Escaping(Loader):
        def load(self, data: Buffer) -> str:
            try:
                return bytes(data).decode()
            except UnicodeDecodeError:
                text = bytes(data).decode(errors=errors)
                undecodable.append(text)
                return text

    for oid in _TEXTS:
        adapters.register_loader(oid, Escaping)


def _escaped_in_json(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  # for the type checker: it is registered for decoding
    wrong = error.object[error.start : error.end]
    return "".join(f"\\\\x{byte:02x}" for byte in wrong), error.end


codecs.register_error(_IN_JSON, _escaped_in_json)
