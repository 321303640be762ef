"""The catalog at the last sync, as schema_lock.json holds it: no network, no secret."""

from __future__ import annotations

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.snapshot import decode_lock
from schema_sync.sources.base import Fetched, Request, Source


def _fetch(request: Request) -> Fetched:
    if request.argument:
        raise UsageError("lock takes no argument", hint="Set paths.lock in the configuration.")
    try:
        content = (request.root / request.lock).read_bytes()
    except OSError as error:
        raise SourceError(
            f"{request.lock}: {error.strerror}", hint="Run schema-sync update against a live source first."
        ) from error
    catalog = decode_lock(content, path=request.lock).catalog
    if set(catalog.schemas) != set(request.schemas):
        raise UsageError(
            f"{request.lock} is for schemas {', '.join(catalog.schemas)}, not {', '.join(request.schemas)}",
            hint="Run schema-sync update against a live source.",
        )
    return Fetched(catalog=catalog, kind="lock", describe=request.lock)


SOURCE = Source(name="lock", fetch=_fetch)
