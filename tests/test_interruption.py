"""An error or a signal puts an update back; a kill leaves code that imports, and the next update writes the rest.

Two kinds of evidence:

- *Every moment*, deterministic: a forked child kills itself (SIGKILL) right before its n-th call of the system, or
  halfway through a write, for every n until the update survives. Between two calls nothing changes on disk, so
  these are all the states that a kill can leave. (They are not all that a power failure can leave: that the disk
  keeps what was synced, and in which order, is taken on trust.)
- *Real processes* (``python -m schema_sync update``) under SIGKILL, SIGTERM and SIGINT at random times.
"""

from __future__ import annotations

import errno
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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crashing import CHECK, MANY, UPDATE, both, build, run, tree
from schema_sync.codebase import atomic_write, chosen_files, folder_lock
from schema_sync.errors import WriteError
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = [sys.executable, "-m", "schema_sync"]
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
"""For processes that are interrupted: what coverage does at their ends is not what is tested."""


def scenario(name: str, folder: Path, *options: str) -> list[Any]:
    """Run a scenario of crashing.py in a process of one thread, which may fork."""
    program = [sys.executable, str(Path(__file__).with_name("crashing.py")), name, str(folder), *options]
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


def left_behind(root: Path) -> bool:
    """Whether temporary files are beside the rows."""
    return any((root / "schemas/rows").glob(".schema-sync-*"))


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The project of many files before its update and after."""
    return both(tmp_path_factory.mktemp("trees"), MANY)


@pytest.mark.thorough
class TestEveryMoment:
    """The files import one another; names come, with ``--prune`` others go from the same files."""

    @pytest.mark.parametrize(
        ("options", "code", "states"),
        [
            (("names",), 1, 5),
            (("names", "--prune"), 0, 8),
            (("packages",), 1, 8),
            (("packages", "--prune"), 0, 11),
        ],
    )
    def test_killed_at_every_call(self, memory: Path, options: tuple[str, ...], code: int, states: int) -> None:
        rows = scenario("stops", memory, *options)
        assert sum(row["killed"] for row in rows) == len(rows) - 1 > 40
        assert {row["fault"] for row in rows} == {""}, "the code of a state in between does not import"
        assert len({row["state"] for row in rows}) == states, (
            "a state was not seen: this test shows less than it says"
        )
        assert {row["then"] for row in rows} == {code}
        assert [row for row in rows if not row["same"]] == []
        assert not any("Traceback" in row["said"] for row in rows)


class TestRealProcesses:
    """Random moments of real processes: what the deterministic tests may have forgotten."""

    def attempt(self, root: Path, number: int, kind: signal.Signals) -> int:
        """Start an update and end it: every fourth at any time, the others soon after it begins to write."""
        process = subprocess.Popen(
            [*PROGRAM, *UPDATE], cwd=root, env=UNMEASURED, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if number % 4 == 0:
            time.sleep(random.uniform(0, 0.5))
        else:
            while process.poll() is None and not left_behind(root):
                time.sleep(0.0002)
            time.sleep(random.uniform(0, 0.03))
        process.send_signal(kind)
        return process.wait(timeout=150)

    @pytest.mark.thorough
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
    def test_the_next_update_writes_the_rest(
        self, tmp_path: Path, trees: tuple[Any, Any], kind: signal.Signals, count: int, codes: set[int]
    ) -> None:
        old, new = trees
        halfway = 0
        for number in range(count):
            root = tmp_path / str(number)
            build(root, MANY)
            code = self.attempt(root, number, kind)
            assert code in codes
            now = tree(root)
            mixed = now not in (old, new)
            halfway += mixed
            for path in (path for path in old if path.endswith(".py")):
                assert now[path] in (old[path], new[path]), "a file is half written"
            if kind is not signal.SIGKILL:
                assert not mixed
            check, out, err = run(root, *CHECK)
            assert check in {0, 1}, f"{number}: {out}{err}"
            if mixed or number % 3 == 0:
                assert run(root, *UPDATE)[0] == 0
                assert tree(root) == new
        assert halfway or kind is not signal.SIGKILL, "no kill fell within the writing: this test shows nothing"

    @pytest.mark.thorough
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
    """The folder is locked while an update writes, and while a check reads files."""

    def test_others_wait_then_say_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        build(tmp_path)
        monkeypatch.setattr(folder_lock, "PATIENCE", 0.1)
        before = tree(tmp_path)
        with folder_lock.held(tmp_path):
            for arguments in (CHECK, UPDATE, ("diff", *UPDATE[1:]), ("report", *UPDATE[1:])):
                code, out, err = run(tmp_path, *arguments)
                assert (code, out) == (2, "")
                assert err.startswith("Error: another update is running in ")
        assert tree(tmp_path) == before

    def test_a_short_one_is_waited_for(self, tmp_path: Path) -> None:
        build(tmp_path)
        lock = ExitStack()
        lock.enter_context(folder_lock.held(tmp_path))
        timer = threading.Timer(0.3, lock.close)
        timer.start()
        code, _, _ = run(tmp_path, *CHECK)
        timer.join()
        assert code == 1

    def test_an_update_waits_for_who_reads(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(folder_lock, "PATIENCE", 0.1)
        with folder_lock.held(tmp_path, shared=True):
            with folder_lock.held(tmp_path, shared=True) as is_locked:
                assert is_locked, "two may read"
            with pytest.raises(WriteError, match="another update is running"):
                atomic_write.commit(tmp_path, {"a.py": b"x"})
        atomic_write.commit(tmp_path, {"a.py": b"x"})

    def test_without_locks_all_works(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As on some network file systems."""

        def refuse(*_: object) -> None:
            raise OSError(errno.EBADF, "Bad file descriptor")

        monkeypatch.setattr(folder_lock.fcntl, "flock", refuse)
        build(tmp_path)
        assert [run(tmp_path, *words)[0] for words in (CHECK, UPDATE, CHECK)] == [1, 0, 0]

    def test_a_file_that_was_changed_meanwhile_is_not_written_over(self, tmp_path: Path) -> None:
        build(tmp_path)
        project = projects.open_project(tmp_path, source="snapshot:db.json")
        planned = updates.plan(project, checks.check(project))
        edited = tmp_path / "schemas/rows/cats.py"
        edited.write_text(edited.read_text() + "# by hand\n")
        before = tree(tmp_path)
        with pytest.raises(WriteError, match=r"^schemas/rows/cats\.py: it was changed by someone else"):
            updates.write(project, planned)
        assert tree(tmp_path) == before


