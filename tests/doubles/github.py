"""A part of GitHub's REST API: the comments of an issue, and who asks.

What it answers follows "REST API endpoints for issue comments" and "… for users". A workflow's token is an app's: it
may not ask who it is, and of a fork's pull request it may only read.
"""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from doubles.postgrest import reply

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "someone/something"
TOKEN = "ghs_ofTheWorkflow"
NUMBER = 7
BOT = {"login": "github-actions[bot]", "type": "Bot"}
_COMMENTS = f"/repos/{REPOSITORY}/issues/{NUMBER}/comments"
_COMMENT = f"/repos/{REPOSITORY}/issues/comments/"


@dataclass
class Double:
    """A running server: its comments, its answers' special cases, and what it was asked."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    owner: dict[str, str] | None = None  # None: an app's token
    may_write: bool = True
    broken: int = 0  # a status that each answer has
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, body: str | None, user: dict[str, str] | None) -> dict[str, Any]:
        comment = {"id": 100 + len(self.comments), "body": body, "user": user, "html_url": "https://example.org/"}
        self.comments.append(comment)
        return comment


@contextlib.contextmanager
def serving(double: Double) -> Iterator[Double]:
    """Serve *double* on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            double.asked.append(f"{self.command} {self.path}")
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else {}
            if double.broken:
                reply(self, double.broken, {"message": "broken"}, {"Location": "http://127.0.0.1:1/"})
            elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                reply(self, 401, {"message": "Bad credentials"})
            else:
                reply(self, *_answer(double, self.command, self.path, body))

        do_GET = do_POST = do_PATCH = _any  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
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
    if (method != "GET" and not double.may_write) or (parts.path == "/user" and double.owner is None):
        return 403, {"message": "Resource not accessible by integration"}
    if parts.path == "/user":
        return 200, double.owner
    if (method, parts.path) == ("GET", _COMMENTS):
        query = parse_qs(parts.query)
        size, page = min(100, int(query["per_page"][0])), int(query["page"][0])
        return 200, double.comments[size * (page - 1) : size * page]
    if (method, parts.path) == ("POST", _COMMENTS):
        return 201, double.add(body["body"], double.owner or BOT)
    for comment in double.comments:
        if (method, parts.path) == ("PATCH", f"{_COMMENT}{comment['id']}"):
            comment["body"] = body["body"]
            return 200, comment
    return 404, {"message": "Not Found"}
