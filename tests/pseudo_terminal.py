"""A terminal of a fixed width for a command that runs in this process, and what is shown there, to be compared."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from schema_sync import cli

WIDTHS = (60, 80, 140)
_PROGRESS = re.compile(r"(\r[^\r\n]*\x1b\[K)+")
_SEQUENCES = re.compile(r"\x1b\[([0-9;]*)m|\x1b\]8;[^;]*;([^\x1b]*)\x1b\\")


@contextmanager
def opened(columns: int) -> Generator[tuple[int, list[bytes]]]:
    """A terminal's descriptor and, once it is closed, what was written to it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    parts: list[bytes] = []
    reader = threading.Thread(target=_read, args=(ours, parts))
    reader.start()
    try:
        yield theirs, parts
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)


def _read(descriptor: int, parts: list[bytes]) -> None:
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # Linux: the other end is closed
            return
        if not part:
            return
        parts.append(part)


def prepared(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    """An environment in which only *environment* says how a terminal is written to."""
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm-256color"} | environment).items():
        monkeypatch.setenv(name, value)


def run(monkeypatch: pytest.MonkeyPatch, columns: int, *arguments: str) -> tuple[int, str]:
    """The exit code of a command on a terminal, and all that it showed there; progress is left out."""
    with (
        opened(columns) as (descriptor, parts),
        monkeypatch.context() as patched,
        open(descriptor, "w", encoding="utf-8", closefd=False) as out,
        open(descriptor, "w", encoding="utf-8", closefd=False) as err,
    ):
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        code = cli.run([*arguments])
    return code, _PROGRESS.sub("", b"".join(parts).decode().replace("\r\n", "\n"))


def plain(shown: str) -> str:
    """The text without its sequences."""
    return _SEQUENCES.sub("", shown)


def legible(shown: str, root: Path) -> str:
    """The text with its sequences as words: ``‹31›`` begins a style, ``‹schemas/enums.py›`` a link, ``‹›`` ends one."""

    def word(match: re.Match[str]) -> str:
        if match[1] is not None:
            return f"‹{match[1] if match[1] != '0' else ''}›"
        return f"‹{match[2].removeprefix(root.as_uri()).removeprefix('/')}›"

    return _SEQUENCES.sub(word, shown)
