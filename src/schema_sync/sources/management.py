"""Supabase's Management API: SQL over HTTPS, with a personal access token and a project's id.

Authority: Supabase's reference "Management API", ``POST /v1/projects/{ref}/database/query``.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec

from schema_sync import __version__
from schema_sync.errors import SourceError, UsageError
from schema_sync.model.request import Request
from schema_sync.postgres.read_only_query import Limits
from schema_sync.postgres.schema_changes import SchemaChangedError, is_change
from schema_sync.remote import credentials
from schema_sync.remote.http import Answer, RetryableError, Server, asked_to_wait, delay, retried, shown
from schema_sync.remote.json_paging import LARGEST_BODY_BYTES, mappings, read_catalog, read_rows
from schema_sync.remote.project_access import (
    FAILED_HINT,
    LIMIT_HINT,
    NEEDS,
    PERMISSION_HINT,
    PROJECT_HINT,
    TOKEN_HINT,
    VERSION_QUERY,
    needed_project,
    needed_token,
    probed,
    why_configured,
    why_lacking,
)
from schema_sync.sources.base import Fetched, OpenSource, Source, fetched, require_package

CALL_SECONDS = 60.0
TOTAL_SECONDS = 180.0
PROBE_SECONDS = 10.0
PAGE_BYTES = 3_000_000
_NAME = "the Management API"


@dataclass(slots=True)
class _Api:
    """One project, until a deadline."""

    describe: str
    server: Server
    project: str
    secrets: Sequence[str]
    until: float
    pause: float = 0.0

    def rows(self, statement: str) -> Sequence[Mapping[str, Any]]:
        rows = mappings(self._ask("POST", "/database/query", {"query": statement, "read_only": True}))
        if rows is None:
            raise SourceError(f"{_NAME} answered with something else than rows", hint=FAILED_HINT)
        return rows

    def known(self) -> object:
        return self._ask("GET", "")

    def _ask(self, method: str, path: str, body: object = None) -> object:
        if self.pause:  # the last answer was the last of this minute
            spent = RetryableError(f"too many requests to {_NAME}", hint=LIMIT_HINT, after=self.pause)
            time.sleep(delay(spent, 1, self.until))
        answer = retried(lambda: self._once(method, path, body), self.until)
        spent_now = answer.headers.get("x-ratelimit-remaining") == "0"
        self.pause = (asked_to_wait(answer.headers) or 0.0) if spent_now else 0.0
        return _decoded(answer.content)

    def _once(self, method: str, path: str, body: object) -> Answer:
        import httpx

        seconds = max(0.0, min(CALL_SECONDS, self.until - time.monotonic()))
        url = f"/v1/projects/{quote(self.project, safe='')}{path}"
        try:
            answer = self.server.ask(method, url, until=time.monotonic() + seconds, body=body)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise SourceError(f"{_NAME} does not answer within {seconds:.0f} seconds", hint=FAILED_HINT) from error
        except httpx.HTTPError as error:
            said = shown(str(error), self.secrets)
            if isinstance(error, httpx.ConnectError):
                raise SourceError(
                    f"cannot connect to {self.server.client.base_url.host}: {said}",
                    hint="Check the network, a proxy, and SUPABASE_API_URL if it is set.",
                ) from error
            raise RetryableError(f"the connection to {_NAME} was cut: {said}", hint=FAILED_HINT) from error
        if not answer.is_success:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: Answer) -> SourceError:
        """Return the error for an answer that is none; only its own ``message`` is repeated, and no HTML."""
        status = answer.status
        said = shown(str(answer.fields.get("message", "")), self.secrets)
        behind = f": {said}" if said else ""
        if status == HTTPStatus.UNAUTHORIZED:
            return SourceError(f"the Management API refuses the access token (401){behind}", hint=TOKEN_HINT)
        if status == HTTPStatus.FORBIDDEN:
            return SourceError(
                f"the token may not read project {self.project} (403){behind}", hint=PERMISSION_HINT
            )
        if status == HTTPStatus.NOT_FOUND:
            return SourceError(f"there is no project {self.project} (404){behind}", hint=PROJECT_HINT)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            message = f"too many requests to the Management API (429){behind}"
            return RetryableError(message, hint=LIMIT_HINT, after=asked_to_wait(answer.headers))
        if answer.is_server_error:
            message = f"the Management API failed ({status}){behind}"
            return RetryableError(message, hint=FAILED_HINT, after=answer.retry_after)
        if is_change(said):
            return SchemaChangedError(said)
        return SourceError(f"the Management API refuses the query ({status}){behind}")


def _decoded(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)  # refuses what is not Unicode, also as escapes
    except (ValueError, RecursionError) as error:
        raise SourceError("the Management API answered with no JSON", hint=FAILED_HINT) from error


@contextmanager
def _opened(request: Request, seconds: float) -> Generator[_Api]:
    require_package("management", "httpx", "http")
    if request.argument:
        raise UsageError("management takes no argument", hint="Pass --project-id.")
    import httpx

    token, project = needed_token(request), needed_project(request)
    address = credentials.api_url(request)
    describe = f"project {project}" + ("" if address == credentials.HOSTED_API else f" at {address}")
    credentials.require_trust(request, address, token)
    secrets = credentials.secrets(request.environment, request.root)
    headers = {"Authorization": f"Bearer {token.value}", "User-Agent": f"schema-sync/{__version__}"}
    with httpx.Client(base_url=address, headers=headers, follow_redirects=False) as client:
        server = Server(_NAME, client, read_seconds=seconds, largest_bytes=LARGEST_BODY_BYTES)
        yield _Api(describe, server, project, secrets, time.monotonic() + seconds)


@contextmanager
def _open(request: Request) -> Generator[OpenSource]:
    with _opened(request, TOTAL_SECONDS) as api:

        def catalog() -> Fetched:
            read = partial(read_catalog, api.rows, page_bytes=PAGE_BYTES)
            return fetched(request, read, kind="management", describe=api.describe)

        yield OpenSource(catalog=catalog, query=partial(read_rows, api.rows))


def _probe(request: Request) -> str:
    limits = Limits(rows=1, seconds=PROBE_SECONDS)
    with _opened(request, PROBE_SECONDS) as api:
        version = partial(read_rows, api.rows, VERSION_QUERY, limits)
        return probed(api.describe, api.known, version)


def _configured(request: Request) -> str | None:
    """Say what is set. Of the two sources that a token opens this one is faster, and needs no Node, but httpx."""
    if importlib.util.find_spec("httpx") is None and importlib.util.find_spec("mcp") is not None:
        return None
    return why_configured(request)


SOURCE = Source(
    name="management",
    open=_open,
    configured=_configured,
    lacking=why_lacking,
    needs=NEEDS,
    probe=_probe,
)
