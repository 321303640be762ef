"""The catalog at the last sync, as schema_lock.json holds it: no network, no secret."""

from __future__ import annotations

from contextlib import nullcontext

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.name_facts import NO_FACTS
from schema_sync.model.request import Request
from schema_sync.model.snapshot import Lock, decode_lock
from schema_sync.repository_files import RECORD_BYTES, read_bytes
from schema_sync.sources.base import Fetched, OpenSource, Source


def _read(request: Request) -> Lock:
    if request.argument:
        raise UsageError("lock takes no argument", hint="Set paths.lock in the configuration.")
    try:
        content = read_bytes(request.root / request.lock, RECORD_BYTES)
    except OSError as error:
        raise SourceError(
            f"{request.lock}: {error.strerror}",
            hint="Write it from a live source: schema-sync update --source auto.",
        ) from error
    lock = decode_lock(content, path=request.lock)
    if set(lock.catalog.schemas) != set(request.schemas):
        raise UsageError(
            f"{request.lock} is for schemas {', '.join(lock.catalog.schemas)}, not {', '.join(request.schemas)}",
            hint="Write it from a live source: schema-sync update --source auto.",
        )
    return lock


def _fetch(request: Request) -> Fetched:
    lock = _read(request)
    return Fetched(catalog=lock.catalog, facts=lock.facts or NO_FACTS, kind="lock", describe=request.lock)


def _probe(request: Request) -> str:
    lock = _read(request)
    return f"{request.lock}: {len(lock.catalog.relations)} tables and views, DB_HASH {lock.db_hash[:12]}…"


SOURCE = Source(
    name="lock",
    open=lambda request: nullcontext(OpenSource(catalog=lambda: _fetch(request))),
    probe=_probe,
    live=False,
)
