"""Updates that are sent a signal at a chosen line of what changes files. Run as a script: it forks, see crashing.py.

Prints rows of what was seen as JSON: line, exit code, what the project is then, and what was left behind.
"""

from __future__ import annotations

import concurrent.futures._base
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from crashing import UPDATE, both, build, forked, tree
from schema_sync import entry
from schema_sync.codebase import atomic_write, folder_lock, interruptions
from schema_sync.replay import confinement, embedded_server, supervisor

Row = tuple[int, int, str, list[str]]


def left_behind(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in root.rglob(".schema-sync*")]


def send_at(number: int, kind: int, *, again: int = 0) -> None:
    """Send this process the signal *kind* at the *number*-th line that the writer's modules execute.

    With *again* once more that many lines later.
    """
    watched = {module.__file__ for module in (atomic_write, folder_lock, interruptions)}
    left = number

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in watched:
            return None
        if event == "line":
            left -= 1
            if left == 0 or (again and left == -again):
                os.kill(os.getpid(), kind)
        return trace

    sys.settrace(trace)


def _update(root: Path, at: int, kind: int, again: int) -> int:
    """Run an update in a child that has the handlers of the entry, as a process of the command has."""

    def action() -> int:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.default_int_handler if each == signal.SIGINT else signal.SIG_DFL)
        os.chdir(root)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        sys.argv = ["schema-sync", *UPDATE]
        send_at(at, kind, again=again)
        try:
            entry.main()
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return forked(action)


def updates(folder: Path, kind: int, step: int, again: int) -> list[Row]:
    """An update with a signal at every *step*-th line, until one ends by itself."""
    old, new = both(folder / "trees")
    rows: list[Row] = []
    at, code = 1, 128 + kind
    while code == 128 + kind:
        root = folder / "root"
        build(root)
        code = _update(root, at, kind, again)
        now = tree(root)
        rows.append((at, code, "old" if now == old else "new" if now == new else "mixed", left_behind(root)))
        shutil.rmtree(root)
        at += step
    return rows


def reports(folder: Path, kind: int, step: int, again: int) -> list[Row]:
    """A report that is written over another one, with a signal at every *step*-th line."""
    rows: list[Row] = []
    for at in range(1, 70, step):
        target = folder / "report.md"
        target.write_bytes(b"old")

        def action(at: int = at, target: Path = target) -> int:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            send_at(at, kind, again=again)
            atomic_write.put(target, b"new")
            return 0

        code = forked(action)
        rows.append((at, code, target.read_text(), left_behind(folder)))
    return rows


def _from_a_signal(error: BaseException | None) -> bool:
    """Return whether *error* is a signal's, or what a library made of it."""
    return error is not None and (isinstance(error, SystemExit) or _from_a_signal(error.__context__))


def servers(folder: Path, kind: int, step: int, again: int) -> list[Row]:
    """A server that is sent a signal at every *step*-th instruction of its start and end.

    With *again*, one is sent when it runs, and a second one at every *step*-th instruction from then on.
    """
    modules = (supervisor, confinement, contextlib, subprocess, threading, concurrent.futures._base)
    watched = {module.__file__ for module in modules}
    rows: list[Row] = []
    at, ended = 1, False
    while not ended:
        report = folder / str(at)

        def action(at: int = at, report: Path = report) -> int:
            signal.alarm(60)
            signal.signal(kind, lambda *_: sys.exit(128 + kind))
            left = None if again else at

            def trace(frame: Any, event: str, _: object) -> Any:
                nonlocal left
                if frame.f_code.co_filename not in watched:
                    return None
                frame.f_trace_opcodes = True
                if event == "opcode" and left is not None:
                    left -= 1
                    if left == 0:
                        os.kill(os.getpid(), kind)
                return trace

            sys.settrace(trace)
            try:
                with embedded_server.server() as running:
                    report.write_text(str(running.folder))
                    if again:
                        left = at
                        os.kill(os.getpid(), kind)
            except BaseException as error:
                if not _from_a_signal(error):
                    raise
                return 128 + kind
            finally:
                sys.settrace(None)
                report.with_suffix(".left").write_text("all" if left is not None and left > 0 else "")
            return 0

        code = forked(action)
        ended = report.with_suffix(".left").read_text() == "all"
        rows.append((at, code, "", [report.read_text()] if report.exists() else []))
        at += step
    return rows


if __name__ == "__main__":
    scenario = {f.__name__: f for f in (updates, reports, servers)}[sys.argv[1]]
    json.dump(scenario(Path(sys.argv[2]), *map(int, sys.argv[3:])), sys.stdout)
