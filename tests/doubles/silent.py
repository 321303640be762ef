"""A server that accepts connections and never says a word."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def silent_server() -> Generator[int]:
    """Yield the port that such a server listens on: the kernel accepts, nobody answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        yield listening.getsockname()[1]
