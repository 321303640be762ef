"""The demo: check, diff, update, a query mended by hand and a last check, on a temporary copy of the example."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from schema_sync.errors import UsageError

_COMMANDS = (("check", 1), ("diff", 0), ("update", 1), ("check", 0))
_EXAMPLE = "schema-sync.toml"
_QUERIES = "app/projects.py"
_WRONG, _SUGGESTED = '"create_at"', '"created_at"'


def run(say: Callable[[str], None], *, inherits: bool = False) -> int:
    """Run the loop, show each command and what it prints, and return 0 if it ends in sync.

    The commands print by themselves if what *say* shows *inherits* the standard streams: they see the terminal.
    """
    with tempfile.TemporaryDirectory(prefix="schema-sync-demo-") as folder:
        project = Path(folder) / "project"
        shutil.copytree(_example(), project, ignore=shutil.ignore_patterns("__pycache__"))
        for command, expected in _COMMANDS:
            say(f"\n$ schema-sync {command}\n")
            program = [sys.executable, "-m", "schema_sync", command, "--no-cache"]
            done = subprocess.run(program, cwd=project, capture_output=not inherits, check=False)  # noqa: S603
            if not inherits:
                say((done.stderr + done.stdout).decode().rstrip("\n"))
            say(f"(exit code {done.returncode})")
            if done.returncode != expected:
                return done.returncode or 1
            if command == "update":
                _mend(project / _QUERIES, say)
    return 0


def _mend(path: Path, say: Callable[[str], None]) -> None:
    """Do by hand what no update does: put the suggested name into the query."""
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if _WRONG in line)
    say(f"\nA query is mended by hand, with the suggested name, in {_QUERIES}:\n")
    say(f"-{line}\n+{line.replace(_WRONG, _SUGGESTED)}")
    path.write_text(text.replace(_WRONG, _SUGGESTED), encoding="utf-8")


def _example() -> Path:
    """Return the example's folder: within the installed package, or beside it in a checkout."""
    package = Path(str(resources.files("schema_sync")))
    for folder in (package / "example", package.parents[1] / "examples"):
        if (folder / _EXAMPLE).is_file():
            return folder
    raise UsageError("the example is missing", hint="Install the package anew.")
