"""On Windows one line says what to do, in place of a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
EXPECTED = "schema-sync needs Linux or macOS; on Windows, install and run it in WSL"
# As there: modules of POSIX are missing, SIGHUP is not known. What is imported before looks at the platform itself.
WINDOWS = (
    "import functools, gc, importlib, os, pytest, signal, sys, threading, types;"
    f"sys.path.insert(0, {str(SOURCE)!r});"
    "sys.modules.update(fcntl=None, pwd=None); del signal.SIGHUP; sys.platform = 'win32';"
)


@pytest.mark.parametrize("program", ["main", "sync_schema", "mcp_schema_query", "query_db_schema"])
def test_the_programs_say_what_they_need(program: str) -> None:
    command = [sys.executable, "-c", f"{WINDOWS} from schema_sync.entry import {program}; {program}()"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{EXPECTED}\n")


@pytest.mark.parametrize(("asked", "code"), [((), 5), (("--schema-sync",), 4)])
def test_the_plugin_says_it_only_when_it_is_asked(tmp_path: Path, asked: tuple[str, ...], code: int) -> None:
    arguments = ["-p", "no:schema-sync", "-p", "schema_sync.pytest_plugin", "-p", "no:cacheprovider", *asked]
    # pytest and its own plug-ins come up before: only what the package does is looked at
    program = (
        f"{WINDOWS} sys.platform = 'linux'; import schema_sync.pytest_plugin as plugin;"
        f"plugin.sys = types.SimpleNamespace(platform='win32'); sys.exit(pytest.main({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert (EXPECTED in done.stdout + done.stderr) == (code == 4)
    assert "Traceback" not in done.stdout + done.stderr
