"""Chooses the source that a word on the command line, or the environment, asks for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.errors import UsageError
from schema_sync.sources import dsn
from schema_sync.sources.base import source_called, sources

if TYPE_CHECKING:
    from schema_sync.sources.base import Request, Source

_DSN_PREFIXES = ("postgresql://", "postgres://")
# Doors of Supabase that are not built yet: the order in which auto would come to them, and their variables.
_PROJECT = ("SUPABASE_PROJECT_ID", "SUPABASE_PROJECT_REF")
_UNBUILT = {
    "mcp": (("SUPABASE_ACCESS_TOKEN",), _PROJECT),
    "management": (("SUPABASE_ACCESS_TOKEN",), _PROJECT),
}
_UNBUILT_ORDER = 2
_INSTEAD = "Set SUPABASE_DB_URL to a connection string, or pass --source migrations, snapshot:FILE or lock."


def choose(spec: str, request: Request) -> tuple[Source, Request, str]:
    """Return the source for *spec*, its request, and why ``auto`` took it (empty where *spec* names it).

    Raises:
        UsageError: if nothing fits, or the door that fits is not built yet.
    """
    if spec.startswith(_DSN_PREFIXES) or ("=" in spec and ":" not in spec.partition("=")[0]):
        return dsn.SOURCE, replace(request, argument=spec), ""
    if spec == "auto":
        return _automatic(request)
    name, _, argument = spec.partition(":")
    if name in _UNBUILT:
        raise UsageError(f"the source {name} is not built yet", hint=_INSTEAD)
    source = source_called(name)
    if source is None:
        close = get_close_matches(name, [*sources(), "auto"], n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Sources: auto, postgresql://…, {', '.join(sources())}."
        raise UsageError(f"no source {name!r}", hint=hint)
    return source, replace(request, argument=argument), ""


def _automatic(request: Request) -> tuple[Source, Request, str]:
    candidates = sorted((s.order, s.name) for s in sources().values() if s.order is not None)
    for order, name in candidates:
        if order > _UNBUILT_ORDER:
            _refuse_unbuilt(request)
        why = sources()[name].configured(request)
        if why is not None:
            return sources()[name], request, why
    needs = "\n".join(f"  - {sources()[name].needs}" for _, name in candidates)
    raise UsageError("no source is configured", hint=f"Set one of these, or pass --source:\n{needs}")


def _refuse_unbuilt(request: Request) -> None:
    for name, groups in _UNBUILT.items():
        given = [next((v for v in group if request.environment.get(v)), None) for group in groups]
        if all(given):
            raise UsageError(
                f"{' and '.join(map(str, given))} are set, but reading through {name} is not built yet",
                hint=_INSTEAD,
            )
