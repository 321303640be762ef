"""What the next run makes of the journal that an interrupted update left."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from schema_sync.codebase import journal, recovery
from schema_sync.codebase.journal import Entry, Intent, Journal, Phase, Step, digest
from schema_sync.codebase.recovery import Settled
from schema_sync.errors import WriteError

TOKEN = "0123456789abcdef"
PATHS = ("a.py", "b.py", "new/c.py")
OLD = {"a.py": b"old a.py", "b.py": b"old b.py"}
NEW = {path: b"new " + path.encode() for path in PATHS}
COMPLETED = Settled(completed=True, paths=PATHS)
UNDONE = Settled(completed=False, paths=PATHS)


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def crash(root: Path, phase: Phase, renamed: int = 0) -> list[Step]:
    """Leave what an update leaves that is killed in *phase*, after *renamed* renames."""
    entries = tuple(
        Entry(path=path, new=digest(NEW[path]), old=digest(OLD[path]) if path in OLD else None) for path in PATHS
    )
    intent = Intent(token=TOKEN, entries=entries, folders=("new",))
    (root / "new").mkdir()
    with journal.make(root) as held:
        held.begin(intent)
        held.mark(phase)
    steps = intent.steps(root)
    for number, step in enumerate(steps):
        step.temporary.write_bytes(NEW[step.entry.path])
        if step.entry.old is not None:
            step.target.write_bytes(OLD[step.entry.path])
            step.backup.hardlink_to(step.target)
        if number < renamed:
            step.temporary.replace(step.target)
    return steps


@pytest.mark.parametrize(
    ("phase", "renamed", "expected"),
    [
        (Phase.STAGING, 0, UNDONE),
        (Phase.READY, 0, COMPLETED),
        (Phase.READY, 1, COMPLETED),
        (Phase.READY, 3, COMPLETED),
        (Phase.UNDOING, 0, UNDONE),
        (Phase.UNDOING, 2, UNDONE),
        (Phase.UNDOING, 3, UNDONE),
    ],
)
def test_the_phase_says_which_way(tmp_path, phase, renamed, expected):
    crash(tmp_path, phase, renamed)
    assert recovery.recover(tmp_path) == expected
    assert contents(tmp_path) == (NEW if expected.completed else OLD)
    assert (tmp_path / "new").exists() == expected.completed
    assert recovery.recover(tmp_path) is None


class TestALostOrForeignFile:
    """Back where forward is barred, and never over what the user wrote."""

    @pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"new")])
    @pytest.mark.parametrize("renamed", [0, 1, 2])
    def test_a_new_content_is_gone(self, tmp_path, renamed, damage):
        damage(crash(tmp_path, Phase.READY, renamed)[2].temporary)
        assert recovery.recover(tmp_path) == UNDONE
        assert contents(tmp_path) == OLD

    @pytest.mark.parametrize("phase", [Phase.READY, Phase.STAGING])
    def test_edited_before_its_rename(self, tmp_path, phase):
        steps = crash(tmp_path, phase, renamed=0 if phase is Phase.STAGING else 1)
        steps[1].target.write_bytes(b"mine")
        assert recovery.recover(tmp_path) == UNDONE
        assert contents(tmp_path) == OLD | {"b.py": b"mine"}

    def test_edited_after_its_rename(self, tmp_path):
        steps = crash(tmp_path, Phase.READY, renamed=1)
        steps[0].target.write_bytes(b"mine")
        assert recovery.recover(tmp_path) == COMPLETED
        assert contents(tmp_path) == NEW | {"a.py": b"mine"}

    def test_a_link_in_the_place_of_a_file(self, tmp_path):
        target = crash(tmp_path, Phase.READY)[0].target
        target.unlink()
        target.symlink_to("b.py")
        assert recovery.recover(tmp_path) == UNDONE
        assert target.is_symlink()
        assert (tmp_path / "b.py").read_bytes() == OLD["b.py"]

    @pytest.mark.parametrize("phase", [Phase.READY, Phase.UNDOING])
    def test_neither_way_is_open(self, tmp_path, phase):
        steps = crash(tmp_path, phase, renamed=1)
        steps[0].backup.unlink()
        steps[1].temporary.unlink()
        before = contents(tmp_path)
        with pytest.raises(WriteError, match=r"neither completed nor undone: a\.py$") as caught:
            recovery.recover(tmp_path)
        assert str(tmp_path / journal.NAME) in caught.value.hint
        assert contents(tmp_path) == before

    def test_a_folder_that_is_used_by_now_stays(self, tmp_path):
        crash(tmp_path, Phase.STAGING)
        (tmp_path / "new/mine.py").write_bytes(b"")
        assert recovery.recover(tmp_path) == UNDONE
        assert contents(tmp_path) == OLD | {"new/mine.py": b""}


class TestAJournalThatIsNotFollowed:
    @pytest.mark.parametrize("length", [1, 20, -3, -2])
    def test_cut_off_while_it_was_written(self, tmp_path, length):
        crash(tmp_path, Phase.STAGING)
        path = tmp_path / journal.NAME
        path.write_bytes(path.read_bytes()[:length])
        assert recovery.recover(tmp_path) == Settled(completed=False, paths=())
        assert not path.exists()

    def test_empty(self, tmp_path):
        (tmp_path / journal.NAME).touch()
        assert recovery.recover(tmp_path) is None
        assert contents(tmp_path) == {}

    @pytest.mark.parametrize(
        "change",
        [
            {"version": 2},
            {"token": "../../../etc"},
            {"entries": [{"path": "/etc/passwd", "new": digest(b"")}]},
            {"entries": [{"path": "../x.py", "new": digest(b"")}]},
            {"entries": [{"path": "out/x.py", "new": digest(b"")}]},
            {"entries": [{"path": "", "new": digest(b"")}]},
            {"folders": ["out/folder"]},
            {"unknown": 1},
            {"entries": 1},
        ],
    )
    def test_of_another_version_or_hand(self, tmp_path, change):
        root = tmp_path / "root"
        root.mkdir()
        (tmp_path / "folder").mkdir()
        (root / "out").symlink_to(tmp_path)
        written = {"version": 1, "token": TOKEN, "entries": [{"path": "a.py", "new": digest(b"")}], **change}
        path = root / journal.NAME
        path.write_bytes(msgspec.json.encode(written) + b"\nU\n")
        with pytest.raises(WriteError, match="cannot be followed") as caught:
            recovery.recover(root)
        assert "version control" in caught.value.hint
        assert path.exists()
        assert (tmp_path / "folder").exists()

    @pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("elsewhere")])
    def test_no_regular_file(self, tmp_path, make):
        make(tmp_path / journal.NAME)
        with pytest.raises(WriteError, match=journal.NAME):
            recovery.recover(tmp_path)
        assert not (tmp_path / "elsewhere").exists()


class TestTheLock:
    def test_a_journal_removed_while_it_was_opened_is_left(self, tmp_path, monkeypatch):
        crash(tmp_path, Phase.STAGING)
        real = journal.fcntl.flock

        def flock(descriptor, operation):  # another process settles first
            (tmp_path / journal.NAME).unlink()
            real(descriptor, operation)

        monkeypatch.setattr(journal.fcntl, "flock", flock)
        assert journal.find(tmp_path) is None

    def test_it_is_free_when_its_owner_leaves(self, tmp_path, monkeypatch):
        monkeypatch.setattr(journal, "PATIENCE", 0)
        with journal.make(tmp_path) as held:
            with pytest.raises(WriteError, match="another update is running"):
                journal.find(tmp_path)
            assert held.is_empty()
        found = journal.find(tmp_path)
        assert isinstance(found, Journal)
        with found:
            found.remove()


def test_what_cannot_be_written_is_told(tmp_path, monkeypatch):
    crash(tmp_path, Phase.READY)

    def replace(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(WriteError, match=r"an interrupted update cannot be settled: .*Read-only") as caught:
        recovery.recover(tmp_path)
    assert "run any command again" in caught.value.hint
    monkeypatch.undo()
    assert recovery.recover(tmp_path) == COMPLETED
