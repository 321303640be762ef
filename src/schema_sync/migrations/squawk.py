"""Unsafe operations, by Squawk: what locks a table for long, loses data, or breaks programs that still run.

Squawk is a separate program (``squawk-cli``), which reads the project's ``.squawk.toml``. Its rules are taken as
they are. Authority: https://squawkhq.com/docs/rules.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import msgspec

from schema_sync.errors import SourceError
from schema_sync.migrations.problems import Problem
from schema_sync.model.findings import Note, Severity
from schema_sync.rules.migrations import SQUAWK, address

INSTALL_HINT = "pip install 'supabase-schema-sync[migrations]'"
_SEVERITIES = {"Error": Severity.HIGH, "Warning": Severity.MEDIUM}
_SYNTAX = "syntax-error"
_FOUND = (0, 1)  # nothing, something
_SECONDS = 60


class _Reported(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of Squawk's JSON; its lines count from 0, and there are more keys."""

    line: int
    level: str
    message: str
    rule_name: str
    help: str | None = None


def check_operations(scripts: Mapping[str, str], root: Path) -> tuple[list[Problem], list[Note]]:
    """Return what Squawk finds in *scripts* (SQL by path below the project *root*), and what it could not read.

    Raises:
        SourceError: if Squawk is installed, but does not do its work.
    """
    if not scripts:
        return [], []
    program = _program()
    if program is None:
        why = f"Squawk is not installed: {INSTALL_HINT}"
        return [], [Note(what="unsafe operations in the new migrations", why=why)]
    problems: list[Problem] = []
    unread: dict[str, Note] = {}  # by path, for the first line of each
    for path, sql in scripts.items():
        for entry in _run(program, sql, path, root):
            if entry.rule_name != _SYNTAX:
                problems.append(_problem(entry, path))
            elif path not in unread:
                why = f"Squawk cannot read line {entry.line + 1}: {entry.message}"
                unread[path] = Note(what=f"unsafe operations in {path}", why=why)
    return problems, list(unread.values())


def _program() -> str | None:
    """Return Squawk's path: the one installed beside this package, else that on PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "squawk"
    return str(beside) if beside.is_file() else shutil.which("squawk")


def _run(program: str, sql: str, path: str, root: Path) -> list[_Reported]:
    command = [program, "--reporter", "json", f"--stdin-filepath={path}"]
    try:
        done = subprocess.run(  # noqa: S603 - a list of words that goes through no shell
            command, input=sql.encode(), capture_output=True, check=False, cwd=root, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"Squawk could not look at {path}: {error}") from error
    try:
        entries = msgspec.json.decode(done.stdout or b"[]", type=list[_Reported])
    except msgspec.DecodeError as error:
        raise _broken(done, path) from error
    if done.returncode not in _FOUND or (done.returncode and not entries):
        raise _broken(done, path)
    return entries


def _broken(done: subprocess.CompletedProcess[bytes], path: str) -> SourceError:
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
    return SourceError(f"Squawk could not look at {path}: {said}", hint="Look at .squawk.toml, if there is one.")


def _problem(entry: _Reported, path: str) -> Problem:
    return Problem(
        rule=f"{SQUAWK}{entry.rule_name}",
        severity=_SEVERITIES.get(entry.level, Severity.LOW),
        path=path,
        line=entry.line + 1,
        message=entry.message,
        help=entry.help or "",
        url=address(entry.rule_name),
    )
