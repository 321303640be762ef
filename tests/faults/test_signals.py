"""A signal ends a command with 128 and its number, whenever it comes, and leaves nothing behind.

Deterministic first: a signal that the process sends itself at its n-th import, or at the n-th line of what changes
files, for every n (or every k-th, where there are thousands). Then real processes at random moments.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from crashing import CHECK, TABLES, UPDATE, both, build, run, tree
from schema_sync.codebase import atomic_write

pytestmark = pytest.mark.thorough

UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

IMPORTING = """
import os, sys
class Sending:
    left = int(os.environ["AT"])
    begun = False
    def find_spec(self, name, path=None, target=None):
        Sending.begun = Sending.begun or name == "schema_sync.cli"
        Sending.left -= Sending.begun
        if Sending.left == 0:
            os.kill(os.getpid(), int(os.environ["NUMBER"]))
        return None
sys.meta_path.insert(0, Sending())
"""
"""Sends a signal at the n-th import of a module, counted from the first one that the entry makes."""
START = f"{IMPORTING}\nfrom schema_sync.entry import main; main()"


def sending(at: int, number: int) -> dict[str, str]:
    return UNMEASURED | {"AT": str(at), "NUMBER": str(int(number))}


def left_behind(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in root.rglob(".schema-sync*")]


class TestImports:
    @pytest.mark.parametrize("number", ENDING)
    def test_at_every_import(self, tmp_path: Path, number: signal.Signals) -> None:
        """``--version`` imports what every command does; in ``check`` much more is imported within the command."""
        build(tmp_path)
        codes: dict[int, int] = {}
        at = step = 23 if number == signal.SIGINT else 61
        while codes.get(at - step) != 1:  # 1: the whole check ran, and found drift
            program = [sys.executable, "-c", START, *CHECK]
            environment = sending(at, number)
            done = subprocess.run(
                program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            codes[at] = done.returncode
            assert "Traceback" not in done.stderr, (at, done.stderr)
            assert "defect" not in done.stderr
            at += step
        assert set(codes.values()) == {128 + number, 1}
        assert len(codes) > 3
        assert left_behind(tmp_path) == []

    @pytest.mark.parametrize(
        "started", [["-m", "schema_sync"], ["scripts/sync_schema.py"]], ids=["module", "script"]
    )
    def test_a_signal_within_the_imports_of_other_entries(self, tmp_path: Path, started: list[str]) -> None:
        shutil.copytree(Path(__file__).parents[2] / "scripts", tmp_path / "scripts")
        (tmp_path / "sitecustomize.py").write_text(IMPORTING)
        for at in (1, 5, 15):
            environment = sending(at, signal.SIGINT) | {"PYTHONPATH": str(tmp_path)}
            done = subprocess.run(
                [sys.executable, *started, "--version"],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, done.stderr) == (130, "Interrupted.\n")

    def test_what_python_makes_of_an_interruption_is_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """``__set_name__`` turns every exception into a RuntimeError, before Python 3.12."""
        from schema_sync.usecases import check as checks

        def interrupted(*_: object, **__: object) -> None:
            raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

        build(tmp_path)
        monkeypatch.setattr(checks, "check", interrupted)
        code, _, err = run(tmp_path, *CHECK)
        assert (code, "defect" in err) == (130, False)

    @pytest.mark.parametrize("kind", ENDING)
    def test_one_that_comes_while_an_object_is_finalized_is_not_lost(self, kind: signal.Signals) -> None:
        """Python ignores what ``__del__`` raises."""
        program = f"""
import os, time
from schema_sync import cli, entry
class Dying:
    def __del__(self):
        os.kill(os.getpid(), {int(kind)})
        time.sleep(0.001)
def main():
    Dying()
    for _ in range(3000):
        time.sleep(0.01)
cli.main = main
entry.main()
"""
        done = subprocess.run(
            [sys.executable, "-c", program], env=UNMEASURED, capture_output=True, text=True, check=False
        )
        assert done.returncode == 128 + kind
        assert "Traceback" not in done.stderr

    def test_an_error_that_a_signal_became_is_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As where a library is left in the middle of its work, and then complains of that."""
        from schema_sync.errors import SourceError
        from schema_sync.usecases import check as checks

        def interrupted(*_: object, **__: object) -> None:
            error = SourceError("the catalog could not be read: cannot exit pipeline mode while busy")
            error.__context__ = SystemExit(143)
            raise error

        build(tmp_path)
        monkeypatch.setattr(checks, "check", interrupted)
        assert run(tmp_path, *CHECK)[0] == 143

    def test_an_ignored_signal_stays_ignored(self, tmp_path: Path) -> None:
        """As ``nohup`` starts it."""
        build(tmp_path)
        program = [sys.executable, "-c", START, *CHECK]
        done = subprocess.run(
            program,
            cwd=tmp_path,
            env=sending(60, signal.SIGHUP),
            capture_output=True,
            check=False,
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
        )
        assert done.returncode == 1


