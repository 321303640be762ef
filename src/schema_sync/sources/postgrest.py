"""A project through PostgREST alone: its address and a secret key, no database password.

Authority: PostgREST's documentation, "OpenAPI", "Schemas" and "Errors"; Supabase's, "Understanding API keys" and
"HTTP status codes".
"""

from __future__ import annotations

import re
import time
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from schema_sync import __version__
from schema_sync.errors import SourceError, UsageError
from schema_sync.model.findings import Note
from schema_sync.model.request import Request
from schema_sync.remote import api_keys, credentials
from schema_sync.remote.addresses import is_loopback
from schema_sync.remote.credentials import SERVICE_KEYS, URL, Setting
from schema_sync.remote.http import Answer, RetryableError, Server, retried
from schema_sync.remote.openapi import build_catalog, undecided
from schema_sync.sources.base import Fetched, OpenSource, Source, require_package

ATTEMPTS = 3
READ_SECONDS = 30.0
TOTAL_SECONDS = 60.0
PROBE_SECONDS = 8.0
LARGEST_BYTES = 64_000_000
_LONGEST_WAIT_SECONDS = 20.0
_API = "/rest/v1"
_KEY = re.compile(r"[\w.~+/=-]+", re.ASCII)
_ADDRESS_HINT = "Expected https://REF.supabase.co, as the dashboard shows it under Connect."
_KEYS_HINT = (
    "Set SUPABASE_SERVICE_KEY to the secret key (sb_secret_…) or the service_role key: dashboard, API Keys."
)
_LATER = "Try again later; the project's dashboard and status.supabase.com tell more."
_OTHER_SOURCE = "Read the schema through another source, such as --source postgresql://…"
_PAUSED = 540
_PASSING = frozenset({429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_REDIRECTS = range(300, 400)
_SHOWN_CHARACTERS = 200


class _Api:
    """The API's root, and a key for it; ``doubts`` states where it may be of another project than is named."""

    def __init__(self, request: Request) -> None:
        address = credentials.setting(request, URL)
        if address is None:
            raise UsageError(f"{URL} is not set", hint=f"Set {URL} and {SERVICE_KEYS[0]}.")
        self.root = _checked_address(address.value, address.place).removesuffix(_API) + _API + "/"
        key = _key(request)
        self.doubts = doubts(request)
        credentials.require_trust(request, self.root, key)
        self._host = urlsplit(self.root).hostname or ""
        self._key_name, self._key = key.place, key.value

    def description(self, schema: str, attempts: int, seconds: float) -> dict[str, Any]:
        """Return the description of *schema*, tried at most *attempts* times, within *seconds*.

        Raises:
            SourceError: if the server refuses, or answers with anything else.
            UsageError: if httpx is not installed.
        """
        require_package("postgrest", "httpx", "http")
        import httpx

        until = time.monotonic() + seconds
        # No redirection takes the key along, and no proxy is asked for this machine.
        headers, local = self._headers(schema), is_loopback(self._host)
        with httpx.Client(headers=headers, follow_redirects=False, trust_env=not local) as client:
            server = Server(self._host, client, read_seconds=READ_SECONDS, largest_bytes=LARGEST_BYTES)
            once = partial(self._once, server, schema, until)
            answer = retried(once, until, attempts=attempts, longest=_LONGEST_WAIT_SECONDS)
        document = answer.fields
        if document.get("swagger") != "2.0":
            raise self._no_api(answer)
        if not _is_postgrest(document):
            raise SourceError(
                f"{self.root} describes itself by a function of its own (db-root-spec), not by its tables",
                hint=_OTHER_SOURCE,
            )
        return document

    def _once(self, server: Server, schema: str, until: float) -> Answer:
        import httpx

        try:
            answer = server.ask("GET", self.root, until=until)
        except TimeoutError as error:
            raise SourceError(f"the answer of {self._host} takes too long", hint=_LATER) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(self._host, error) from error
        if answer.status == HTTPStatus.OK:
            return answer
        refusal = self._refusal(answer, schema)
        if answer.status in _PASSING:
            raise RetryableError(refusal.message, hint=refusal.hint, after=answer.retry_after)
        raise refusal

    def _headers(self, schema: str) -> dict[bytes, bytes]:
        headers = {
            b"Accept": b"application/openapi+json, application/json",
            b"Accept-Profile": schema.encode(),
            b"User-Agent": f"schema-sync/{__version__}".encode(),  # secret keys are refused to browsers
            b"apikey": self._key.encode(),
        }
        if not self._key.startswith(api_keys.SECRET):
            headers[b"Authorization"] = b"Bearer " + self._key.encode()
        return headers

    def _refusal(self, answer: Answer, schema: str) -> SourceError:
        said = self._said(answer)
        if answer.status in _REDIRECTS:
            location = answer.headers.get("location", "")
            target = urlsplit(location).hostname or location or "another address"
            return SourceError(
                f"{self.root} redirects to {target}; a key is not sent on", hint=f"Set {URL} to the new address."
            )
        if answer.status == _PAUSED:
            return SourceError(f"the project at {self.root} is paused", hint="Restore it in Supabase's dashboard.")
        document = answer.fields
        if document.get("code") == "PGRST106":
            return SourceError(
                f"schema {schema} is not exposed by {self.root}: {said}",
                hint="Expose it (dashboard, Data API, Exposed schemas), or read it through another source.",
            )
        if document.get("code") == "PGRST126":
            return SourceError(
                f"{self.root} does not describe itself (openapi-mode is disabled)", hint=_OTHER_SOURCE
            )
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return SourceError(f"{self.root} refuses the key in {self._key_name}: {said}", hint=_KEYS_HINT)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return SourceError(f"{self.root} was asked too often: {said}", hint="Try again later.")
        if answer.status == HTTPStatus.NOT_FOUND or not document:
            return self._no_api(answer)
        return SourceError(f"{self.root} answers with HTTP {answer.status}: {said}", hint=_OTHER_SOURCE)

    def _no_api(self, answer: Answer) -> SourceError:
        page = b"<html" in answer.content[:1000].lower()
        kind = "a web page" if page else answer.headers.get("content-type") or "something else"
        return SourceError(
            f"{self.root} is not an API of a Supabase project: HTTP {answer.status}, {kind}",
            hint=f"Check {URL}: https://REF.supabase.co, as the dashboard shows it under Connect.",
        )

    def _said(self, answer: Answer) -> str:
        """Return the server's own words, without the key, should it repeat it."""
        words = [answer.fields.get(part) for part in ("message", "error", "hint")]
        text = ". ".join(w.rstrip(".") for w in words if isinstance(w, str) and w) or f"HTTP {answer.status}"
        return text.replace(self._key, "***")[:_SHOWN_CHARACTERS]


def _checked_address(address: str, name: str) -> str:
    """Return *address* without a final slash; *name* is the variable that holds it.

    Raises:
        SourceError: if a secret must not be sent there: no URL, no TLS (other than on this machine), or with
            credentials inside.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise SourceError(f"{name} is not an address", hint=_ADDRESS_HINT) from error  # the reason has parts of it
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise SourceError(f"{name} is not an address of a project", hint=_ADDRESS_HINT)
    if parts.username is not None or parts.password is not None:
        raise SourceError(f"{name} holds credentials", hint=_ADDRESS_HINT)
    if parts.scheme == "http" and not is_loopback(host):
        raise SourceError(
            f"{name} starts with http://: the key would travel to {host} in the clear", hint="Use https://."
        )
    return address.rstrip("/")


def _unreachable(host: str, error: Exception) -> SourceError:
    """Return the error for no answer; a second try is idle where the host is unknown, or its certificate wrong."""
    import httpx

    text = str(error).lower()
    if isinstance(error, httpx.TimeoutException):
        return RetryableError(f"{host} does not answer in time", hint=_LATER)
    if "certificate" in text:
        return SourceError(f"{host} shows a certificate that is not trusted: {error}", hint="Check SUPABASE_URL.")
    # what the resolvers of Linux, macOS and others say
    if any(words in text for words in ("not known", "nodename nor servname", "no address", "name resolution")):
        return SourceError(
            f"no host {host} is known to this network",
            hint="Check SUPABASE_URL; a project that was paused for long, or deleted, has no address any more.",
        )
    unsendable = httpx.LocalProtocolError, httpx.InvalidURL, httpx.UnsupportedProtocol
    kind = SourceError if isinstance(error, unsendable) else RetryableError
    return kind(f"cannot connect to {host}: {error}", hint="Check SUPABASE_URL and this network.")


def _is_postgrest(document: dict[str, Any]) -> bool:
    """Return whether a description is PostgREST's own: it has a version and parameters, even without tables."""
    parts = (document.get(key) for key in ("info", "parameters", "paths"))
    return all(isinstance(part, dict) for part in parts) and isinstance(document["info"].get("version"), str)


def _key(request: Request) -> Setting:
    found = credentials.fitting(request, SERVICE_KEYS) or credentials.setting(request, *SERVICE_KEYS)
    if found is None:
        raise UsageError(f"no key for {URL}", hint=_KEYS_HINT)
    if not _KEY.fullmatch(found.value):
        raise SourceError(f"{found.place} holds characters that no key has", hint=_KEYS_HINT)
    if unfit := credentials.shows_nothing(found):
        raise SourceError(unfit, hint=_KEYS_HINT)
    return found


def doubts(request: Request) -> tuple[Note, ...]:
    """Return a note where the project that is named is not, or may not be, the one that SUPABASE_URL leads to.

    Raises:
        UsageError: if ``--project-id`` names another.
    """
    named, read = credentials.project(request), credentials.project_of_url(request)
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


def _configured(request: Request) -> str | None:
    address, key = credentials.setting(request, URL), credentials.fitting(request, SERVICE_KEYS)
    return f"{address.place} and {key.place} are set" if address and key else None


def _lacking(request: Request) -> str | None:
    address, key = credentials.setting(request, URL), credentials.fitting(request, SERVICE_KEYS)
    if address is None:
        return f"{key.is_set}, but {URL} is not set" if key else None
    unfit = credentials.passed_over(request, SERVICE_KEYS)
    missing = "; ".join(unfit) or f"{SERVICE_KEYS[0]} is not set"
    return None if key else f"{address.is_set}, but {missing}"


def _fetch(request: Request) -> Fetched:
    if request.argument:
        raise UsageError("postgrest takes no argument", hint=f"Set {URL} and {SERVICE_KEYS[0]}.")
    api = _Api(request)
    shown = {schema: api.description(schema, ATTEMPTS, TOTAL_SECONDS) for schema in request.schemas}
    catalog = build_catalog(shown)
    if not catalog.relations:
        raise SourceError(
            f"{api.root} shows no table in {', '.join(request.schemas)}",
            hint="There is none, or the key's role may see none: grant it usage and select.",
        )
    unseen = [
        *api.doubts,
        Note(
            what="tables and views on which the key's role has no privilege",
            why="PostgREST does not show them: a class for one reads as a removal",
        ),
    ]
    if doubtful := undecided(catalog):
        names = ", ".join(map(str, doubtful))
        unseen.append(Note(what=f"whether {names} are views", why="PostgREST does not tell; taken for tables"))
    return Fetched(catalog=catalog, kind="postgrest", describe=api.root, unseen=tuple(unseen))


def _probe(request: Request) -> str:
    api = _Api(request)
    shown = {schema: api.description(schema, 1, PROBE_SECONDS) for schema in request.schemas}
    version = shown[request.schemas[0]]["info"]["version"]
    return f"{api.root}: PostgREST {version}, {len(build_catalog(shown).relations)} tables and views"


SOURCE = Source(
    name="postgrest",
    open=lambda request: nullcontext(OpenSource(catalog=lambda: _fetch(request))),
    configured=_configured,
    lacking=_lacking,
    variables=SERVICE_KEYS,
    needs=f"{URL} and {SERVICE_KEYS[0]} (or {', '.join(SERVICE_KEYS[1:])}): a project's address and a secret key",
    probe=_probe,
)
