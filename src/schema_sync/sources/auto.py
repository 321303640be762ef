"""Chooses the source that a word on the command line, or the environment, asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from schema_sync.errors import UsageError, mask
from schema_sync.model.request import Request
from schema_sync.nearest import nearest
from schema_sync.postgres import uris
from schema_sync.remote import credentials
from schema_sync.sources.base import AUTOMATIC, NAMES, Source, source_called

AUTO, LIVE, OFFLINE = "auto", "live", "offline"
_SOURCES = f"Sources: {AUTO}, {LIVE}, {OFFLINE}, postgresql://…, {', '.join(NAMES)}."
_HARMLESS = (  # no character that a password comes with; the names of files may have spaces
    r"[^\s@\\'=]*(?:\?[^\s@]*)?|(?:migrations|snapshot):[^@\\'=\x00-\x1f\x7f]*"
)


def choose(spec: str, request: Request) -> tuple[Source, Request, str]:
    """Return the source for *spec*, its request, and why it was taken (empty where *spec* names it).

    ``auto`` takes the first that is configured, ``live`` the first that is a running database, ``offline`` the
    migrations, or where there are none the lock.

    Raises:
        UsageError: if nothing fits.
    """
    if spec in (AUTO, LIVE):
        return _automatic(request, live_only=spec == LIVE)
    if spec == OFFLINE:
        return _offline(request)
    source, argument = _named(spec, request.origin)
    notes = () if argument else _passed_over(source, request)
    return source, replace(request, argument=argument, notes=notes), ""


def given(spec: str, configured: str, origin: str) -> str:
    """Return the source that *spec* means where the configuration names *configured*.

    That is *configured* itself where *spec* is ``live`` and it is a running database, or ``offline`` and it reads
    files; else *spec*. *origin* is the place of *configured*, for errors.

    Raises:
        UsageError: if *configured* is no source.
    """
    if spec not in (LIVE, OFFLINE) or configured in (AUTO, LIVE, OFFLINE):
        return spec
    return configured if _named(configured, origin)[0].live == (spec == LIVE) else spec


def live_source(spec: str, request: Request) -> str | None:
    """Return why *spec* leads to a running database (``DATABASE_URL is set``), None where it does not.

    Nothing is connected.

    Raises:
        UsageError: if there is no such source, or what configures one cannot be read.
    """
    if spec not in (AUTO, LIVE):
        return f"source is {shown(spec)}" if choose(spec, request)[0].live else None
    reasons = (source.configured(request) for source in _candidates() if source.live)
    return next(filter(None, reasons), None)


def require_live(spec: str, request: Request) -> None:
    """Refuse a *spec* that does not lead to a running database.

    Raises:
        UsageError: if it does not.
    """
    if live_source(spec, request) is None:
        named = f"the source {shown(spec)} is not a live one"
        raise UsageError(
            "no live source is configured" if spec in (AUTO, LIVE) else named,
            hint="Set SUPABASE_DB_URL, for example.",
        )


def shown(spec: str) -> str:
    """Return the word *spec* for a source as messages show it: no credentials, even where it is malformed."""
    harmless = re.fullmatch(_HARMLESS, spec) and not uris.is_uri(spec) and mask(spec) == spec
    if harmless:
        return spec
    from schema_sync.postgres import connection

    return connection.shown(spec)


def _named(spec: str, origin: str) -> tuple[Source, str]:
    """Return the source that *spec* names, and its argument."""
    name, _, argument = spec.partition(":")
    source = source_called(name)
    if source is None and (database := uris.other_database(spec)):
        raise UsageError(f"{origin or '--source'} is no PostgreSQL address ({database})", hint=_SOURCES)
    if source is None and (uris.is_uri(spec) or ("=" in spec and ":" not in spec.partition("=")[0])):
        source, argument = source_called("dsn"), spec
    if source is None:
        close = nearest(name, [*NAMES, AUTO, LIVE, OFFLINE])
        hint = f"Did you mean {close}?" if close else _SOURCES
        raise UsageError(f"no source {name!r}", hint=hint)
    return source, argument


def _offline(request: Request) -> tuple[Source, Request, str]:
    migrations, lock = (source for source in map(source_called, ("migrations", "lock")) if source is not None)
    why = migrations.configured(request)
    return (lock, request, "there are no migrations") if why is None else (migrations, request, why)


def _automatic(request: Request, *, live_only: bool) -> tuple[Source, Request, str]:
    notes: list[str] = []
    candidates = [source for source in _candidates() if source.live or not live_only]
    for source in candidates:
        notes += _passed_over(source, request)
        why = source.configured(request)
        if why is not None:
            return source, replace(request, notes=tuple(notes)), why
    ways = dict.fromkeys(source.needs for source in candidates)  # management and mcp need the same
    needs = "\n".join(f"  - {way}" for way in ways)
    halves = dict.fromkeys(filter(None, (source.lacking(request) for source in candidates)))
    said = "; ".join([f"no {'live ' if live_only else ''}source is configured", *halves])
    raise UsageError(said, hint=f"Set one of these, or pass --source:\n{needs}")


def _passed_over(source: Source, request: Request) -> tuple[str, ...]:
    return tuple(f"{why}, passed over" for why in credentials.passed_over(request, source.variables))


def _candidates() -> Iterator[Source]:
    """Yield the sources that ``auto`` tries, in that order, and import each only then."""
    return (source for source in map(source_called, AUTOMATIC) if source is not None)
