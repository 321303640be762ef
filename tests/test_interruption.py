"""An update ends all old or all new, whatever ends it, and the next command works.

Four kinds of evidence:

- *Every moment*, deterministic: a forked child kills itself (SIGKILL) right before its n-th call of the system, or
  halfway through a write, for every n until the update survives. Between two calls nothing changes on disk, so
  these are all the states that a kill can leave. (They are not all that a power failure can leave: that the disk
  keeps what was synced, and in which order, is taken on trust.)
- *Every moment of the recovery* too: for each of those states, the recovery is killed before its m-th call.
- *Ctrl-C at every line* of the writer: there Python ends, not the kernel, so ``finally`` and ``with`` count.
- *Real processes* (``python -m schema_sync update``) under SIGKILL, SIGTERM and SIGINT at random times.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crashing import CHECK, MANY, UPDATE, both, build, run, tree
from schema_sync import app
from schema_sync.codebase import journal
from schema_sync.codebase.journal import Entry, Intent, Phase, digest
from schema_sync.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = [sys.executable, "-m", "schema_sync"]
JOURNAL = ".schema-sync-journal"
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
"""For processes that are interrupted: what coverage does at their ends is not what is tested."""


def scenario(name: str, folder: Path) -> list[Any]:
    """Run a scenario of crashing.py in a process of one thread, which may fork."""
    program = [sys.executable, str(Path(__file__).with_name("crashing.py")), name, str(folder)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    rows: list[Any] = json.loads(done.stdout)
    return rows


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory if there is one (it makes no difference to a kill, and syncing costs nothing)."""
    ram = Path("/dev/shm")
    base = Path(tempfile.mkdtemp(prefix="interruption-", dir=ram if os.access(ram, os.W_OK) else None))
    base.chmod(0o755)  # for other users too
    yield base
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The project of many files before its update and after."""
    return both(tmp_path_factory.mktemp("trees"), MANY)


class TestEveryMoment:
    def test_the_command_killed_at_every_call(self, memory: Path) -> None:
        rows = scenario("whole", memory)
        assert {row["after"] for row in rows} == {"old", "new"}
        assert any(row["mixed"] for row in rows), "no kill fell between two renames: this test shows nothing"
        assert sum(row["killed"] for row in rows) == len(rows) - 1 > 80
        for row in rows:
            assert row["check"] == (1 if row["after"] == "old" else 0)
            assert (row["then"], row["synced"]) == (0, True)
            assert "Traceback" not in row["said"]
            if row["mixed"]:
                assert row["said"].startswith("an interrupted update was completed: schemas/enums.py, ")
        # once new, never old again: there is one moment at which the update counts as done
        assert [row["after"] for row in rows] == sorted((row["after"] for row in rows), reverse=True)

    def test_the_recovery_killed_at_every_call(self, memory: Path) -> None:
        seen = Counter(scenario("nested", memory))
        assert set(seen) == {"old", "new"}
        assert seen.total() > 200

    def test_ctrl_c_at_every_line(self, memory: Path) -> None:
        *interrupted, last = scenario("interrupted", memory)
        assert last == [0, "new"]
        assert {code for code, _ in interrupted} == {130}
        assert {after for _, after in interrupted} == {"old", "new"}
        assert len(interrupted) > 200


class TestRealProcesses:
    """Random moments of real processes: what the deterministic tests may have forgotten."""

    def attempt(self, root: Path, number: int, kind: signal.Signals) -> int:
        """Start an update and end it: every fourth at any time, the others soon after the journal appears."""
        process = subprocess.Popen(
            [*PROGRAM, *UPDATE], cwd=root, env=UNMEASURED, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if number % 4 == 0:
            time.sleep(random.uniform(0, 0.5))
        else:
            while process.poll() is None and not os.path.lexists(root / JOURNAL):
                time.sleep(0.0002)
            time.sleep(random.uniform(0, 0.04))
        process.send_signal(kind)
        return process.wait(timeout=150)

    @pytest.mark.parametrize(
        ("kind", "count", "codes"),
        [
            (signal.SIGKILL, 28, {0, -signal.SIGKILL}),
            (signal.SIGTERM, 6, {0, 143, -signal.SIGTERM}),
            # before the command runs, Python itself ends: by the signal, or with 1 where it imports site
            (signal.SIGINT, 6, {0, 130, -signal.SIGINT, 1}),
        ],
        ids=["kill", "terminate", "ctrl-c"],
    )
    def test_all_old_or_all_new(
        self, tmp_path: Path, trees: tuple[Any, Any], kind: signal.Signals, count: int, codes: set[int]
    ) -> None:
        old, new = trees
        halfway = 0
        for number in range(count):
            root = tmp_path / str(number)
            build(root, MANY)
            code = self.attempt(root, number, kind)
            assert code in codes
            halfway += (root / JOURNAL).exists()
            check, out, err = run(root, *CHECK)
            assert tree(root) == (new if check == 0 else old), f"{number}: {kind.name}, {code}, {out}{err}"
            if check and number % 3 == 0:
                assert run(root, *UPDATE)[0] == 0
                assert tree(root) == new
        assert halfway or kind is not signal.SIGKILL, "no kill fell within the writing: this test shows nothing"

    def test_two_at_once_do_not_mix(self, tmp_path: Path, trees: tuple[Any, Any]) -> None:
        for number in range(3):
            root = tmp_path / str(number)
            build(root, MANY)
            pair = [
                subprocess.Popen([*PROGRAM, *UPDATE], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for _ in range(2)
            ]
            said = [process.communicate(timeout=150)[1].decode() for process in pair]
            assert sorted(process.returncode for process in pair) in ([0, 0], [0, 2]), said
            for process, text in zip(pair, said, strict=True):
                if process.returncode:
                    assert "while the update was prepared" in text or "while this one was prepared" in text
                    assert "Hint: Nothing was changed. Run the command again." in text
            assert tree(root) == trees[1]


class TestALiveUpdate:
    """A journal whose owner lives is left alone."""

    def test_others_wait_then_say_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        build(tmp_path)
        monkeypatch.setattr(journal, "PATIENCE", 0.1)
        with journal.make(tmp_path) as held:
            entry = Entry(path="schemas/enums.py", new=digest(b"x"), old=digest(b"y"))
            held.begin(Intent(token="0" * 16, entries=(entry,)))
            held.mark(Phase.READY)
            content = held.path.read_bytes()
            for arguments in (CHECK, UPDATE, ("diff", *UPDATE[1:]), ("report", *UPDATE[1:])):
                code, out, err = run(tmp_path, *arguments)
                assert (code, out) == (2, "")
                assert err.startswith("Error: another update is running in ")
            assert held.path.read_bytes() == content

    def test_a_short_one_is_waited_for(self, tmp_path: Path) -> None:
        build(tmp_path)
        held = journal.make(tmp_path)

        def end() -> None:
            with held:
                held.remove()

        timer = threading.Timer(0.3, end)
        timer.start()
        code, _, err = run(tmp_path, *CHECK)
        timer.join()
        assert code == 1
        assert "interrupted" not in err

    def test_a_file_that_was_changed_meanwhile_is_not_written_over(self, tmp_path: Path) -> None:
        build(tmp_path)
        project = app.open_project(tmp_path, source="snapshot:db.json")
        planned = app.plan(project, app.check(project))
        edited = tmp_path / "schemas/rows/cats.py"
        edited.write_text(edited.read_text() + "# by hand\n")
        before = tree(tmp_path)
        with pytest.raises(WriteError, match=r"^schemas/rows/cats\.py: it was changed by someone else"):
            app.write(project, planned)
        assert tree(tmp_path) == before


class TestReadingMeanwhile:
    """Who reads while an update writes sees it wholly or not at all."""

    @pytest.mark.parametrize("half", ["before", "after"])
    def test_a_check_reads_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: str) -> None:
        build(tmp_path)
        real, calls = app.read_code, []

        def read_code(project: app.Project) -> Any:
            calls.append(project)
            if len(calls) > 1:  # the update's own, and then the second attempt
                return real(project)
            found = real(project) if half == "after" else None
            assert run(tmp_path, *UPDATE)[0] == 0
            return found or real(project)

        monkeypatch.setattr(app, "read_code", read_code)
        assert run(tmp_path, *CHECK)[0] == 0
        assert len(calls) == 3

    def test_a_check_settles_what_is_killed_while_it_reads(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build(tmp_path)
        real, calls = app.read_code, []

        def read_code(project: app.Project) -> Any:
            calls.append(project)
            if len(calls) == 1:
                with journal.make(tmp_path) as held:
                    held.begin(Intent(token="0" * 16, entries=(Entry(path="schemas/x.py", new=digest(b"x")),)))
            return real(project)

        monkeypatch.setattr(app, "read_code", read_code)
        code, _, err = run(tmp_path, *CHECK)
        assert (code, len(calls)) == (1, 2)
        assert "an interrupted update was undone: schemas/x.py\n" in err

    def test_an_update_is_not_planned_on_what_has_changed(self, tmp_path: Path) -> None:
        build(tmp_path)
        project = app.open_project(tmp_path, source="snapshot:db.json")
        outcome = app.check(project)
        assert run(tmp_path, *UPDATE)[0] == 0
        with pytest.raises(WriteError, match="another update was running while this one was prepared"):
            app.plan(project, outcome)


class TestTheMessage:
    @pytest.mark.parametrize("quiet", [(), ("-q",)])
    def test_is_a_line_on_stderr_and_comes_once(self, tmp_path: Path, quiet: tuple[str, ...]) -> None:
        build(tmp_path)
        with journal.make(tmp_path) as held:
            held.begin(Intent(token="0" * 16, entries=(Entry(path="schemas/x.py", new=digest(b"x")),)))
        _, out, err = run(tmp_path, *quiet, *CHECK)
        assert err.splitlines()[0] == "an interrupted update was undone: schemas/x.py"
        assert "interrupted" not in out
        assert "interrupted" not in run(tmp_path, *quiet, *CHECK)[2]

    def test_comes_even_if_the_command_then_fails(self, tmp_path: Path) -> None:
        build(tmp_path)
        (tmp_path / JOURNAL).write_bytes(b'{"version":1,"tok')
        code, _, err = run(tmp_path, "check", "--source", "snapshot:none.json")
        assert code == 3
        assert err.startswith("an interrupted update was undone: it had not begun\n")
        assert not (tmp_path / JOURNAL).exists()


class TestForbidden:
    def test_read_only_file_folder_and_project(self, memory: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can become another user; root itself no permission binds")
        rows = scenario("forbidden", memory)
        says = {
            "schemas/enums.py": "Error: schemas/enums.py: it is read-only\nHint: Make it writable",
            "schemas/rows": "Error: schemas/rows/birds.py: cannot be written: Permission denied (folder ",
            ".": f"{JOURNAL}: cannot be written: Permission denied\nHint: Nothing was changed. Check the folder's",
        }
        for row in rows:
            code, out, err = row["update"]
            assert (row["code"], row["unchanged"], code, out) == (0, True, 2, "")
            assert says[row["name"]] in err
            assert row["check"][0] == 1, "a project that is read-only can still be checked"


@contextmanager
def disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of a few kilobytes."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a tmpfs cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(tmp_path: Path) -> None:
    old, new = both(tmp_path / "trees")
    with disk(tmp_path / "disk", 512) as small:
        codes: list[int] = []
        while 0 not in codes:
            root = small / f"n{len(codes)}"
            shutil.copytree(tmp_path / "trees/old", root)
            free = os.statvfs(small).f_bavail * os.statvfs(small).f_frsize
            (small / "filler").write_bytes(bytes(max(0, free - 4096 * len(codes))))
            code, _, err = run(root, *UPDATE)
            codes.append(code)
            if code:
                assert "cannot be written: No space left on device\nHint: Nothing was changed." in err
            assert tree(root) == (old if code else new)
            (small / "filler").unlink()
            shutil.rmtree(root)
    assert codes.count(2) > 3
