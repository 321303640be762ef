"""A line on stderr that shows what takes longer than a second, and how far it is. Only a terminal shows it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from schema_sync.cli.streams import columns

DELAY_SECONDS, TICK_SECONDS = 1.0, 0.1
_WHEEL = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ERASE = "\r\x1b[K"  # ECMA-48, EL


class ProgressLine:
    """The line, from now on, for a program that is *doing* something. It is closed before anything is printed."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the line away."""
        self._ended.set()
        self._thread.join()

    def counted(self, steps: Sequence[Path]) -> Iterator[Path]:
        """Yield the migrations *steps*, and show how many are applied."""
        before = self._doing
        for number, step in enumerate(steps, start=1):
            self._doing = f"Replaying migrations: {number} of {len(steps)}"
            yield step
        self._doing = before

    def _draw(self) -> None:
        started, ticks = time.monotonic(), 0
        if self._ended.wait(DELAY_SECONDS):
            return
        try:
            while not self._ended.is_set():
                seconds = int(time.monotonic() - started)
                line = f"{_WHEEL[ticks % len(_WHEEL)]} {self._doing}, {seconds} s"
                sys.stderr.write(f"\r{line[: columns(sys.stderr.fileno()) - 1]}{_ERASE[1:]}")
                sys.stderr.flush()
                ticks += 1
                self._ended.wait(TICK_SECONDS)
            sys.stderr.write(_ERASE)
            sys.stderr.flush()
        except OSError:  # the terminal is gone: nobody watches
            return
