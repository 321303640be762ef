"""A project through PostgREST alone: its address and a secret key, no database password.

Authority: PostgREST's documentation, "OpenAPI", "Schemas" and "Errors"; Supabase's, "Understanding API keys" and
"HTTP status codes".
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, cast

import msgspec

from schema_sync import __version__
from schema_sync.errors import SourceError, UsageError
from schema_sync.model.findings import Note
from schema_sync.sources import web
from schema_sync.sources.base import Fetched, Request, Source
from schema_sync.sources.environment import (
    SERVICE_KEYS,
    URL,
    Setting,
    project,
    project_of_url,
    require_trust,
    setting,
)
from schema_sync.sources.openapi import build_catalog, undecided

if TYPE_CHECKING:
    from schema_sync.sources.web import Answer

PROBE_SECONDS = 8.0
_API = "/rest/v1"
_SECRET, _PUBLISHABLE = "sb_secret_", "sb_publishable_"
_KEY = re.compile(r"[\w.~+/=-]+", re.ASCII)
_KEYS_HINT = (
    "Set SUPABASE_SERVICE_KEY to the secret key (sb_secret_…) or the service_role key: dashboard, API Keys."
)
_OTHER_DOOR = "Read the schema through another source, such as --source postgresql://…"
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 200, 401, 403, 404, 429
_PAUSED = 540
_REDIRECTS = range(300, 400)
_SHOWN_CHARACTERS = 200


class _Door:
    """The API's root, and a key for it; ``doubts`` says where it may be of another project than is named."""

    def __init__(self, request: Request) -> None:
        address = setting(request, URL)
        if address is None:
            raise UsageError(f"{URL} is not set", hint=f"Set {URL} and {SERVICE_KEYS[0]}.")
        self.root = web.checked_address(address.value, address.place).removesuffix(_API) + _API + "/"
        key = _key(request)
        self.doubts = doubts(request)
        require_trust(request, self.root, key)
        self._key_name, self._key = key.place, key.value

    def description(
        self, schema: str, *, attempts: int = web.ATTEMPTS, total: float = web.TOTAL_SECONDS
    ) -> dict[str, Any]:
        """Return the description of *schema*.

        Raises:
            SourceError: if the server refuses, or answers with anything else.
        """
        answer = web.get(self.root, self._headers(schema), attempts=attempts, total=total)
        if answer.status != _OK:
            raise self._refusal(answer, schema)
        document = _json(answer)
        if document is None or document.get("swagger") != "2.0":
            raise self._no_api(answer)
        if not _is_postgrest(document):
            raise SourceError(
                f"{self.root} describes itself by a function of its own (db-root-spec), not by its tables",
                hint=_OTHER_DOOR,
            )
        return document

    def _headers(self, schema: str) -> dict[bytes, bytes]:
        headers = {
            b"Accept": b"application/openapi+json, application/json",
            b"Accept-Profile": schema.encode(),
            b"User-Agent": f"schema-sync/{__version__}".encode(),  # secret keys are refused to browsers
            b"apikey": self._key.encode(),
        }
        if not self._key.startswith(_SECRET):
            headers[b"Authorization"] = b"Bearer " + self._key.encode()
        return headers

    def _refusal(self, answer: Answer, schema: str) -> SourceError:
        said = self._said(answer)
        if answer.status in _REDIRECTS:
            target = web.client_host(answer.location) if answer.location else "another address"
            return SourceError(
                f"{self.root} redirects to {target}; a key is not sent on",
                hint=f"Set {URL} to the new address.",
            )
        if answer.status == _PAUSED:
            return SourceError(f"the project at {self.root} is paused", hint="Restore it in Supabase's dashboard.")
        document = _json(answer) or {}
        if document.get("code") == "PGRST106":
            return SourceError(
                f"schema {schema} is not exposed by {self.root}: {said}",
                hint="Expose it (dashboard, Data API, Exposed schemas), or read it through another source.",
            )
        if document.get("code") == "PGRST126":
            return SourceError(
                f"{self.root} does not describe itself (openapi-mode is disabled)", hint=_OTHER_DOOR
            )
        if answer.status in {_UNAUTHORIZED, _FORBIDDEN}:
            return SourceError(f"{self.root} refuses the key in {self._key_name}: {said}", hint=_KEYS_HINT)
        if answer.status == _TOO_MANY:
            return SourceError(f"{self.root} was asked too often: {said}", hint="Try again later.")
        if answer.status == _NOT_FOUND or not document:
            return self._no_api(answer)
        return SourceError(f"{self.root} answers with HTTP {answer.status}: {said}", hint=_OTHER_DOOR)

    def _no_api(self, answer: Answer) -> SourceError:
        page = b"<html" in answer.content[:1000].lower()
        kind = "a web page" if page else answer.content_type or "something else"
        return SourceError(
            f"{self.root} is not an API of a Supabase project: HTTP {answer.status}, {kind}",
            hint=f"Check {URL}: https://REF.supabase.co, as the dashboard shows it under Connect.",
        )

    def _said(self, answer: Answer) -> str:
        """Return the server's own words, without the key, should it repeat it."""
        document = _json(answer)
        words = [document.get(part) for part in ("message", "error", "hint")] if document else []
        text = ". ".join(w.rstrip(".") for w in words if isinstance(w, str) and w) or f"HTTP {answer.status}"
        return text.replace(self._key, "***")[:_SHOWN_CHARACTERS]


