"""Supabase's Management API: SQL over HTTPS, with a personal access token and a project's id.

Authority: Supabase's reference "Management API", ``POST /v1/projects/{ref}/database/query``.
"""

from __future__ import annotations

import importlib.util
import time
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

import msgspec

from schema_sync import __version__
from schema_sync.errors import SourceError, UsageError, mask
from schema_sync.postgres.catalog_queries import catalog_queries
from schema_sync.postgres.catalog_rows import build_catalog
from schema_sync.postgres.json_paging import (
    LARGEST_BODY_BYTES,
    Limits,
    Rows,
    catalog_dialogue,
    mappings,
    overlong,
    rows_dialogue,
)
from schema_sync.postgres.schema_changes import SchemaChangedError, is_change, read_again
from schema_sync.sources import environment, retries
from schema_sync.sources.access import (
    FAILED_HINT,
    LIMIT_HINT,
    NEEDS,
    PERMISSION_HINT,
    PROJECT_HINT,
    TOKEN_HINT,
    VERSION_QUERY,
    needed_project,
    needed_token,
    told_project,
    why_configured,
    why_lacking,
)
from schema_sync.sources.base import Fetched, Request, Source
from schema_sync.sources.retries import RetryableError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    import httpx

    from schema_sync.postgres.json_paging import Dialogue

CONNECT_SECONDS = 10.0
CALL_SECONDS = 60.0
TOTAL_SECONDS = 180.0
PROBE_SECONDS = 10.0
_GRACE_SECONDS = 1.0  # httpx's own limits come first, and end the call cleanly
PAGE_BYTES = 3_000_000
_SHOWN = 500

Result = TypeVar("Result")


class _Api:
    """One project, until a deadline; each answer is waited for, measured and tried again within bounds."""

    def __init__(self, client: httpx.Client, project: str, secrets: Sequence[str], deadline: float) -> None:
        self._client = client
        self._project = project
        self._path = f"/v1/projects/{quote(project, safe='')}"
        self._secrets = secrets
        self._deadline = deadline
        self._pause = 0.0

    def converse(self, dialogue: Dialogue[Result]) -> Result:
        """Run *dialogue* to its end."""
        try:
            statement = next(dialogue)
            while True:
                body = {"query": statement, "read_only": True}
                answer = self._patiently("POST", "/database/query", body)
                rows = mappings(answer)
                if rows is None:
                    raise SourceError(
                        "the Management API answered with something else than rows", hint=FAILED_HINT
                    )
                statement = dialogue.send(rows)
        except StopIteration as end:
            return cast("Result", end.value)

    def project(self) -> Mapping[str, Any]:
        """Return what the API knows of the project: name, region, status."""
        answer = self._patiently("GET", "")
        return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}

    def _patiently(self, method: str, path: str, body: object = None) -> object:
        attempt = 1
        while True:
            if self._pause:  # the last answer was the last of this minute
                spent = RetryableError(
                    "too many requests to the Management API", hint=LIMIT_HINT, after=self._pause
                )
                time.sleep(retries.delay(spent, 1, self._deadline))
            try:
                return self._once(method, path, body)
            except RetryableError as error:
                time.sleep(retries.delay(error, attempt, self._deadline))
            attempt += 1

    def _once(self, method: str, path: str, body: object) -> object:
        import httpx

        seconds = min(CALL_SECONDS, self._deadline - time.monotonic())
        until = time.monotonic() + seconds
        try:
            if seconds <= 0:
                raise httpx.ReadTimeout("")  # the whole took too long
            timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))

            def ask() -> tuple[httpx.Response, bytes]:
                with self._client.stream(method, self._path + path, json=body, timeout=timeout) as response:
                    return response, _read(response, until)

            response, content = retries.within(seconds + _GRACE_SECONDS, ask)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise SourceError(
                f"the Management API does not answer within {max(seconds, 0):.0f} seconds", hint=FAILED_HINT
            ) from error
        except httpx.ConnectError as error:
            raise SourceError(
                f"cannot connect to {self._client.base_url.host}: {self._shown(str(error))}",
                hint="Check the network, a proxy, and SUPABASE_API_URL if it is set.",
            ) from error
        except httpx.HTTPError as error:
            raise RetryableError(
                f"the connection to the Management API was cut: {self._shown(str(error))}", hint=FAILED_HINT
            ) from error
        spent = response.headers.get("x-ratelimit-remaining") == "0"
        self._pause = (retries.asked_to_wait(response.headers) or 0.0) if spent and response.is_success else 0.0
        if response.is_success:
            return _decoded(content)
        raise self._refusal(response, content)

    def _refusal(self, response: httpx.Response, content: bytes) -> SourceError:
        """Return the error for an answer that is none; only its own ``message`` is repeated, and no HTML."""
        status = response.status_code
        said = self._shown(_message(content))
        behind = f": {said}" if said else ""
        if status == HTTPStatus.UNAUTHORIZED:
            return SourceError(f"the Management API refuses the access token (401){behind}", hint=TOKEN_HINT)
        if status == HTTPStatus.FORBIDDEN:
            return SourceError(
                f"the token may not read project {self._project} (403){behind}", hint=PERMISSION_HINT
            )
        if status == HTTPStatus.NOT_FOUND:
            return SourceError(f"there is no project {self._project} (404){behind}", hint=PROJECT_HINT)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            after = retries.asked_to_wait(response.headers)
            return RetryableError(
                f"too many requests to the Management API (429){behind}", hint=LIMIT_HINT, after=after
            )
        if response.is_server_error:
            after = retries.asked_to_wait({"retry-after": response.headers.get("retry-after", "")})
            return RetryableError(f"the Management API failed ({status}){behind}", hint=FAILED_HINT, after=after)
        if is_change(said):
            return SchemaChangedError(said)
        return SourceError(f"the Management API refuses the query ({status}){behind}")

    def _shown(self, text: str) -> str:
        return mask(" ".join(text.split()), self._secrets)[:_SHOWN]


