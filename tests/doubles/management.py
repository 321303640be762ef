"""Supabase's Management API as far as a schema needs it: HTTP on this machine, SQL on a real PostgreSQL.

What it is sent is run as it came, in a read-only transaction if that is asked for. On command it fails in the ways
that the real one, or the network, does.
"""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import psycopg
from psycopg import RawCursor
from psycopg.rows import dict_row

from doubles.quiet import QuietServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HUGE = 30_000_000


class Fault(NamedTuple):
    """An answer other than the true one: a status with a body, or what a network does (hang, cut, huge)."""

    status: int = 0
    body: str = ""
    headers: Mapping[str, str] = {}
    network: str = ""


FAULTS = {
    "401": Fault(401, '{"message": "Invalid token"}'),
    "403": Fault(403, '{"message": "Your account does not have the necessary privileges."}'),
    "404": Fault(404, '{"message": "Project not found"}'),
    "429": Fault(429, '{"message": "ThrottlerException: Too Many Requests"}', {"Retry-After": "0"}),
    "429 in an hour": Fault(429, '{"message": "Too Many Requests"}', {"Retry-After": "3600"}),
    "500": Fault(500, '{"message": "Internal server error"}'),
    "502": Fault(502, "<html><script>alert(1)</script>Bad gateway</html>", {"Content-Type": "text/html"}),
    "no rows": Fault(201, '{"message": "hello"}'),
    "no JSON": Fault(201, "hello"),
    "hang": Fault(network="hang"),
    "cut": Fault(network="cut"),
    "huge": Fault(network="huge"),
}


class Api:
    """The double: its address, what it was asked, and how it is to fail."""

    def __init__(self, dsn: str, project: str, token: str) -> None:
        self.dsn = dsn
        self.project = project
        self.token = token
        self.status = "ACTIVE_HEALTHY"
        self.url = ""
        self.requests: list[tuple[str, str]] = []
        self.queries: list[str] = []
        self.faults: deque[Fault] = deque()
        self.headers: dict[str, str] = {}
        self.before: dict[int, Callable[[], object]] = {}  # by the number of the query
        self.instead: list[list[dict[str, Any]]] = []  # rows that are not the true ones
        self.over = threading.Event()

    def fail(self, name: str, times: int = 1000) -> None:
        """Fail in this way for so many requests."""
        self.faults = deque([FAULTS[name]] * times)

    def answer(self, method: str, path: str, body: dict[str, Any], bearer: str) -> tuple[int, object]:
        """Return status and document for a request."""
        if bearer != f"Bearer {self.token}":
            return 401, {"message": "Unauthorized"}
        base = "/v1/projects/"
        ref, _, rest = path.removeprefix(base).partition("/")
        if not path.startswith(base) or unquote(ref) != self.project:
            return 404, {"message": "Project not found"}
        if method == "GET" and not rest:
            return 200, {
                "id": self.project,
                "ref": self.project,
                "organization_id": "org",
                "organization_slug": "org",
                "name": "Atoms",
                "region": "eu-central-1",
                "created_at": "2026-01-01T00:00:00Z",
                "status": self.status,
                "database": {"host": "db", "version": "17.6.1", "postgres_engine": "17", "release_channel": "ga"},
            }
        if method == "POST" and rest == "database/query":
            return self._query(body["query"], body.get("parameters") or [], read_only=body.get("read_only", False))
        return 404, {"message": f"Cannot {method} {path}"}

    def _query(self, text: str, parameters: list[Any], *, read_only: bool) -> tuple[int, object]:
        self.queries.append(text)
        self.before.get(len(self.queries), lambda: None)()
        if self.instead:
            return 201, self.instead.pop(0)
        with psycopg.connect(self.dsn, row_factory=dict_row, prepare_threshold=None) as connection:
            connection.read_only = read_only
            try:
                if parameters:  # $1, as PostgreSQL itself has them
                    return 201, RawCursor(connection, row_factory=dict_row).execute(text, parameters).fetchall()
                cursor = connection.execute(text.encode())
                results = [cursor.fetchall() if cursor.description else []]
                while cursor.nextset():
                    results.append(cursor.fetchall() if cursor.description else [])
            except psycopg.Error as error:
                return 400, {"message": f"Failed to run sql query: ERROR: {error}"}
        return 201, next((rows for rows in reversed(results) if rows), [])


class _Handler(BaseHTTPRequestHandler):
    api: Api
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.api.requests.append((method, self.path))
        if self.api.faults:
            self._fail(self.api.faults.popleft())
            return
        body = json.loads(content) if content else {}
        status, document = self.api.answer(method, self.path, body, self.headers.get("Authorization", ""))
        self._send(status, json.dumps(document), self.api.headers)

    def _send(self, status: int, text: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _fail(self, fault: Fault) -> None:
        if fault.network == "hang":
            self.api.over.wait(120)
            self.close_connection = True
        elif fault.network == "cut":
            self.wfile.write(
                b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n[{"'
            )
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif fault.network == "huge":
            try:
                self._send(201, json.dumps([{"size": 1, "digest": "x", "page": "A" * HUGE}]), {})
            except OSError:
                self.close_connection = True  # the client left
        else:
            self._send(fault.status, fault.body, fault.headers)


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """Serve *api* in a thread, at a free port of this machine."""
    server = QuietServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": api}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        api.over.set()
        server.shutdown()
        server.server_close()
