"""How often, and after how long, a door is tried again.

Authority: RFC 9110, "Retry-After"; Supabase's Management API, "Rate limits" (X-RateLimit-Reset counts seconds).
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import Future
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from schema_sync.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Result = TypeVar("Result")

ATTEMPTS = 4
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 60.0


class RetryableError(SourceError):
    """A failure that may pass by itself.

    Attributes:
        after: seconds that the server asks to wait, None if it does not say.
    """

    def __init__(self, message: str, *, hint: str = "", after: float | None = None) -> None:
        self.after = after
        super().__init__(message, hint=hint)


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what *call* returns, or raise what it raises, after at most *seconds*.

    httpx limits each read only: a server that sends a byte of a header now and then would be waited for all day. A
    call that is too late goes on in a thread that the process does not wait for.

    Raises:
        TimeoutError: if *call* is not done in time.
    """
    done: Future[Result] = Future()

    def work() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001  # it is raised by the one who waits
            done.set_exception(error)
        else:
            done.set_result(result)

    threading.Thread(target=work, daemon=True).start()
    return done.result(max(0.0, seconds))


def delay(error: RetryableError, attempt: int, deadline: float) -> float:
    """Return how many seconds to wait before the next attempt; *attempt* counts from 1.

    Without a word from the server the delay doubles each time, and varies by half, so that not all clients come
    back at once. *deadline* is on the monotonic clock.

    Raises:
        SourceError: *error*, if there was the last attempt, or the wait would be too long.
    """
    if attempt >= ATTEMPTS:
        raise SourceError(f"{error.message}; tried {attempt} times", hint=error.hint) from error
    seconds: float = FIRST_DELAY_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311  # no secret
    if error.after is not None:
        seconds = error.after + min(seconds, 1.0)
    if seconds > LONGEST_DELAY_SECONDS or time.monotonic() + seconds > deadline:
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
