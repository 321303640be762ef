"""The server on stdio or streamable HTTP, its log on stderr with secrets masked."""

from __future__ import annotations

import hmac
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterable

from mcp.server.mcpserver import MCPServer
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from schema_sync.errors import UsageError, mask
from schema_sync.mcp_server.state import State
from schema_sync.remote.credentials import MCP_TOKEN

PATH = "/mcp"
_GUARDED = ("127.0.0.1", "localhost", "::1")  # where the SDK refuses what other sites' pages send


class _Masking(logging.Formatter):
    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record), self._secrets())


def log_to_stderr(secrets: Callable[[], Iterable[str]], *, verbose: bool) -> None:
    """Send what libraries log to stderr, without what *secrets* returns; call it before a server is built."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Masking(secrets))
    logging.basicConfig(handlers=[handler], level=logging.INFO if verbose else logging.WARNING)


def serve_stdio(server: MCPServer[State]) -> None:
    """Serve the process's stdin and stdout until the client closes them, or the process is interrupted."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # what waits for stdin cannot be woken; an update that is killed is completed by the next
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        server.run("stdio")
    except* BrokenPipeError:  # the client went away without waiting for its answer
        pass


def serve_http(server: MCPServer[State], host: str, port: int, token: str, say: Callable[[str], None]) -> None:
    """Serve streamable HTTP at ``/mcp`` until interrupted; with a *token*, only to those who bear it.

    Raises:
        UsageError: if other machines could reach it and there is no token, or the address cannot be had.
    """
    import uvicorn
    from mcp.server.transport_security import TransportSecuritySettings

    if not token and host not in _GUARDED:
        raise UsageError(
            f"{host} may be open to others, and {MCP_TOKEN} is not set",
            hint=f"Set {MCP_TOKEN} to a long random text, or serve on 127.0.0.1.",
        )
    # No page that a browser shows knows the token; behind a proxy, a request names the proxy's host.
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False) if token else None
    app: ASGIApp = server.streamable_http_app(streamable_http_path=PATH, host=host, transport_security=security)
    with _bound(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        say(f"serving MCP at http://{shown}:{listening.getsockname()[1]}{PATH}")
        config = uvicorn.Config(Guarded(app, token) if token else app, log_config=None, access_log=False)
        uvicorn.Server(config).run(sockets=[listening])


class Guarded:
    """An ASGI application that only those reach who bear the token (RFC 6750)."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 401."""
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] != "http" or hmac.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
            return
        refusal = PlainTextResponse("a bearer token is needed", 401, {"WWW-Authenticate": "Bearer"})
        await refusal(scope, receive, send)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"cannot serve on {host}:{port}: {error.strerror or error}", hint="Choose another --host or --port."
        ) from error
