"""A listener that speaks enough of PostgreSQL's protocol to be sent a password, and a proxy that falls silent.

Authority: PostgreSQL manual, "Message Formats".
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLEARTEXT = struct.pack("!cii", b"R", 8, 3)
MD5 = struct.pack("!cii", b"R", 12, 5) + b"salt"
GSS = struct.pack("!cii", b"R", 8, 7)
_SASL = b"SCRAM-SHA-256\0\0"
SCRAM = struct.pack("!cii", b"R", 8 + len(_SASL), 10) + _SASL
_OAUTH = b"OAUTHBEARER\0\0"
OAUTH = struct.pack("!cii", b"R", 8 + len(_OAUTH), 10) + _OAUTH
_ENCRYPTION = {80877103, 80877104}
_REFUSAL = b"SFATAL\0C28P01\0Mnobody may enter\0\0"


class Listener:
    """Asks each client to authenticate as *asking* says, keeps all that it sends, and lets nobody in."""

    def __init__(self, asking: bytes = CLEARTEXT) -> None:
        self._asking = asking
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.received: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def everything(self) -> bytes:
        """All bytes that arrived, of all clients."""
        return b"".join(self.received)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                client.settimeout(20)
                self._meet(client)

    def _meet(self, client: socket.socket) -> None:
        while (first := self._take(client))[4:8] and struct.unpack("!i", first[4:8])[0] in _ENCRYPTION:
            client.sendall(b"N")
        if first:
            client.sendall(self._asking)
            self._take(client)
            client.sendall(struct.pack("!ci", b"E", 4 + len(_REFUSAL)) + _REFUSAL)

    def _take(self, client: socket.socket) -> bytes:
        sent = client.recv(65536)
        self.received.append(sent)
        return sent


@contextlib.contextmanager
def listening(asking: bytes = CLEARTEXT) -> Iterator[Listener]:
    """Yield a listener on a port of this machine."""
    listener = Listener(asking)
    try:
        yield listener
    finally:
        listener.close()


class Proxy:
    """Forwards to the server behind *target* (a socket's path), keeps what clients send; silent after *most* bytes.

    A silent proxy closes nothing: it is a network that drops packets. One that is slow sends a byte now and then.
    """

    def __init__(self, target: Path, most: int | None = None, *, slow: bool = False) -> None:
        self._target = str(target)
        self._left = most
        self._slow = slow
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.sent = bytearray()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for each in [self._server, *self._open]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
            except OSError:
                return
            self._open += [client, server]
            threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
            threading.Thread(target=self._to_client, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.sent += data
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if self._left is None:
                    client.sendall(data)
                    continue
                now, later = data[: self._left], data[self._left :]
                self._left -= len(now)
                client.sendall(now)
                for byte in later if self._slow else b"":
                    client.sendall(bytes([byte]))
                    time.sleep(0.02)


@contextlib.contextmanager
def proxied(target: Path, most: int | None = None, *, slow: bool = False) -> Iterator[Proxy]:
    """Yield a proxy on a port of this machine before the server whose socket is *target*."""
    proxy = Proxy(target, most, slow=slow)
    try:
        yield proxy
    finally:
        proxy.close()


def statements(sent: bytes) -> list[str]:
    """Return the SQL in what clients sent: of Query and Parse messages, in their order; start-up packets too."""
    found: list[str] = []
    place = 0
    while place + 5 <= len(sent):
        if sent[place : place + 1] == b"\0":  # a start-up packet has no type
            place += struct.unpack("!i", sent[place : place + 4])[0]
            continue
        kind, length = struct.unpack("!ci", sent[place : place + 5])
        body = sent[place + 5 : place + 1 + length]
        if kind == b"Q":
            found.append(body.rstrip(b"\0").decode())
        elif kind == b"P":
            found.append(body.split(b"\0")[1].decode())
        place += 1 + length
    return found