def _read(response: httpx.Response, until: float) -> bytes:
    """Return the body; a server that sends without end, or a byte a second, is left."""
    import httpx

    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_BODY_BYTES:
            raise overlong("the Management API")
        if time.monotonic() > until:
            raise httpx.ReadTimeout("")
    return b"".join(pieces)


def _decoded(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)  # refuses what is not Unicode, also as escapes
    except (ValueError, RecursionError) as error:
        raise SourceError("the Management API answered with no JSON", hint=FAILED_HINT) from error


def _message(content: bytes) -> str:
    try:
        document = msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return ""
    return str(cast("dict[str, Any]", document).get("message", "")) if isinstance(document, dict) else ""


@contextmanager
def _opened(request: Request, seconds: float) -> Generator[_Api]:
    if importlib.util.find_spec("httpx") is None:
        raise UsageError(
            "the source management needs the package httpx, which is not installed",
            hint="pip install 'supabase-schema-sync[http]'",
        )
    if request.argument:
        raise UsageError("management takes no argument", hint="Pass --project-id.")
    import httpx

    token, project = needed_token(request), needed_project(request)
    address = environment.api_url(request)
    environment.require_trust(request, address, token)
    headers = {"Authorization": f"Bearer {token.value}", "User-Agent": f"schema-sync/{__version__}"}
    with httpx.Client(base_url=address, headers=headers) as client:
        yield _Api(
            client, project, environment.secrets(request.environment, request.root), time.monotonic() + seconds
        )


def _describe(request: Request) -> str:
    project, address = needed_project(request), environment.api_url(request)
    return f"project {project}" + ("" if address == environment.HOSTED_API else f" at {address}")


def _fetch(request: Request) -> Fetched:
    queries = catalog_queries(request.schemas, expressions=request.expressions, functions=request.functions)
    with _opened(request, TOTAL_SECONDS) as api:
        catalog = read_again(
            lambda: build_catalog(api.converse(catalog_dialogue(queries, PAGE_BYTES)), request.schemas)
        )
    return Fetched(catalog=catalog, kind="management", describe=_describe(request))


def _query(request: Request, text: str, limits: Limits) -> Rows:
    with _opened(request, TOTAL_SECONDS) as api:
        return api.converse(rows_dialogue(text, limits))


def _probe(request: Request) -> str:
    with _opened(request, PROBE_SECONDS) as api:
        try:
            known = api.project()
        except SourceError as error:  # a token that may only query the database sees no more
            unknown, known = f" ({error.message})", dict[str, Any]()
        else:
            unknown = ""
        told = told_project(known)
        version = api.converse(rows_dialogue(VERSION_QUERY, Limits(rows=1, seconds=PROBE_SECONDS)))
    return f"{_describe(request)}: {told}PostgreSQL {version.rows[0][0]}{unknown}"


def _configured(request: Request) -> str | None:
    """The first of the two doors that a token opens: it needs no Node, and is faster. Unless httpx is missing."""
    if importlib.util.find_spec("httpx") is None and importlib.util.find_spec("mcp") is not None:
        return None
    return why_configured(request)


SOURCE = Source(
    name="management",
    fetch=_fetch,
    order=2,
    configured=_configured,
    lacking=why_lacking,
    needs=NEEDS,
    probe=_probe,
    query=_query,
)
