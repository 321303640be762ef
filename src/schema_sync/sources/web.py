"""GET with a secret: bounded in time, size and attempts, and never sent on to another host.

Authority: RFC 9110 (redirection, Retry-After).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.base import Value
from schema_sync.sources.environment import is_loopback
from schema_sync.sources.retries import asked_to_wait, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

INSTALL_HINT = "pip install 'supabase-schema-sync[http]'"
ATTEMPTS = 3
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 20.0
LARGEST_BYTES = 64 * 1024 * 1024
_FIRST_WAIT_SECONDS = 0.5
_GRACE_SECONDS = 1.0  # httpx's own limits come first, and end the call cleanly
_TOO_MANY = 429
_PASSING = frozenset({_TOO_MANY, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class Answer(Value, frozen=True, kw_only=True):
    """What a server said; ``location`` is where it would rather be asked."""

    status: int
    content: bytes
    content_type: str = ""
    location: str = ""


def checked_address(address: str, name: str) -> str:
    """Return *address* without a final slash; *name* is the variable that holds it.

    Raises:
        SourceError: if a secret must not be sent there: no URL, no TLS (other than on this machine), or with
            credentials inside.
    """
    try:
        parts = urlsplit(address.strip())
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
    return address.strip().rstrip("/")


_ADDRESS_HINT = "Expected https://REF.supabase.co, as the dashboard shows it under Connect."


def get(
    url: str, headers: Mapping[bytes, bytes], *, attempts: int = ATTEMPTS, total: float = TOTAL_SECONDS
) -> Answer:
    """Return the answer to a GET of *url*; what is likely to pass (429, 5xx, a lost connection) is tried again.

    Args:
        url: where to.
        headers: sent as they are; they may hold a secret.
        attempts: how often to try at most.
        total: seconds for all of it, waits included.

    Raises:
        SourceError: if there is no answer in time, or it is too large.
        UsageError: if httpx is not installed.
    """
    try:
        import httpx
    except ImportError as error:
        raise UsageError(
            "the source postgrest needs the package httpx, which is not installed", hint=INSTALL_HINT
        ) from error
    host = client_host(url)
    deadline = time.monotonic() + total
    left = attempts
    wait = _FIRST_WAIT_SECONDS
    with httpx.Client(
        follow_redirects=False, trust_env=not is_loopback(host)
    ) as client:  # no proxy to this machine
        while True:
            left, wait = left - 1, wait * 2
            try:
                answer, asked = within(
                    deadline - time.monotonic() + _GRACE_SECONDS, lambda: _once(client, url, headers, deadline)
                )
            except TimeoutError as error:
                raise SourceError(f"the answer of {host} takes too long", hint=_LATER) from error
            except (httpx.RequestError, httpx.InvalidURL) as error:
                if not left or _is_lasting(error) or time.monotonic() + wait > deadline:
                    raise _unreachable(host, error) from error
                time.sleep(wait)
                continue
            pause = wait if asked is None else asked
            longest = min(LONGEST_WAIT_SECONDS, deadline - time.monotonic())
            if not left or answer.status not in _PASSING or pause > longest:
                return answer
            time.sleep(pause)


def _once(
    client: httpx.Client, url: str, headers: Mapping[bytes, bytes], deadline: float
) -> tuple[Answer, float | None]:
    """Return the answer, and for how many seconds it asks to wait."""
    import httpx

    chunks: list[bytes] = []
    size = 0
    seconds = max(0.1, min(READ_SECONDS, deadline - time.monotonic()))
    timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    with client.stream("GET", url, headers=dict(headers), timeout=timeout) as response:
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST_BYTES:
                raise SourceError(f"the answer of {client_host(url)} is larger than {LARGEST_BYTES >> 20} MB")
            if time.monotonic() > deadline:
                raise SourceError(f"the answer of {client_host(url)} takes too long", hint=_LATER)
        answer = Answer(
            status=response.status_code,
            content=b"".join(chunks),
            content_type=response.headers.get("content-type", ""),
            location=response.headers.get("location", ""),
        )
        return answer, asked_to_wait({"retry-after": response.headers.get("retry-after", "")})


_LATER = "Try again later; the project's dashboard and status.supabase.com tell more."


def client_host(url: str) -> str:
    """Return the host that *url* leads to."""
    return urlsplit(url).hostname or url


def _is_lasting(error: Exception) -> bool:
    """Tell whether a second try is idle: an unknown host, a refused certificate, what cannot be sent at all."""
    import httpx

    text = str(error).lower()
    unsendable = httpx.LocalProtocolError, httpx.InvalidURL, httpx.UnsupportedProtocol
    return "certificate" in text or _is_unknown(text) or isinstance(error, unsendable)


def _is_unknown(text: str) -> bool:
    """Tell whether a lower-case message of the system's resolver says that a name has no address."""
    return any(words in text for words in ("not known", "nodename nor servname", "no address", "name resolution"))


def _unreachable(host: str, error: Exception) -> SourceError:
    import httpx

    text = str(error).lower()
    if isinstance(error, httpx.TimeoutException):
        return SourceError(f"{host} does not answer in time", hint=_LATER)
    if "certificate" in text:
        return SourceError(f"{host} shows a certificate that is not trusted: {error}", hint="Check SUPABASE_URL.")
    if _is_unknown(text):
        return SourceError(
            f"no host {host} is known to this network",
            hint="Check SUPABASE_URL; a project that was paused for long, or deleted, has no address any more.",
        )
    return SourceError(f"cannot connect to {host}: {error}", hint="Check SUPABASE_URL and this network.")
