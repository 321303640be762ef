"""One comment on a pull request, found again and changed in place.

It is found by a marker, its first line, and only among the comments of the token's own account: anyone may write
the marker, and a token that may write could overwrite what they wrote.

Authority: GitHub's "REST API endpoints for issue comments" and "Rate limits for the REST API"; its GraphQL API's
``viewer``, the only place where the token of an app, such as a workflow's, is told whose it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from schema_sync.errors import SchemaSyncError, SourceError
from schema_sync.model.base import Value
from schema_sync.remote.http import Answer, RetryableError, Server, retried

INSTALL_HINT = "pip install 'supabase-schema-sync[http]'"
TOTAL_SECONDS = 120.0
_CALL_SECONDS = 20.0
_LIMIT_SECONDS = 60.0  # what GitHub asks for where it does not state how long
_LARGEST_BYTES = 64_000_000  # a page of the longest comments
_PAGE = 100
_GONE, _TOO_MANY = 404, 429
_NO_RIGHT = frozenset({401, 403, _GONE})
_WHO = {"query": "{viewer{login}}"}

Decoded = TypeVar("Decoded")


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
    until = time.monotonic() + TOTAL_SECONDS
    # no redirection is followed: it would take the token along
    with httpx.Client(headers=headers, follow_redirects=False) as client:
        server = Server("GitHub", client, read_seconds=_CALL_SECONDS, largest_bytes=_LARGEST_BYTES)
        return retried(lambda: _Thread(server, issue, until).keep(marker, body, create=create), until)


@dataclass(frozen=True, slots=True)
class _Thread:
    """The comments of an issue, asked for until a deadline."""

    server: Server
    issue: Issue
    until: float

    def keep(self, marker: str, body: str, *, create: bool) -> None:
        own = self.own(marker)
        if own:
            self.send("PATCH", self.issue.comment(own[0].id), {"body": body})
        elif create:
            self.send("POST", self.issue.comments, {"body": body})
            own = self.own(marker)
        for double in own[1:]:  # two runs at once have each found none: both leave the first
            self.send("DELETE", self.issue.comment(double.id))

    def own(self, marker: str) -> list[_Comment]:
        """Return the comments with *marker* that the token's account has written, the first one first."""
        marked = [each for each in self.comments() if each.user and (each.body or "").startswith(marker)]
        login = self.login() if marked else ""
        return sorted((each for each in marked if _is_by(each.user, login)), key=lambda each: each.id)

    def login(self) -> str:
        """Return whose the token is; empty where GitHub does not tell."""
        try:
            data = _decoded(self.send("POST", self.issue.graphql, _WHO), _Asked).data
        except RefusedError:
            return ""
        return data.viewer.login if data and data.viewer else ""

    def comments(self) -> Iterator[_Comment]:
        page, count = 1, _PAGE
        while count == _PAGE:
            address = f"{self.issue.comments}?per_page={_PAGE}&page={page}"
            found = _decoded(self.send("GET", address), list[_Comment])
            yield from found
            page, count = page + 1, len(found)

    def send(self, method: str, url: str, body: dict[str, str] | None = None) -> Answer:
        import httpx

        try:
            answer = self.server.ask(method, url, until=self.until, body=body)
        except (httpx.TransportError, TimeoutError) as error:
            raise RetryableError(f"GitHub cannot be reached: {type(error).__name__}: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(f"GitHub cannot be asked: {type(error).__name__}: {error}") from error
        if not answer.is_success and not (method == "DELETE" and answer.status == _GONE):
            raise _failure(answer, method)
        return answer


def _is_by(user: _User | None, login: str) -> bool:
    """Return whether *user* is the account; where GitHub does not show which one that is, any app."""
    return user is not None and (user.login == login if login else user.type == "Bot")


def _failure(answer: Answer, method: str) -> SchemaSyncError:
    """Return the error for an answer that is none."""
    status = answer.status
    if answer.is_server_error:
        return RetryableError(f"GitHub failed ({status})", after=answer.retry_after)
    if status == _TOO_MANY or (status in _NO_RIGHT and _is_limit(answer)):
        return RetryableError(f"GitHub's rate limit is reached ({status})", after=_wait(answer))
    if status in _NO_RIGHT:
        return RefusedError(f"GitHub does not allow that ({status})")
    return SourceError(f"GitHub answered {status} to {method}")


def _is_limit(answer: Answer) -> bool:
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in answer.headers or b"rate limit" in answer.content.lower()


def _wait(answer: Answer) -> float:
    """Return the seconds to wait, as "Rate limits for the REST API" counts them."""
    if answer.retry_after is not None:
        return answer.retry_after
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, int(reset) - time.time())
    return _LIMIT_SECONDS


def _decoded(answer: Answer, kind: type[Decoded]) -> Decoded:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.MsgspecError as error:
        raise SourceError("GitHub answered with something else than it documents") from error
