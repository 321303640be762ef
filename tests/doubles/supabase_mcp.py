"""Supabase's own MCP server, installed once from tests/node/package-lock.json."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NODE = Path(__file__).parents[1] / "node"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "schema-sync-tests"  # tests move HOME
SECRETS_PAGE = "https://example.com/?ref={ref}&name={name}"


def program() -> Path:
    """Return the server's program; skip the test where Node.js is missing, but not in CI."""
    folder = installed(NODE, "Supabase's MCP server cannot run")
    return folder / "node_modules/@supabase/mcp-server-supabase/dist/cli.js"


@cache
def installed(package: Path, otherwise: str) -> Path:
    """Return where the packages that *package* pins are installed; skip without Node.js, but not in CI."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        why = f"node and npm are not installed: {otherwise}"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    key = hashlib.sha256((package / "package-lock.json").read_bytes()).hexdigest()[:12]
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / f"node-{key}"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several workers ask at once
        if not folder.exists():
            _install(package, folder)
    return folder


def _install(package: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(package / name, made)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=made, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        shutil.copytree(made, folder, symlinks=True)


@contextmanager
def over_http(api_url: str) -> Iterator[str]:
    """Serve MCP over HTTP, in front of the Management API at *api_url*; yield the address."""
    command = ["node", str(program()), "--http", "--port", "0", "--api-url", api_url]
    server = subprocess.Popen(
        [*command, "--secret-url-template", SECRETS_PAGE],
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert server.stderr is not None
    try:
        line = server.stderr.readline()
        listening = re.search(r"listening on (\S+)", line)
        assert listening is not None, line
        yield listening[1]
    finally:
        server.kill()
        server.wait()
        server.stderr.close()
