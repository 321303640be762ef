"""Replays the attacks as the source ``migrations`` does, and prints as JSON what became of each.

Run as ``python replaying.py USER CONFINED FOLDER``: USER is ``-`` for the user that runs it, or a user's number,
which root becomes after everything is imported; CONFINED is ``confined`` or ``free``. It is a process of its own
because there is no way back from another user.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from faults.attacks import ATTACKS, HARMLESS
from schema_sync.errors import MigrationError
from schema_sync.replay import confinement, embedded_server, supervisor
from schema_sync.replay.apply import replay


def attacked(server: embedded_server.Server, text: str, folder: Path, listening: socket.socket) -> dict[str, Any]:
    """Return what became of one attack, each in a database of its own."""
    mark, secret, migration = folder / "mark", folder / "secret", folder / "1_a.sql"
    words = {"{mark}": mark, "{secret}": secret, "{socket}": server.folder, "{port}": listening.getsockname()[1]}
    for word, value in words.items():
        text = text.replace(word, str(value))
    migration.unlink(missing_ok=True)  # another user's
    migration.write_text(text)
    own = server.database("attacked", embedded_server.OWNER)
    with psycopg.connect(server.database(user="postgres"), autocommit=True) as session:
        session.execute("create database attacked template template1 strategy file_copy")
    error = ""
    try:
        replay([migration], folder, own)
    except MigrationError as refused:
        error = refused.reason
    with psycopg.connect(server.database(user="postgres"), autocommit=True) as session:
        supers = session.execute("select rolname from pg_roles where rolsuper order by 1").fetchall()
        session.execute("drop database attacked with (force)")
        session.execute("drop role if exists evil")
    connected = bool(select.select([listening], [], [], 0)[0])
    return {
        "error": error,
        "mark": mark.exists(),
        "connected": connected,
        "superusers": [row[0] for row in supers],
    }


def main() -> None:
    """Become the user, replay all attacks and print."""
    user, confined, folder = sys.argv[1:]
    with contextlib.ExitStack() as stack:
        if confined == "free":
            confinement._enter = lambda *_: None
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        if user != "-":
            with embedded_server.server() as server:  # imports all there is, and prepares what can be shared
                attacked(server, "create extension hstore; select 1", Path(folder), listening)
            ours = supervisor.server_account()
            binaries = embedded_server._binaries(ours, embedded_server._cache(ours))
            embedded_server._binaries = lambda *_: binaries
            os.environ["XDG_CACHE_HOME"] = folder
            os.environ["HOME"] = folder
            os.setgroups([])
            os.setgid(int(user))
            os.setuid(int(user))
        server = stack.enter_context(embedded_server.server())
        found = {
            name: attacked(server, text, Path(folder), listening) for name, text in (ATTACKS | HARMLESS).items()
        }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