class TestReadingMeanwhile:
    """Who reads while an update writes sees it wholly or not at all."""

    def test_a_check_that_begins_when_an_update_is_half_done(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build(tmp_path, MANY)
        project = projects.open_project(tmp_path, source="snapshot:db.json")
        planned = updates.plan(project, checks.check(project))
        real, renamed, checked = os.replace, list[str](), list[checks.Outcome]()
        thread = threading.Thread(target=lambda: checked.append(checks.check(project)))

        def replace(source: str, target: str) -> None:
            real(source, target)
            renamed.append(target)
            if len(renamed) == 3:
                thread.start()
            time.sleep(0.02)

        monkeypatch.setattr(os, "replace", replace)
        updates.write(project, planned)
        assert not checked, "it was over before the update: this test shows nothing"
        thread.join()
        assert checked[0].report.findings == ()

    def test_an_update_waits_until_a_check_has_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        build(tmp_path)
        project = projects.open_project(tmp_path, source="snapshot:db.json")
        planned = updates.plan(project, checks.check(project))
        before, real = tree(tmp_path), chosen_files.collect
        thread = threading.Thread(target=updates.write, args=(project, planned))

        def collect(*arguments: Any) -> Any:
            if thread.ident is None:  # files are collected for classes, and for queries
                thread.start()
            time.sleep(0.3)
            assert tree(tmp_path) == before
            return real(*arguments)

        monkeypatch.setattr(chosen_files, "collect", collect)
        assert checks.check(project).report.findings
        thread.join()
        assert tree(tmp_path) != before

    def test_an_update_is_not_planned_on_what_has_changed(self, tmp_path: Path) -> None:
        build(tmp_path)
        project = projects.open_project(tmp_path, source="snapshot:db.json")
        outcome = checks.check(project)
        assert run(tmp_path, *UPDATE)[0] == 0
        with pytest.raises(WriteError, match="another update was running while this one was prepared"):
            updates.plan(project, outcome)


class TestForbidden:
    def test_read_only_file_folder_and_project(self, memory: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can become another user; root itself no permission binds")
        rows = scenario("forbidden", memory)
        says = {
            "schemas/enums.py": "Error: schemas/enums.py: it is read-only\nHint: Make it writable",
            "schemas/rows": "Error: schemas/rows/birds.py: cannot be written: Permission denied (folder ",
            ".": "app/__init__.py: cannot be written: Permission denied (folder ",
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
