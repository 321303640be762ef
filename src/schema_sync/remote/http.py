"""HTTP with a secret: bounded in time, size and attempts, and never sent on to another host.

Authority: RFC 9110, "Redirection 3xx" and "Retry-After"; Supabase's Management API, "Rate limits"
(X-RateLimit-Reset counts seconds).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from schema_sync.deadline import within
from schema_sync.errors import SourceError, mask
from schema_sync.model.base import Value

if TYPE_CHECKING:
    import httpx

Result = TypeVar("Result")

ATTEMPTS = 4
CONNECT_SECONDS = 10.0
FIRST_DELAY_SECONDS = 0.5
LONGEST_SECONDS = 60.0
# httpx limits each read only, and a server may send a byte now and then. Its limits come first, and end cleanly.
_GRACE_SECONDS = 1.0
_SHOWN_CHARACTERS = 500
OTHER_SOURCE_HINT = "Try again, or use another source: schema-sync doctor lists them."


class RetryableError(SourceError):
    """A failure that may pass by itself.

    Attributes:
        after: seconds that the server asks to wait, None if it does not say.
    """

    def __init__(self, message: str, *, hint: str = "", after: float | None = None) -> None:
        self.after = after
        super().__init__(message, hint=hint)


class Answer(Value, frozen=True, kw_only=True):
    """What a server answered; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return self.status // 100 == 2  # noqa: PLR2004  # RFC 9110, "Status Codes"

    @property
    def is_server_error(self) -> bool:
        """Whether the status is 5xx."""
        return self.status // 100 == 5  # noqa: PLR2004

    @property
    def retry_after(self) -> float | None:
        """The seconds that Retry-After asks to wait, None if there is no such header."""
        return asked_to_wait({"retry-after": self.headers.get("retry-after", "")})

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object that it holds; empty where it holds none, or what is not Unicode, also as escapes."""
        try:
            document = msgspec.json.decode(self.content)
        except (ValueError, RecursionError):
            return {}
        return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


@dataclass(frozen=True, slots=True)
class Server:
    """A server, and how long and for how much it is listened to.

    Attributes:
        name: what messages call it.
        client: has the headers, and follows no redirection.
        read_seconds: how long to wait for a part of an answer.
        largest_bytes: the most that an answer may hold.
    """

    name: str
    client: httpx.Client
    read_seconds: float
    largest_bytes: int

    def ask(self, method: str, url: str, *, until: float, body: object = None) -> Answer:
        """Return the answer to one request, which has to be there *until* then, on the monotonic clock.

        Raises:
            TimeoutError: if it is not.
            httpx.HTTPError: if there is none.
            SourceError: if it is too large.
        """
        import httpx

        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        seconds = min(left, self.read_seconds)
        timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))

        def call() -> Answer:
            with self.client.stream(method, url, json=body, timeout=timeout) as response:
                return Answer(
                    status=response.status_code,
                    headers=dict(response.headers.items()),
                    content=self._content(response, until),
                )

        return within(left + _GRACE_SECONDS, call)

    def _content(self, response: httpx.Response, until: float) -> bytes:
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > self.largest_bytes:
                raise too_large(self.name, self.largest_bytes)
            if time.monotonic() > until:
                raise TimeoutError
        return bytes(content)


def shown(text: str, secrets: Iterable[str]) -> str:
    """Return what a server says as messages show it: on one line, cut, without *secrets*."""
    return mask(" ".join(text.split()), secrets)[:_SHOWN_CHARACTERS]


def too_large(server: str, limit: int) -> SourceError:
    """Return the error for an answer of more than *limit* bytes: nothing here asks for so much."""
    return SourceError(
        f"{server} answers with more than {limit // 1_000_000} MB: the response is too large",
        hint=OTHER_SOURCE_HINT,
    )


# ---- attempts


def retried(
    call: Callable[[], Result], until: float, *, attempts: int = ATTEMPTS, longest: float = LONGEST_SECONDS
) -> Result:
    """Return what *call* returns; a RetryableError of it is waited for as ``delay`` says, and *call* made again.

    Raises:
        SourceError: as *call*, and as ``delay``.
    """
    attempt = 1
    while True:
        try:
            return call()
        except RetryableError as error:
            time.sleep(delay(error, attempt, until, attempts, longest))
        attempt += 1


def delay(
    error: RetryableError, attempt: int, until: float, attempts: int = ATTEMPTS, longest: float = LONGEST_SECONDS
) -> float:
    """Return how many seconds to wait before the next attempt; *attempt* counts from 1.

    Without a word from the server the delay doubles each time, and varies by half, so that not all clients come
    back at once. *until* is on the monotonic clock.

    Raises:
        SourceError: *error*, if there was the last attempt, or the wait would be too long.
    """
    if attempt >= attempts:
        times = f"; tried {attempt} times" if attempt > 1 else ""
        raise SourceError(f"{error.message}{times}", hint=error.hint) from error
    seconds: float = FIRST_DELAY_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311  # no secret
    if error.after is not None:
        seconds = error.after + min(seconds, 1.0)
    if seconds > longest or time.monotonic() + seconds > until:
        raise SourceError(
            f"{error.message}; it asks to wait {seconds:.0f} seconds", hint="Run the command again after that."
        ) from error
    return seconds


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer's headers ask to wait, None if they do not."""
    text = headers.get("retry-after") or headers.get("x-ratelimit-reset") or ""
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None