def scenario(name: str, folder: Path, kind: signal.Signals, step: int, again: int = 0) -> list[Any]:
    """Run a scenario of signalling.py in a process of one thread, which may fork."""
    program = [sys.executable, str(Path(__file__).with_name("signalling.py")), name, str(folder)]
    words = [str(int(each)) for each in (kind, step, again)]
    done = subprocess.run([*program, *words], capture_output=True, text=True, check=True)
    rows: list[Any] = json.loads(done.stdout)
    return rows


class TestUpdates:
    @pytest.mark.parametrize(("kind", "step"), [(signal.SIGINT, 9), (signal.SIGTERM, 41), (signal.SIGHUP, 59)])
    def test_at_every_line_of_the_writer(self, tmp_path: Path, kind: signal.Signals, step: int) -> None:
        rows = scenario("updates", tmp_path, kind, step)
        assert [row for row in rows if row[3]] == []
        assert {state for _, _, state, _ in rows} == {"old", "new"}
        assert rows[-1][1:3] == [0, "new"]
        assert len(rows) > 10

    @pytest.mark.parametrize("gap", [1, 7, 30, 120])
    def test_a_second_ctrl_c_leaves_nothing_either(self, tmp_path: Path, gap: int) -> None:
        rows = scenario("updates", tmp_path, signal.SIGINT, 97, gap)
        assert [row for row in rows if row[3] or row[2] == "mixed"] == []
        assert {code for _, code, _, _ in rows} == {0, 130}

    def test_a_report_is_whole_or_as_it_was(self, tmp_path: Path) -> None:
        rows = scenario("reports", tmp_path, signal.SIGINT, 2)
        assert [row for row in rows if row[3]] == []
        assert {state for _, _, state, _ in rows} == {"old", "new"}

    def test_a_thread_is_left_alone(self, tmp_path: Path) -> None:
        """Only the main thread has handlers of signals."""
        import threading

        thread = threading.Thread(target=atomic_write.commit, args=(tmp_path, {"a.py": b"x"}))
        thread.start()
        thread.join()
        assert (tmp_path / "a.py").read_bytes() == b"x"

    def test_handlers_are_what_they_were(self, tmp_path: Path) -> None:
        before = [signal.getsignal(number) for number in ENDING]
        atomic_write.commit(tmp_path, {"a.py": b"x"})
        atomic_write.put(tmp_path / "b.txt", b"x")
        assert [signal.getsignal(number) for number in ENDING] == before


class TestServers:
    @pytest.mark.parametrize(("again", "step"), [(0, 83), (1, 11)], ids=["one", "a second one"])
    def test_at_every_step_of_a_server(self, tmp_path: Path, again: int, step: int) -> None:
        """None waits for what waits for us; every server's folder is gone a while later."""
        rows = scenario("servers", tmp_path, signal.SIGTERM, step, again)
        assert len(rows) > 15
        assert {code for _, code, _, _ in rows} <= {0, 128 + signal.SIGTERM}
        folders = [Path(folder) for _, _, _, left in rows for folder in left]
        assert folders
        for _ in range(200):
            if not any(folder.exists() for folder in folders):
                break
            time.sleep(0.05)
        assert [folder for folder in folders if folder.exists()] == []


class TestProcesses:
    """Real processes at random moments: what the deterministic tests may have forgotten."""

    @pytest.mark.parametrize("kind", ENDING)
    def test_updates(self, tmp_path: Path, kind: signal.Signals) -> None:
        old, new = both(tmp_path / "trees")
        for number in range(8):
            root = tmp_path / str(number)
            build(root, TABLES)
            process = subprocess.Popen(
                [sys.executable, "-m", "schema_sync", *UPDATE],
                cwd=root,
                env=UNMEASURED,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            for _ in range(number % 3 + 1):  # impatient users send it again
                time.sleep(random.uniform(0, 0.25))
                process.send_signal(kind)
            _, err = process.communicate(timeout=60)
            # before its first import the process is Python's own: it dies by the signal, or of it in its start (1)
            assert process.returncode in {0, 128 + kind, -kind, 1}, err
            assert process.returncode != 1 or not re.search(rb"schema_sync/(?!__init__|__main__|entry)", err), err
            assert left_behind(root) == []
            assert tree(root) in (old, new)

    def test_no_server_is_left(self, tmp_path: Path) -> None:
        (tmp_path / "supabase/migrations").mkdir(parents=True)
        (tmp_path / "supabase/migrations/20260101000000_a.sql").write_text("create table t (id int);")
        for number in range(6):
            process = subprocess.Popen(
                [sys.executable, "-m", "schema_sync", "check", "--source", "migrations"],
                cwd=tmp_path,
                env=UNMEASURED | {"TMPDIR": str(tmp_path)},  # which the keeper and the server get too
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            time.sleep(random.uniform(0.1, 0.9))
            process.send_signal(ENDING[number % 3])
            process.send_signal(ENDING[number % 3])
            process.communicate(timeout=60)
            assert process.returncode != 0  # which code it is, the other tests say
            assert not _alive(tmp_path)


def _alive(folder: Path) -> list[int]:
    """Return the processes with *folder* as their TMPDIR that are alive a while later."""
    mark, found = f"TMPDIR={folder}\0".encode(), list[int]()
    for _ in range(400):
        found = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _content(path)]
        if not found:
            break
        time.sleep(0.05)
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile, or is another user's
        return b""
