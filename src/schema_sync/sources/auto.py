"""Chooses the source that a word on the command line, or the environment, asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from schema_sync.errors import UsageError, mask
from schema_sync.model.request import Request
from schema_sync.nearest import nearest
from schema_sync.postgres import connection, uris
from schema_sync.remote import credentials
from schema_sync.sources.base import AUTOMATIC, NAMES, Source, source_called

_SOURCES = f"Sources: auto, postgresql://…, {', '.join(NAMES)}."
_HARMLESS = re.compile(r"[^\s@\\'=]*(?:\?[^\s@]*)?")  # no character that a password comes with


def choose(spec: str, request: Request) -> tuple[Source, Request, str]:
    """Return the source for *spec*, its request, and why ``auto`` took it (empty where *spec* names it).

    Raises:
        UsageError: if nothing fits.
    """
    if spec == "auto":
        return _automatic(request)
    if database := uris.other_database(spec):
        raise UsageError(f"{request.origin or '--source'} is no PostgreSQL address ({database})", hint=_SOURCES)
    is_dsn = uris.is_uri(spec) or ("=" in spec and ":" not in spec.partition("=")[0])
    name, _, argument = ("dsn", "", spec) if is_dsn else spec.partition(":")
    source = source_called(name)
    if source is None:
        close = nearest(name, [*NAMES, "auto"])
        hint = f"Did you mean {close}?" if close else _SOURCES
        raise UsageError(f"no source {name!r}", hint=hint)
    notes = () if argument else _passed_over(source, request)
    return source, replace(request, argument=argument, notes=notes), ""


def live_source(spec: str, request: Request) -> str | None:
    """Return why *spec* leads to a running database (``DATABASE_URL is set``), None where it does not.

    Nothing is connected.

    Raises:
        UsageError: if there is no such source, or what configures one cannot be read.
    """
    if spec != "auto":
        return f"source is {shown(spec)}" if choose(spec, request)[0].live else None
    reasons = (source.configured(request) for source in _candidates() if source.live)
    return next(filter(None, reasons), None)


def require_live(spec: str, request: Request) -> None:
    """Refuse a *spec* that does not lead to a running database.

    Raises:
        UsageError: if it does not.
    """
    if live_source(spec, request) is None:
        given = "no live source is configured" if spec == "auto" else f"the source {shown(spec)} is not a live one"
        raise UsageError(given, hint="Set SUPABASE_DB_URL, for example.")


def shown(spec: str) -> str:
    """Return the word *spec* for a source as messages show it: no credentials, even where it is malformed."""
    harmless = _HARMLESS.fullmatch(spec) and not uris.is_uri(spec) and mask(spec) == spec
    return spec if harmless else connection.shown(spec)


def _automatic(request: Request) -> tuple[Source, Request, str]:
    notes: list[str] = []
    for source in _candidates():
        notes += _passed_over(source, request)
        why = source.configured(request)
        if why is not None:
            return source, replace(request, notes=tuple(notes)), why
    ways = dict.fromkeys(source.needs for source in _candidates())  # management and mcp need the same
    needs = "\n".join(f"  - {way}" for way in ways)
    halves = dict.fromkeys(filter(None, (source.lacking(request) for source in _candidates())))
    said = "; ".join(["no source is configured", *halves])
    raise UsageError(said, hint=f"Set one of these, or pass --source:\n{needs}")


def _passed_over(source: Source, request: Request) -> tuple[str, ...]:
    return tuple(f"{why}, passed over" for why in credentials.passed_over(request, source.variables))


def _candidates() -> Iterator[Source]:
    """Yield the sources that ``auto`` tries, in that order, and import each only then."""
    return (source for source in map(source_called, AUTOMATIC) if source is not None)
