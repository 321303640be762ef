"""The migrations of a project, replayed on an embedded PostgreSQL: ``migrations[:DIR]``.

What replays them is imported when it is asked for: a check by another source does not wait for it.
"""

from __future__ import annotations

import importlib.util

from schema_sync.errors import SourceError
from schema_sync.model.snapshot import portable
from schema_sync.sources.base import Fetched, Request, Source
from schema_sync.sources.dsn import query, read_catalog
from schema_sync.sources.histories import DECLARED, DEFAULT_FOLDER, configured, find
from schema_sync.sources.statements import Limits, Rows


def _configured(request: Request) -> str | None:
    return configured(request.root)


def _fetch(request: Request) -> Fetched:
    from schema_sync.sources.replay import applied

    history = find(request.root, request.argument)
    with applied(history, request.root, request.progress) as (dsn, notes):
        catalog = read_catalog(dsn, request.schemas, expressions=request.expressions, functions=request.functions)
    return Fetched(catalog=portable(catalog), kind="migrations", describe=history.describe, notes=notes)


def _query(request: Request, text: str, limits: Limits) -> Rows:
    from schema_sync.sources.replay import applied

    history = find(request.root, request.argument)
    with applied(history, request.root, request.progress) as (dsn, _):
        return query(dsn, text, limits)


def _probe(request: Request) -> str:
    from schema_sync.sources.embedded import INSTALL_HINT, available

    history = find(request.root, request.argument)
    if importlib.util.find_spec("pgparse") is None:
        raise SourceError("the parser of migrations, the package pgparse, is not installed", hint=INSTALL_HINT)
    count = f"{len(history.files)} file{'s' if len(history.files) > 1 else ''}"
    return f"{history.describe}: {count}, to be replayed on {available()}"


SOURCE = Source(
    name="migrations",
    fetch=_fetch,
    order=5,
    configured=_configured,
    needs=f"{DEFAULT_FOLDER} or {DECLARED}: SQL files, replayed on an embedded PostgreSQL",
    probe=_probe,
    query=_query,
)
