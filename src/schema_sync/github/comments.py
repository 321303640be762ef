"""One comment on a pull request, found again and changed in place.

It is found by a marker, its first line, and only among the comments of the token's own account: anyone may write
the marker, and a token that may write could overwrite what they wrote.

Authority: GitHub's "REST API endpoints for issue comments" and "Rate limits for the REST API"; its GraphQL API's
``viewer``, the only place where the token of an app, such as a workflow's, is told whose it is.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import msgspec

from schema_sync.errors import SchemaSyncError, SourceError
from schema_sync.model.base import Value
from schema_sync.sources import retries

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

INSTALL_HINT = "pip install 'supabase-schema-sync[http]'"
TOTAL_SECONDS = 120.0
_CALL_SECONDS = 20.0
_LIMIT_SECONDS = 60.0  # what GitHub asks for where it does not say how long
_PAGE = 100
_GONE, _TOO_MANY = 404, 429
_NO_RIGHT = frozenset({401, 403, _GONE})
_WHO = {"query": "{viewer{login}}"}

Answer = TypeVar("Answer")


class RefusedError(SchemaSyncError):
    """GitHub does not let this token do that."""


class Issue(Value, frozen=True, kw_only=True):
    """A pull request (to GitHub an issue with commits), and the addresses of the two APIs."""

    api: str
    graphql: str
    repository: str
    number: int

    @property
    def comments(self) -> str:
        """The address of the comments of this issue."""
        return f"{self.api}/repos/{self.repository}/issues/{self.number}/comments"

    def comment(self, number: int) -> str:
        """Return the address of a comment."""
        return f"{self.api}/repos/{self.repository}/issues/comments/{number}"


class _User(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    login: str
    type: str = "User"


class _Comment(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    id: int
    body: str | None = None
    user: _User | None = None


class _Viewer(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    viewer: _User | None = None


class _Asked(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    data: _Viewer | None = None


def keep(issue: Issue, token: str, marker: str, body: str, *, create: bool) -> None:
    """Bring the comment that starts with *marker* to *body*; where there is none, write one if *create*.

    What is likely to pass (5xx, a rate limit, a lost connection) is tried again from the start: whether a comment
    that got no answer was written shows when they are read again.

    Raises:
        RefusedError: if the token may not read or write comments there.
        SourceError: if GitHub does not answer, or not as it should, or httpx is not installed.
    """
    try:
        import httpx
    except ImportError as error:
        raise SourceError("the package httpx is not installed", hint=INSTALL_HINT) from error
    if not (token.isascii() and token.isprintable()):
        raise SourceError("the token holds characters that no header can")
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    deadline = time.monotonic() + TOTAL_SECONDS
    attempt = 1
    # no redirection is followed: it would take the token along
    with httpx.Client(headers=headers, timeout=_CALL_SECONDS, follow_redirects=False) as client:
        while True:
            try:
                return _keep(client, issue, marker, body, create=create)
            except retries.RetryableError as error:
                time.sleep(retries.delay(error, attempt, deadline))
            attempt += 1


def _keep(client: httpx.Client, issue: Issue, marker: str, body: str, *, create: bool) -> None:
    own = _own(client, issue, marker)
    if own:
        _send(client, "PATCH", issue.comment(own[0].id), {"body": body})
    elif create:
        _send(client, "POST", issue.comments, {"body": body})
        own = _own(client, issue, marker)
    for double in own[1:]:  # two runs at once have each found none: both leave the first
        _send(client, "DELETE", issue.comment(double.id))


def _own(client: httpx.Client, issue: Issue, marker: str) -> list[_Comment]:
    """Return the comments with *marker* that the token's account has written, the first one first."""
    marked = [each for each in _comments(client, issue) if each.user and (each.body or "").startswith(marker)]
    login = _login(client, issue) if marked else ""
    own = [each for each in marked if _is_by(each.user, login)]
    return sorted(own, key=lambda each: each.id)


def _is_by(user: _User | None, login: str) -> bool:
    """Tell whether *user* is the account; where GitHub does not tell which one that is, any app."""
    return user is not None and (user.login == login if login else user.type == "Bot")


def _login(client: httpx.Client, issue: Issue) -> str:
    try:
        data = _decoded(_send(client, "POST", issue.graphql, _WHO), _Asked).data
    except RefusedError:
        return ""
    return data.viewer.login if data and data.viewer else ""


def _comments(client: httpx.Client, issue: Issue) -> Iterator[_Comment]:
    page, count = 1, _PAGE
    while count == _PAGE:
        found = _decoded(_send(client, "GET", f"{issue.comments}?per_page={_PAGE}&page={page}"), list[_Comment])
        yield from found
        page, count = page + 1, len(found)


def _send(client: httpx.Client, method: str, url: str, body: dict[str, str] | None = None) -> httpx.Response:
    import httpx

    try:
        response = client.request(method, url, json=body)
    except httpx.TransportError as error:
        raise retries.RetryableError(f"GitHub cannot be reached: {type(error).__name__}: {error}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceError(f"GitHub cannot be asked: {type(error).__name__}: {error}") from error
    if not response.is_success and not (method == "DELETE" and response.status_code == _GONE):
        raise _failure(response)
    return response


def _failure(response: httpx.Response) -> SchemaSyncError:
    """Return the error for an answer that is none."""
    status = response.status_code
    if response.is_server_error:
        after = retries.asked_to_wait({"retry-after": response.headers.get("retry-after", "")})
        return retries.RetryableError(f"GitHub failed ({status})", after=after)
    if status == _TOO_MANY or (status in _NO_RIGHT and _is_limit(response)):
        return retries.RetryableError(f"GitHub's rate limit is reached ({status})", after=_until(response))
    if status in _NO_RIGHT:
        return RefusedError(f"GitHub does not allow that ({status})")
    return SourceError(f"GitHub answered {status} to {response.request.method}")


def _is_limit(response: httpx.Response) -> bool:
    headers = response.headers
    spent = headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in headers or "rate limit" in response.text.lower()


def _until(response: httpx.Response) -> float:
    """Return the seconds to wait, as "Rate limits for the REST API" counts them."""
    after = retries.asked_to_wait({"retry-after": response.headers.get("retry-after", "")})
    if after is not None:
        return after
    reset = response.headers.get("x-ratelimit-reset", "")
    if response.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, int(reset) - time.time())
    return _LIMIT_SECONDS


def _decoded(response: httpx.Response, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.MsgspecError as error:
        raise SourceError("GitHub answered with something else than it documents") from error