def _json(answer: Answer) -> dict[str, Any] | None:
    try:
        document = msgspec.json.decode(answer.content)  # refuses what is not Unicode, also as escapes
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", document) if isinstance(document, dict) else None


def _is_postgrest(document: dict[str, Any]) -> bool:
    """Tell whether a description is PostgREST's own: it has a version and parameters, even without tables."""
    parts = (document.get(key) for key in ("info", "parameters", "paths"))
    return all(isinstance(part, dict) for part in parts) and isinstance(document["info"].get("version"), str)


def _key(request: Request) -> Setting:
    """Return the key.

    Raises:
        UsageError: if none is set.
        SourceError: if it is none that may read a description.
    """
    found = setting(request, *SERVICE_KEYS)
    if found is None:
        raise UsageError(f"no key for {URL}", hint=_KEYS_HINT)
    name, key = found.place, found.value
    if not _KEY.fullmatch(key):
        raise SourceError(f"{name} holds characters that no key has", hint=_KEYS_HINT)
    if key.startswith(_PUBLISHABLE):
        raise SourceError(f"{name} holds a publishable key, which may not read the schema", hint=_KEYS_HINT)
    if role_of(key) == "anon":
        raise SourceError(f"{name} holds the anon key, which may not read the schema", hint=_KEYS_HINT)
    return found


def doubts(request: Request) -> tuple[Note, ...]:
    """Return a note where the project that is named is not, or may not be, the one that SUPABASE_URL leads to.

    Raises:
        UsageError: if ``--project-id`` names another.
    """
    named, read = project(request), project_of_url(request)
    if named is None or (read is not None and named.value.lower() == read.value):
        return ()
    if read is None:
        why = f"the host of {URL} names no project; what it leads to was read"
        return (Note(what=f"whether {URL} is of project {named.value}", why=why),) if request.project else ()
    if request.project:
        raise UsageError(
            f"{read.place} is of project {read.value}, not {named.value}",
            hint=f"Leave --project-id out, or set {URL} and {SERVICE_KEYS[0]} to those of {named.value}.",
        )
    what = f"project {named.value}, which {named.place} names"
    return (Note(what=what, why=f"{read.place} is of project {read.value}, which was read"),)


def role_of(key: str) -> str | None:
    """Return the role that a legacy key (a JWT, RFC 7519) claims; None where it is none. Nothing is verified."""
    parts = key.split(".")
    if len(parts) != 3:  # noqa: PLR2004  # header, claims, signature
        return None
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    role = cast("dict[str, Any]", claims).get("role") if isinstance(claims, dict) else None
    return role if isinstance(role, str) else None


def _configured(request: Request) -> str | None:
    address, key = setting(request, URL), setting(request, *SERVICE_KEYS)
    return f"{address.place} and {key.place} are set" if address and key else None


def _lacking(request: Request) -> str | None:
    address, key = setting(request, URL), setting(request, *SERVICE_KEYS)
    if address is None:
        return f"{key.is_set}, but {URL} is not set" if key else None
    return None if key else f"{address.is_set}, but {SERVICE_KEYS[0]} is not set"


def _fetch(request: Request) -> Fetched:
    if request.argument:
        raise UsageError("postgrest takes no argument", hint=f"Set {URL} and {SERVICE_KEYS[0]}.")
    door = _Door(request)
    catalog = build_catalog({schema: door.description(schema) for schema in request.schemas})
    if not catalog.relations:
        raise SourceError(
            f"{door.root} shows no table in {', '.join(request.schemas)}",
            hint="There is none, or the key's role may see none: grant it usage and select.",
        )
    unseen = [
        *door.doubts,
        Note(
            what="tables and views on which the key's role has no privilege",
            why="PostgREST does not show them: a class for one reads as a removal",
        ),
    ]
    if doubtful := undecided(catalog):
        names = ", ".join(map(str, doubtful))
        unseen.append(Note(what=f"whether {names} are views", why="PostgREST does not tell; taken for tables"))
    return Fetched(catalog=catalog, kind="postgrest", describe=door.root, unseen=tuple(unseen))


def _probe(request: Request) -> str:
    door = _Door(request)
    shown = [door.description(schema, attempts=1, total=PROBE_SECONDS) for schema in request.schemas]
    version = shown[0]["info"]["version"]
    count = len(build_catalog(dict(zip(request.schemas, shown, strict=True))).relations)
    return f"{door.root}: PostgREST {version}, {count} tables and views"


SOURCE = Source(
    name="postgrest",
    fetch=_fetch,
    order=4,
    configured=_configured,
    lacking=_lacking,
    needs=f"{URL} and {SERVICE_KEYS[0]} (or {', '.join(SERVICE_KEYS[1:])}): a project's address and a secret key",
    probe=_probe,
)
