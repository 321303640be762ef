"""The migrations of a project, replayed on an embedded PostgreSQL: ``migrations[:DIR]``.

What replays them is imported when it is asked for: a check by another source does not wait for it.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from schema_sync.model.snapshot import portable
from schema_sync.postgres.json_paging import Limits, Rows
from schema_sync.replay.migration_files import DECLARED, DEFAULT_FOLDER, configured, find
from schema_sync.sources.base import Fetched, Request, Source
from schema_sync.sources.dsn import query, read_catalog

if TYPE_CHECKING:
    from collections.abc import Generator

    from schema_sync.replay.apply import Replayed
    from schema_sync.replay.migration_files import History


class _Replays:
    """The databases that were made of histories, each with its connection string and notes."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._made: dict[History, tuple[str, Replayed]] = {}

    def database(self, history: History, request: Request) -> tuple[str, Replayed]:
        from schema_sync.replay.apply import applied

        if history not in self._made:
            go_on = request.on_migration_error == "continue"
            opened = applied(history, request.root, request.progress, go_on=go_on)
            self._made[history] = self._stack.enter_context(opened)
        return self._made[history]


_open: ContextVar[_Replays | None] = ContextVar("replays", default=None)


@contextmanager
def one_replay() -> Generator[_Replays]:
    """Within it, all that is asked of the same migrations is answered by one replay of them.

    Files that are edited meanwhile do not count. A second one inside of the first is the first.
    """
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    with ExitStack() as stack:
        replays = _Replays(stack)
        stack.callback(_open.reset, _open.set(replays))
        yield replays


def _configured(request: Request) -> str | None:
    return configured(request.root)


def _fetch(request: Request) -> Fetched:
    history = find(request.root, request.argument)
    with one_replay() as replays:
        dsn, replayed = replays.database(history, request)
        catalog = read_catalog(dsn, request.schemas, expressions=request.expressions, functions=request.functions)
    return Fetched(
        catalog=portable(catalog),
        kind="migrations",
        describe=history.describe,
        notes=replayed.notes,
        incomplete=replayed.incomplete,
    )


def _query(request: Request, text: str, limits: Limits) -> Rows:
    history = find(request.root, request.argument)
    with one_replay() as replays:
        dsn, _ = replays.database(history, request)
        return query(dsn, text, limits)


def _probe(request: Request) -> str:
    from schema_sync.replay.confinement import confinement_offered
    from schema_sync.replay.embedded_server import available

    history = find(request.root, request.argument)
    server = available()
    with one_replay() as replays:
        _, replayed = replays.database(history, request)
    count = f"{len(history.files)} file{'s' if len(history.files) > 1 else ''}"
    how = replayed.incomplete.summary if replayed.incomplete else "every statement was applied"
    return f"{history.describe}: {count} replayed on {server}: {how}; the server is {confinement_offered()}"


SOURCE = Source(
    name="migrations",
    fetch=_fetch,
    order=5,
    configured=_configured,
    needs=f"{DEFAULT_FOLDER} or {DECLARED}: SQL files, replayed on an embedded PostgreSQL",
    probe=_probe,
    query=_query,
    live=False,
)
