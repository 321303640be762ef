"""Embedded servers in processes of their own, and what is left of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from schema_sync.replay import supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def query(dsn: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as session:
        return session.execute(sql.encode()).fetchall()


def processes(word: str) -> list[str]:
    """The commands that run with *word* in them; a dead process that nobody has waited for has none."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if word in line]


def wait_until(true: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def gone(folder: Path) -> bool:
    return not folder.exists() and not processes(folder.name)


def script(body: str) -> subprocess.Popen[str]:
    """Start a Python that runs *body*, written with ``server`` at hand."""
    head = "import os, signal, sys, time\nfrom schema_sync.replay.embedded_server import server\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + textwrap.dedent(body)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def served(process: subprocess.Popen[str]) -> Path:
    """The folder of the server that *process* started and printed."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        pytest.fail(process.communicate()[1])
    return Path(line)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder where servers run that is empty otherwise, and memory without room for them."""
    folder = Path(tempfile.mkdtemp(prefix="run-"))
    folder.chmod(0o1777)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(supervisor, "MEMORY", folder / "absent")
    yield folder
    shutil.rmtree(folder)
