"""The migrations of a project, replayed on an embedded PostgreSQL: ``migrations[:DIR]``.

What replays them is imported when it is asked for: a check by another source does not wait for it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from msgspec.structs import replace

from schema_sync.model.request import Request
from schema_sync.model.snapshot import portable
from schema_sync.postgres.connection import own_address
from schema_sync.replay.migration_files import DECLARED, DEFAULT_FOLDER, configured, find
from schema_sync.sources import dsn
from schema_sync.sources.base import Fetched, OpenSource, Source


@contextmanager
def _open(request: Request) -> Generator[OpenSource]:
    from schema_sync.replay.apply import applied

    history = find(request.root, request.argument)
    request = replace(request, recorded=False)  # the embedded server's table is empty
    with (
        applied(history, request) as (address, replayed),
        dsn.opened(request, own_address(address), "migrations", replayed.notes, replayed.skipped) as database,
    ):

        def catalog() -> Fetched:
            found = database.catalog()
            catalog = portable(found.catalog)
            return replace(
                found,
                catalog=catalog,
                describe=history.describe,
                incomplete=replayed.incomplete,
                name_changes=replayed.name_changes,
            )

        yield OpenSource(catalog=catalog, query=database.query)


def _probe(request: Request) -> str:
    from schema_sync.replay.apply import applied
    from schema_sync.replay.confinement import confinement_offered
    from schema_sync.replay.embedded_server import available

    history = find(request.root, request.argument)
    server = available()
    with applied(history, request) as (_, replayed):
        count = f"{len(history.files)} file{'s' if len(history.files) > 1 else ''}"
        how = replayed.incomplete.summary if replayed.incomplete else "every statement was applied"
    return f"{history.describe}: {count} replayed on {server}: {how}; the server is {confinement_offered()}"


SOURCE = Source(
    name="migrations",
    open=_open,
    configured=lambda request: configured(request.root),
    needs=f"{DEFAULT_FOLDER} or {DECLARED}: SQL files, replayed on an embedded PostgreSQL",
    probe=_probe,
    live=False,
)
