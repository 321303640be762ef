"""A conversation with Supabase's MCP server, through the official SDK, which is imported here only.

The server neither waits for a busy API nor gives up on a silent one, and hides its status codes: that is met here.
Authority: Model Context Protocol, "Transports" and "Tools"; the server's ``execute_sql`` and ``management-api``.
"""

from __future__ import annotations

import logging
import math
import re
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, cast

import anyio
import httpx2
import msgspec
from anyio.from_thread import start_blocking_portal
from mcp import Client, MCPError, StdioServerParameters
from mcp.client import Transport
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from schema_sync.errors import SchemaSyncError, SourceError, UsageError
from schema_sync.postgres.schema_changes import SchemaChangedError, is_change
from schema_sync.remote import http
from schema_sync.remote.http import RetryableError
from schema_sync.remote.json_paging import LARGEST_BODY_BYTES, mappings
from schema_sync.remote.project_access import (
    FAILED_HINT,
    LIMIT_HINT,
    PERMISSION_HINT,
    PROJECT_HINT,
    TOKEN_HINT,
    Place,
)

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

MODE = "auto"  # the newest protocol that both know; "legacy" begins with the handshake of 2025
CONNECT_SECONDS = 60.0  # npx may have to download the server first
CALL_SECONDS = 75.0
LARGEST_EVENT_BYTES = 32_000_000
_NPX_HINT = "npx could not get the server: check the network, or set SCHEMA_SYNC_MCP_COMMAND to an installed one."
_DOCTOR_HINT = "Run schema-sync doctor, or use --source management."
_TAG = re.compile(r"<(untrusted-data-[0-9a-f-]{36})>")
_BUSY = re.compile(r"too many requests|rate limit|throttle", re.IGNORECASE)
_FAILED = re.compile(
    r"Failed to (?:execute SQL query|fetch project)|fetch failed|terminated|other side closed"
    r"|internal server error|bad gateway|service unavailable|gateway time-?out",
    re.IGNORECASE,
)
_NO_PROJECT = re.compile(r"(?:project|resource)\b.*\bnot found|^not found", re.IGNORECASE)

# The SDK's client logs what it cannot read with a traceback, which may quote the answer; the error says it in a
# line. Its loggers are not those of the SDK's server, which may run in this process.
for _logged in ("mcp", "mcp.client"):
    logging.getLogger(_logged).addHandler(logging.NullHandler())
logging.getLogger("mcp.client").propagate = False  # so it needs a handler of its own


@contextmanager
def opened(place: Place, seconds: float) -> Generator[McpServer]:
    """Yield the server at *place*, started or connected to; all that is asked of it ends within *seconds*.

    Raises:
        SourceError: if the server cannot be started or reached, refuses, or does not answer in time.
        UsageError: if the program that is to be started is not there.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+", dir=folder) as errors:
        server = McpServer(place, folder, errors, time.monotonic() + seconds)
        try:
            with (
                start_blocking_portal() as server.portal,
                server.portal.wrap_async_context_manager(server.connected(min(seconds, CONNECT_SECONDS))),
            ):
                yield server
        except (SchemaSyncError, ExceptionGroup, MCPError, OSError, httpx2.HTTPError) as error:
            leaves = list(_leaves(cast("BaseException", error)))
            told = next((each for each in leaves if isinstance(each, SchemaSyncError)), None)
            raise told or _translated(leaves[0], server) from None


@dataclass
class McpServer:
    """A server, and how its answers are waited for, and asked for again.

    Attributes:
        place: where it is.
        folder: where a program runs.
        errors: what a program writes to its stderr.
        until: when all of it has to end, on the monotonic clock.
        answers: those of an address to the last call.
        portal: the thread in which the SDK runs.
    """

    place: Place
    folder: str
    errors: IO[str]
    until: float
    answers: list[httpx2.Response] = field(default_factory=list[httpx2.Response])
    portal: BlockingPortal = field(init=False)
    _client: Client = field(init=False)

    def rows(self, statement: str) -> Sequence[Mapping[str, Any]]:
        """Return the rows of *statement*, which the tool ``execute_sql`` runs."""
        return _rows(self._call("execute_sql", {"query": statement}))

    def ask(self, tool: str, arguments: dict[str, Any]) -> object:
        """Return what *tool* answers, decoded."""
        return _decoded(self._call(tool, arguments))

    @asynccontextmanager
    async def connected(self, seconds: float) -> AsyncGenerator[None]:
        """Connect within *seconds*, and stay so."""
        async with AsyncExitStack() as stack:
            transport = self._program() if self.place.command else await self._address(stack)
            with anyio.fail_after(seconds) as connecting:
                async with Client(transport, mode=MODE) as self._client:
                    connecting.deadline = math.inf  # what happens later is not counted
                    yield

    def _program(self) -> Transport:
        program, *arguments = self.place.command
        # In a folder of its own: npx would take a package, or settings, from the project's.
        parameters = StdioServerParameters(
            command=program, args=arguments, env=dict(self.place.variables), cwd=self.folder
        )
        return stdio_client(parameters, errlog=cast("Any", self.errors))

    async def _address(self, stack: AsyncExitStack) -> Transport:
        async def seen(response: httpx2.Response) -> None:
            if response.request.method == "POST":  # not the stream of notices, which servers may refuse
                self.answers.append(response)

        client = httpx2.AsyncClient(
            headers=dict(self.place.headers),
            timeout=httpx2.Timeout(CALL_SECONDS, connect=http.CONNECT_SECONDS),
            event_hooks={"response": [seen]},
        )
        return streamable_http_client(
            self.place.address,
            http_client=await stack.enter_async_context(client),
            max_sse_event_size=LARGEST_EVENT_BYTES,
        )

    def _call(self, tool: str, arguments: dict[str, Any]) -> str:
        """Return the text that *tool* answers."""
        text: str = http.retried(lambda: self.portal.call(self._once, tool, arguments), self.until)
        return text

    async def _once(self, tool: str, arguments: dict[str, Any]) -> str:
        self.answers.clear()
        try:
            with anyio.fail_after(min(CALL_SECONDS, max(0.0, self.until - time.monotonic()))):
                result = await self._client.call_tool(tool, arguments)
        except MCPError as error:
            if self.answers and self.answers[-1].is_error:
                raise _refusal(self.answers[-1], self.place) from error
            raise
        text = "".join(getattr(block, "text", "") for block in result.content)
        if len(text) > LARGEST_BODY_BYTES:
            raise http.too_large(f"the MCP server of {self.place.describe}", LARGEST_BODY_BYTES)
        if not result.is_error:
            return text
        raise _told(_error_message(text), self.place)


# ---- answers


def _rows(text: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows that ``execute_sql`` wraps in a warning and in tags with a fresh id.

    The first tag stands before all data, so its id is the server's, whatever a value holds.
    """
    answer = _decoded(text)
    result = str(cast("dict[str, Any]", answer).get("result", "")) if isinstance(answer, dict) else ""
    announced = _TAG.search(result)
    if announced is None:
        raise _strange()
    start = result.find(announced[0], announced.end())
    end = result.rfind(f"</{announced[1]}>")
    rows = mappings(_decoded(result[start + len(announced[0]) : end])) if 0 <= start < end else None
    if rows is None:
        raise _strange()
    return rows


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)  # refuses what is not Unicode, also as escapes
    except (ValueError, RecursionError) as error:
        raise _strange() from error


