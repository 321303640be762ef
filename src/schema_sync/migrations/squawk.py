"""Unsafe operations, by Squawk: what locks a table for long, loses data, or breaks programs that still run.

Squawk is a separate program (``squawk-cli``), which reads the project's ``.squawk.toml``. It is run as Supabase
applies migrations: each file is a transaction, and the rules that do not matter then are off
(docs/decisions/squawk.md).
Authority: https://squawkhq.com/docs/rules, https://squawkhq.com/docs/cli.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from schema_sync.errors import SourceError
from schema_sync.migrations.problems import Problem
from schema_sync.model.findings import Note, Severity
from schema_sync.repository_files import read_text, toml_document
from schema_sync.rules.migrations import SQUAWK, SQUAWK_OFF, address

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


class _Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What of ``.squawk.toml`` decides how Squawk is run; there are more keys."""

    assume_in_transaction: bool | None = None
    included_rules: tuple[str, ...] = ()


def check_operations(
    scripts: Mapping[str, str], root: Path, turned_on: Collection[str]
) -> tuple[list[Problem], list[Note]]:
    """Return what Squawk finds in *scripts* (SQL by path below the project *root*), and what it could not read.

    The rules *turned_on* are not left out where they are off by default.

    Raises:
        SourceError: if Squawk is installed, but does not do its work.
    """
    if not scripts:
        return [], []
    program = _program()
    if program is None:
        why = f"Squawk is not installed: {INSTALL_HINT}"
        return [], [Note(what="unsafe operations in the new migrations", why=why)]
    settings = _settings(root)
    wrapped = ["--assume-in-transaction"] if settings.assume_in_transaction is None else []
    off = SQUAWK_OFF.keys() - {*turned_on, *(f"{SQUAWK}{name}" for name in settings.included_rules)}
    problems: list[Problem] = []
    unread: dict[str, Note] = {}  # by path, for the first line of each
    for path, sql in scripts.items():
        for entry in _run([program, *wrapped], sql, path, root):
            if entry.rule_name != _SYNTAX:
                problems += [found] if (found := _problem(entry, path)).rule not in off else []
            elif path not in unread:
                why = f"Squawk cannot read line {entry.line + 1}: {entry.message}"
                unread[path] = Note(what=f"unsafe operations in {path}", why=why)
    return problems, list(unread.values())


def _program() -> str | None:
    """Return Squawk's path: the one installed beside this package, else that on PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "squawk"
    return str(beside) if beside.is_file() else shutil.which("squawk")


def _settings(root: Path) -> _Settings:
    """Return what the ``.squawk.toml`` states that Squawk takes: the nearest, upwards from *root*.

    One that cannot be read is left to Squawk, which says so.
    """
    for folder in (root, *root.parents):
        file = folder / ".squawk.toml"
        if file.exists():
            try:
                return msgspec.convert(toml_document(read_text(file)), _Settings)
            except (OSError, ValueError):  # TextError, TOMLDecodeError and ValidationError are ValueErrors
                break
    return _Settings()


def _run(command: list[str], sql: str, path: str, root: Path) -> list[_Reported]:
    command = [*command, "--reporter", "json", f"--stdin-filepath={path}"]
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
