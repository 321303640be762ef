"""A part of GitHub's APIs: the comments of an issue, and who asks.

What it answers follows "REST API endpoints for issue comments", "Rate limits for the REST API" and the GraphQL API's
``viewer``. Of a fork's pull request a workflow's token may only read.
"""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from doubles.postgrest import reply
from doubles.quiet import QuietServer

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "someone/something"
TOKEN = "ghs_ofTheWorkflow"
NUMBER = 7
BOT = {"login": "github-actions[bot]", "type": "Bot"}
LARGEST = 65_536
_COMMENTS = f"/repos/{REPOSITORY}/issues/{NUMBER}/comments"
_COMMENT = f"/repos/{REPOSITORY}/issues/comments/"


@dataclass
class Double:
    """A running server: its comments, its answers' special cases, and what it was asked."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    owner: dict[str, str] | None = field(default_factory=BOT.copy)  # None: it does not tell
    may_write: bool = True
    failures: list[tuple[int, dict[str, str]]] = field(
        default_factory=list
    )  # status and headers of the next answers
    loses_the_answer: bool = False  # a comment is created, and the answer is 502, once
    meanwhile: str = ""  # what another run has written by the time that a comment is created
    asked: list[str] = field(default_factory=list)
    url: str = ""
    created: int = 0

    def add(self, body: str | None, user: dict[str, str] | None) -> dict[str, Any]:
        self.created += 1
        comment = {"id": 100 + self.created, "body": body, "user": user, "html_url": "https://example.org/"}
        self.comments.append(comment)
        return comment


@contextlib.contextmanager
def serving(double: Double) -> Iterator[Double]:
    """Serve *double* on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            double.asked.append(f"{self.command} {self.path}")
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else {}
            if double.failures:
                status, headers = double.failures.pop(0)
                reply(self, status, {"message": "broken"}, {"Location": "http://127.0.0.1:1/", **headers})
            elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                reply(self, 401, {"message": "Bad credentials"})
            else:
                reply(self, *_answer(double, self.command, self.path, body))

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815  # the names that http.server looks for

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with QuietServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        double.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()


def _answer(double: Double, method: str, address: str, body: dict[str, str]) -> tuple[int, Any]:
    parts = urlsplit(address)
    if (method, parts.path) == ("POST", "/graphql"):
        return 200, {"data": {"viewer": double.owner and {"login": double.owner["login"]}}}
    if (method, parts.path) == ("GET", _COMMENTS):
        query = parse_qs(parts.query)
        size, page = min(100, int(query["per_page"][0])), int(query["page"][0])
        return 200, double.comments[size * (page - 1) : size * page]
    if not double.may_write:
        return 403, {"message": "Resource not accessible by integration"}
    if len(body.get("body", "")) > LARGEST:
        return 422, {"message": f"body is too long (maximum is {LARGEST} characters)"}
    if (method, parts.path) == ("POST", _COMMENTS):
        return _created(double, body["body"])
    for comment in double.comments:
        if parts.path == f"{_COMMENT}{comment['id']}":
            return _changed(double, method, comment, body)
    return 404, {"message": "Not Found"}


def _created(double: Double, body: str) -> tuple[int, Any]:
    if double.meanwhile:
        double.add(double.meanwhile, double.owner)
    comment = double.add(body, double.owner or BOT)
    if double.loses_the_answer:
        double.loses_the_answer = False
        return 502, {"message": "Server Error"}
    return 201, comment


def _changed(double: Double, method: str, comment: dict[str, Any], body: dict[str, str]) -> tuple[int, Any]:
    if method == "DELETE":
        double.comments.remove(comment)
        return 204, ""
    comment["body"] = body["body"]
    return 200, comment
