"""Servers other than the embedded one, with the Supabase bootstrap: what databases of other versions look like."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from schema_sync.replay import embedded_server, supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "SCHEMA_SYNC_POSTGRES"
OLDEST = 15
_PLATFORM = ("pg_graphql", "supabase_vault")  # before PostgreSQL 18 stand-ins do not load as extensions
_NEW = {"io_method", "extension_control_path"}


def installed() -> dict[str, Path]:
    """Return the folders of the servers that are installed here, by version."""
    named = [Path(folder) for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
    on_path = [Path(path).resolve().parent for path in [shutil.which("postgres")] if path]
    found: dict[str, Path] = {}
    for folder in [*named, *on_path, *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            output = subprocess.run(
                [folder / "postgres", "--version"], capture_output=True, text=True, check=False
            ).stdout
            version = re.search(r"\(PostgreSQL\) ((\d+)\S*)", output)
            if version and int(version[2]) >= OLDEST:
                found.setdefault(version[1], folder)
    return found


@contextlib.contextmanager
def older_server(folder: Path) -> Iterator[embedded_server.Server]:
    """Run the server whose programs are in *folder*; template1 holds the bootstrap."""
    account = supervisor.server_account()
    run = supervisor.run_folder(account)
    binaries = supervisor.Binaries(folder, "", ())
    options = [word for word in supervisor.settings(run) if word[2:].partition("=")[0] not in _NEW]
    initdb = shlex.join([str(folder / "initdb"), "-D", str(run / "data"), *embedded_server._INITDB])
    with supervisor.running(binaries, account, run, options=options, prepare=initdb):
        server = embedded_server.Server(run)
        with psycopg.connect(server.database("template1"), autocommit=True) as session:
            session.execute(f"create role {embedded_server.OWNER} superuser login".encode())
            session.execute(embedded_server._BOOTSTRAP.read_bytes())
            for name in _PLATFORM:
                for script in embedded_server._EXTENSIONS.rglob(f"{name}--*.sql"):
                    session.execute(script.read_bytes())
        yield server
