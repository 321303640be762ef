"""A saved catalog: ``snapshot:FILE``."""

from __future__ import annotations

from contextlib import nullcontext

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.request import Request
from schema_sync.model.snapshot import decode_snapshot
from schema_sync.repository_files import RECORD_BYTES, read_bytes
from schema_sync.sources.base import Fetched, OpenSource, Source


def _fetch(request: Request) -> Fetched:
    if not request.argument:
        raise UsageError("which snapshot?", hint="Pass --source snapshot:FILE.")
    try:
        content = read_bytes(request.root / request.argument, RECORD_BYTES)
    except OSError as error:
        raise SourceError(
            f"{request.argument}: {error.strerror}", hint="Pass the path of a saved snapshot."
        ) from error
    catalog = decode_snapshot(content, path=request.argument)
    missing = sorted(set(request.schemas) - set(catalog.schemas))
    if missing:
        raise UsageError(
            f"{request.argument} holds no schema {', '.join(missing)}",
            hint=f"It holds {', '.join(catalog.schemas)}; save a new one that covers what is configured.",
        )
    return Fetched(catalog=catalog, kind="snapshot", describe=request.argument)


def _probe(request: Request) -> str:
    catalog = _fetch(request).catalog
    return f"{request.argument}: {len(catalog.relations)} tables and views"


SOURCE = Source(
    name="snapshot",
    open=lambda request: nullcontext(OpenSource(catalog=lambda: _fetch(request))),
    probe=_probe,
    live=False,
)