def _strange() -> SourceError:
    return SourceError(
        "the MCP server answers in a form that is not known here",
        hint="Use the version that schema-sync starts by itself, or --source management.",
    )


def _error_message(text: str) -> str:
    try:
        message = msgspec.json.decode(text)["error"]["message"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return text
    return str(message)


# ---- failures


def _told(message: str, place: Place) -> SourceError:
    """Return the error for what a tool reports. Over MCP the status is lost: known texts have to do."""
    said = http.shown(message, place.secrets)
    if message.startswith("Unauthorized"):
        return SourceError("the access token is refused (401)", hint=TOKEN_HINT)
    if "Access to project" in message:
        return SourceError(f"the token may not read {place.describe} (403): {said}", hint=PERMISSION_HINT)
    if message.startswith("Failed to run sql query"):  # what PostgreSQL says; it may quote anything
        return SchemaChangedError(said) if is_change(said) else SourceError(f"the query fails: {said}")
    if _BUSY.search(message):
        return RetryableError(f"too many requests (429): {said}", hint=LIMIT_HINT)
    if _FAILED.match(message):
        return RetryableError(f"Supabase's API failed: {said}", hint=FAILED_HINT)
    hint = PROJECT_HINT if _NO_PROJECT.search(message) else ""
    return SourceError(f"Supabase's API refuses: {said}", hint=hint)


def _refusal(response: httpx2.Response, place: Place) -> SourceError:
    """Return the error for a status that the server itself, over HTTP, answers with."""
    status = response.status_code
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return SourceError(f"{place.describe} refuses the access token ({status})", hint=TOKEN_HINT)
    if status == HTTPStatus.NOT_FOUND:
        return SourceError(
            f"there is no MCP server at {place.describe} (404)", hint="Check the address behind mcp:."
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        after = http.asked_to_wait(response.headers)
        return RetryableError(f"too many requests to {place.describe} (429)", hint=LIMIT_HINT, after=after)
    kind = RetryableError if response.is_server_error else SourceError
    return kind(f"{place.describe} failed ({status})", hint=FAILED_HINT)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield what a group of exceptions holds, however deep; leaving the SDK's client nests them."""
    if isinstance(error, BaseExceptionGroup):
        for each in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from _leaves(each)
    else:
        yield error


def _translated(error: BaseException, server: McpServer) -> BaseException:
    """Return *error* as a failure of the source, or as it is where it is a defect."""
    place, answers = server.place, server.answers
    reason = _reason(server.errors, place)
    behind = f": {reason}" if reason else ""
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return SourceError(f"the MCP server of {place.describe} does not answer in time{behind}", hint=FAILED_HINT)
    if isinstance(error, MCPError) and answers and answers[-1].is_error:
        return _refusal(answers[-1], place)
    if isinstance(error, MCPError) and place.command:
        why = reason or http.shown(error.message, place.secrets)
        return SourceError(
            f"the MCP server ended, or fails: {why}", hint=_NPX_HINT if "npm error" in reason else _DOCTOR_HINT
        )
    if isinstance(error, MCPError | httpx2.HTTPError):
        said = http.shown(str(error), place.secrets) or type(error).__name__
        return SourceError(
            f"cannot talk to {place.describe}: {said}",
            hint="Check the address behind mcp:, and that the server runs.",
        )
    if isinstance(error, OSError) and place.command:
        return UsageError(
            f"{place.command[0]} cannot be started: {error.strerror}",
            hint="Install Node.js 20 or later, set SCHEMA_SYNC_MCP_COMMAND, or use --source management.",
        )
    return error


def _reason(errors: IO[str], place: Place) -> str:
    """Return what the server wrote to its stderr before it ended."""
    errors.seek(0)
    text = errors.read(100_000)
    lines = [line for line in text.splitlines() if not line.startswith(("npm warn", "npm notice"))]
    return http.shown(" ".join(lines), place.secrets)
