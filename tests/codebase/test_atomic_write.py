"""All files or none."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import ClassVar

import pytest

from schema_sync.codebase import atomic_write, folder_lock
from schema_sync.errors import WriteError


def tree(root: Path) -> dict[str, bytes | str]:
    return {
        str(p.relative_to(root)): str(p.readlink()) if p.is_symlink() else p.read_bytes() if p.is_file() else "dir"
        for p in sorted(root.rglob("*"))
    }


def contents(root: Path) -> dict[str, bytes | str]:
    return {path: content for path, content in tree(root).items() if content != "dir"}


def test_files_and_folders_are_made_and_replaced(tmp_path):
    (tmp_path / "a.py").write_bytes(b"old")
    (tmp_path / "a.py").chmod(0o640)
    atomic_write.commit(tmp_path, {})  # nothing to write
    old_mask = os.umask(0o027)
    try:
        atomic_write.commit(tmp_path, {"a.py": b"new", "x/y/b.py": b"b", "x/c.py": b"c"})
    finally:
        os.umask(old_mask)
    assert tree(tmp_path) == {"a.py": b"new", "x": "dir", "x/c.py": b"c", "x/y": "dir", "x/y/b.py": b"b"}
    assert stat.S_IMODE((tmp_path / "a.py").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "x/c.py").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.py").write_bytes(b"old")
    (tmp_path / "link.py").symlink_to("real.py")
    (tmp_path / "later.py").symlink_to("made.py")
    atomic_write.commit(tmp_path, {"link.py": b"new", "later.py": b"made"})
    assert tree(tmp_path) == {"later.py": "made.py", "link.py": "real.py", "made.py": b"made", "real.py": b"new"}


def test_one_file_under_two_names(tmp_path):
    (tmp_path / "real.py").write_bytes(b"old")
    (tmp_path / "link.py").symlink_to("real.py")
    atomic_write.commit(tmp_path, {"link.py": b"new", "real.py": b"new"})
    assert (tmp_path / "real.py").read_bytes() == b"new"
    with pytest.raises(WriteError, match="same file"):
        atomic_write.commit(tmp_path, {"link.py": b"1", "real.py": b"2"})


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x.py", "a/../../x.py", "out/x.py", "loop", "dir", "a\0b"])
def test_paths_that_are_refused(tmp_path, path):
    root = tmp_path / "root"
    (root / "dir").mkdir(parents=True)
    (root / "out").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    before = tree(tmp_path)
    with pytest.raises(WriteError):
        atomic_write.commit(root, {"good.py": b"x", path: b"x"})
    assert tree(tmp_path) == before


def test_a_read_only_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(WriteError, match=r"a\.py: it is read-only"):
        atomic_write.commit(tmp_path, {"a.py": b"new"})


class Failing:
    """Makes the n-th call of a function fail."""

    def __init__(self, real, number, error):
        self.real, self.left, self.error = real, number, error

    def __call__(self, *args, **kwargs):
        self.left -= 1
        if self.left == 0:
            raise self.error
        return self.real(*args, **kwargs)

    def __get__(self, instance, owner):
        return lambda *args, **kwargs: self(instance, *args, **kwargs)


def project(tmp_path):
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_bytes(b"old " + name.encode())
    return tree(tmp_path)


NEW = {"a.py": b"new", "deep/er/c.py": b"new", "b.py": b"new"}
FULL = OSError(28, "No space left on device")


CALLS = ("open", "write", "fsync", "link", "replace", "mkdir", "fchmod")


def outcome(root: Path) -> str:
    try:
        atomic_write.commit(root, NEW)
    except WriteError as error:
        return f"{error.message}\n{error.hint}"
    except KeyboardInterrupt:
        return "interrupted"
    return "done"


@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()])
@pytest.mark.parametrize("name", CALLS)
def test_a_failure_at_any_call_leaves_all_old_or_all_new(tmp_path, monkeypatch, error, name):
    said, failed = [], True
    while failed:
        root = tmp_path / str(len(said))
        root.mkdir()
        before = project(root)
        failing = Failing(getattr(os, name), len(said) + 1, error)
        monkeypatch.setattr(os, name, failing)
        said.append(outcome(root))
        monkeypatch.undo()
        failed = failing.left <= 0
        if said[-1] == "done":
            assert contents(root) == NEW
        else:
            assert said[-1] == "interrupted" or "cannot be written: No space left on device" in said[-1]
            assert tree(root) == before
    assert said[-1] == "done"
    if name != "link":  # for a link, a copy will do
        assert len(set(said)) > 1


def test_the_message_names_the_file_the_reason_and_the_next_step(tmp_path, monkeypatch):
    before = project(tmp_path)
    monkeypatch.setattr(os, "write", Failing(os.write, 2, FULL))
    with pytest.raises(WriteError) as caught:
        atomic_write.commit(tmp_path, NEW)
    assert caught.value.message == "deep/er/c.py: cannot be written: No space left on device"
    assert caught.value.hint.startswith("Nothing was changed. Check the folder's permissions and free space")
    assert tree(tmp_path) == before


def test_a_folder_without_permission_is_named(tmp_path, monkeypatch):
    before = project(tmp_path)
    monkeypatch.setattr(os, "open", Failing(os.open, 2, PermissionError(13, "Permission denied")))
    with pytest.raises(WriteError) as caught:
        atomic_write.commit(tmp_path, NEW)
    assert caught.value.message == f"a.py: cannot be written: Permission denied (folder {tmp_path})"
    assert tree(tmp_path) == before


def no_links(monkeypatch):
    def link(*_, **__):
        raise PermissionError(1, "no links")

    monkeypatch.setattr(os, "link", link)


@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_copies_bring_back_where_there_are_no_links(tmp_path, monkeypatch, error, number):
    before = project(tmp_path)
    monkeypatch.setattr(os, "replace", Failing(os.replace, number, error))
    no_links(monkeypatch)
    with pytest.raises((WriteError, KeyboardInterrupt)):
        atomic_write.commit(tmp_path, NEW)
    assert tree(tmp_path) == before


def test_copies_do_where_there_are_no_links(tmp_path, monkeypatch):
    project(tmp_path)
    no_links(monkeypatch)
    atomic_write.commit(tmp_path, NEW)
    assert contents(tmp_path) == NEW


def test_what_cannot_be_put_back_is_named_and_the_next_run_writes_the_rest(tmp_path, monkeypatch):
    project(tmp_path)
    real, done = os.replace, []

    def replace(source, target):
        if len(done) == 2:
            raise FULL
        done.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(WriteError) as caught:
        atomic_write.commit(tmp_path, NEW)
    monkeypatch.undo()
    assert caught.value.message == "a.py: the new content cannot be taken back: No space left on device"
    assert "it writes the rest" in caught.value.hint
    assert contents(tmp_path) == {"a.py": b"new", "b.py": b"old b.py"}


def test_trouble_after_the_last_rename_is_told_apart(tmp_path, monkeypatch):
    project(tmp_path)
    monkeypatch.setattr(os, "unlink", Failing(os.unlink, 2, FULL))
    with pytest.raises(WriteError, match="after all files were written") as caught:
        atomic_write.commit(tmp_path, NEW)
    monkeypatch.undo()
    assert "run the command again" in caught.value.hint
    assert {path: (tmp_path / path).read_bytes() for path in NEW} == NEW
    atomic_write.commit(tmp_path, {}, folders=[".", "deep/er"])
    assert contents(tmp_path) == NEW


class TestBetween:
    """A file that is written twice."""

    BETWEEN: ClassVar = {"a.py": b"between", "deep/er/c.py": b"between", "b.py": b"new"}

    def test_the_last_content_stays(self, tmp_path, monkeypatch):
        project(tmp_path)
        real, seen = os.replace, []

        def replace(source, target):
            real(source, target)
            seen.append((target.name, target.read_bytes()))

        monkeypatch.setattr(os, "replace", replace)
        atomic_write.commit(tmp_path, NEW, {"a.py": b"old a.py"}, between=self.BETWEEN)
        assert contents(tmp_path) == NEW
        assert seen == [
            ("a.py", b"between"),
            ("c.py", b"between"),
            ("b.py", b"new"),
            ("a.py", b"new"),
            ("c.py", b"new"),
        ]

    @pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()])
    @pytest.mark.parametrize("number", range(1, 6))
    def test_a_failure_puts_the_first_content_back(self, tmp_path, monkeypatch, error, number):
        before = project(tmp_path)
        monkeypatch.setattr(os, "replace", Failing(os.replace, number, error))
        with pytest.raises((WriteError, KeyboardInterrupt)):
            atomic_write.commit(tmp_path, NEW, between=self.BETWEEN)
        assert tree(tmp_path) == before


class TestLeftovers:
    """What a killed update left beside the files."""

    MARK = f".schema-sync-{'0f' * 8}"
    OURS = (f"{MARK}-0.new", f"deep/{MARK}-12.old")

    def leave(self, root: Path) -> None:
        project(root)
        (root / "deep").mkdir()
        for path in self.OURS:
            (root / path).write_bytes(b"left")

    def test_they_are_removed(self, tmp_path):
        self.leave(tmp_path)
        atomic_write.commit(tmp_path, {"a.py": b"new"}, folders=["deep", "missing"])
        assert contents(tmp_path) == {"a.py": b"new", "b.py": b"old b.py"}

    def test_only_from_folders_that_may_be_written_to(self, tmp_path):
        self.leave(tmp_path)
        atomic_write.commit(tmp_path, {"a.py": b"new"})
        assert contents(tmp_path) == {"a.py": b"new", "b.py": b"old b.py", self.OURS[1]: b"left"}

    def test_nothing_else_is_removed(self, tmp_path):
        root = tmp_path / "root"
        (root / f"{self.MARK}-1.new").mkdir(parents=True)
        (root / f"{self.MARK}-2.old").symlink_to("a.py")
        for name in (f"{self.MARK}.new", f"{self.MARK}-1.py", f"{self.MARK}-1.new.bak", f"x{self.MARK}-3.new"):
            (root / name).write_bytes(b"mine")
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / self.OURS[0]).write_bytes(b"of another project")
        (root / "linked").symlink_to(outside)
        before = tree(tmp_path)
        atomic_write.commit(root, {}, folders=[".", "linked", "../outside"])
        assert tree(tmp_path) == before

    def test_those_of_an_update_that_may_be_running_stay(self, tmp_path, monkeypatch):
        """Where there are no locks, nobody knows whether its process lives."""
        self.leave(tmp_path)
        monkeypatch.setattr(folder_lock.fcntl, "flock", no_locks)
        atomic_write.commit(tmp_path, {"a.py": b"new"})
        assert (tmp_path / "a.py").read_bytes() == b"new"
        assert (tmp_path / self.OURS[0]).exists()


def no_locks(*_):
    raise OSError(37, "No locks available")


class TestBefore:
    """What the caller took for the old content has to be the old content."""

    def test_holds(self, tmp_path):
        project(tmp_path)
        atomic_write.commit(tmp_path, NEW, {"a.py": b"old a.py", "deep/er/c.py": None, "b.py": b"old b.py"})
        assert contents(tmp_path) == NEW

    @pytest.mark.parametrize("believed", [{"a.py": b"other"}, {"a.py": None}, {"deep/er/c.py": b"was there"}])
    def test_does_not_hold(self, tmp_path, believed):
        before = project(tmp_path)
        with pytest.raises(WriteError, match="was changed by someone else"):
            atomic_write.commit(tmp_path, NEW, believed)
        assert tree(tmp_path) == before

    def test_holds_no_more_when_all_is_staged(self, tmp_path, monkeypatch):
        project(tmp_path)
        real = os.link

        def link(source, target):  # an editor saves while we rename
            real(source, target)
            (tmp_path / "b.py").write_bytes(b"edited")

        monkeypatch.setattr(os, "link", link)
        with pytest.raises(WriteError, match=r"^b\.py: it was changed by someone else"):
            atomic_write.commit(tmp_path, NEW)
        assert tree(tmp_path) == {"a.py": b"old a.py", "b.py": b"edited"}

    @pytest.mark.parametrize("how", ["unlink", "symlink"])
    def test_a_file_that_is_none_any_more(self, tmp_path, monkeypatch, how):
        project(tmp_path)
        real = os.fsync

        def fsync(descriptor):
            real(descriptor)
            (tmp_path / "b.py").unlink(missing_ok=True)
            if how == "symlink":
                (tmp_path / "b.py").symlink_to("a.py")

        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(WriteError, match=r"^b\.py: it was changed by someone else"):
            atomic_write.commit(tmp_path, {"a.py": b"new", "b.py": b"new"}, {"b.py": b"old b.py"})
        assert (tmp_path / "a.py").read_bytes() == b"old a.py"
        assert (tmp_path / "b.py").is_symlink() == (how == "symlink")

    def test_a_file_that_was_edited_after_its_rename_is_not_put_back(self, tmp_path, monkeypatch):
        project(tmp_path)
        real = os.replace

        def replace(source, target):
            if target.name == "b.py":
                (tmp_path / "a.py").write_bytes(b"edited")
                raise FULL
            real(source, target)

        monkeypatch.setattr(os, "replace", replace)
        with pytest.raises(WriteError):
            atomic_write.commit(tmp_path, NEW)
        assert tree(tmp_path) == {"a.py": b"edited", "b.py": b"old b.py"}


class TestWhatAFileIs:
    """Its mode, owner and links."""

    def test_of_hard_links_one_name_is_replaced(self, tmp_path):
        project(tmp_path)
        (tmp_path / "other.py").hardlink_to(tmp_path / "a.py")
        atomic_write.commit(tmp_path, NEW)
        assert (tmp_path / "a.py").read_bytes() == b"new"
        assert (tmp_path / "other.py").read_bytes() == b"old a.py"

    @pytest.mark.parametrize("fail", [False, True])
    def test_mode_and_owner_stay(self, tmp_path, monkeypatch, as_root, fail):
        project(tmp_path)
        os.chown(tmp_path / "a.py", 1234, 4321)
        (tmp_path / "a.py").chmod(0o2754)
        if fail:  # put back, it is the very file
            monkeypatch.setattr(os, "replace", Failing(os.replace, 3, FULL))
            with pytest.raises(WriteError):
                atomic_write.commit(tmp_path, NEW)
        else:
            atomic_write.commit(tmp_path, NEW)
        found = (tmp_path / "a.py").stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1234, 4321, 0o2754)

    @pytest.mark.parametrize("group_too", [True, False])
    def test_a_foreign_owner_becomes_the_user_the_group_stays_if_it_may(
        self, tmp_path, monkeypatch, as_root, group_too
    ):
        project(tmp_path)
        os.chown(tmp_path / "a.py", 1234, 4321)
        real = os.chown

        def chown(descriptor, user, group):
            if user != -1 or not group_too:
                raise PermissionError(1, "Operation not permitted")
            real(descriptor, user, group)

        monkeypatch.setattr(os, "chown", chown)
        atomic_write.commit(tmp_path, NEW)
        found = (tmp_path / "a.py").stat()
        assert (found.st_uid, found.st_gid) == (os.geteuid(), 4321 if group_too else os.getegid())
