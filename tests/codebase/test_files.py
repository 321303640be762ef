"""All files or none."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from schema_sync.codebase import files
from schema_sync.errors import WriteError


def tree(root: Path) -> dict[str, bytes | str]:
    return {
        str(p.relative_to(root)): str(p.readlink()) if p.is_symlink() else p.read_bytes() if p.is_file() else "dir"
        for p in sorted(root.rglob("*"))
    }


def test_files_and_folders_are_made_and_replaced(tmp_path):
    (tmp_path / "a.py").write_bytes(b"old")
    (tmp_path / "a.py").chmod(0o640)
    old_mask = os.umask(0o027)
    try:
        files.commit(tmp_path, {"a.py": b"new", "x/y/b.py": b"b", "x/c.py": b"c"})
    finally:
        os.umask(old_mask)
    assert tree(tmp_path) == {"a.py": b"new", "x": "dir", "x/c.py": b"c", "x/y": "dir", "x/y/b.py": b"b"}
    assert stat.S_IMODE((tmp_path / "a.py").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "x/c.py").stat().st_mode) == 0o640


def test_nothing_to_write(tmp_path):
    files.commit(tmp_path, {})
    assert tree(tmp_path) == {}


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.py").write_bytes(b"old")
    (tmp_path / "link.py").symlink_to("real.py")
    (tmp_path / "later.py").symlink_to("made.py")
    files.commit(tmp_path, {"link.py": b"new", "later.py": b"made"})
    assert tree(tmp_path) == {"later.py": "made.py", "link.py": "real.py", "made.py": b"made", "real.py": b"new"}


def test_one_file_under_two_names(tmp_path):
    (tmp_path / "real.py").write_bytes(b"old")
    (tmp_path / "link.py").symlink_to("real.py")
    files.commit(tmp_path, {"link.py": b"new", "real.py": b"new"})
    assert (tmp_path / "real.py").read_bytes() == b"new"
    with pytest.raises(WriteError, match="same file"):
        files.commit(tmp_path, {"link.py": b"1", "real.py": b"2"})


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x.py", "a/../../x.py", "out/x.py", "loop", "dir", "a\0b"])
def test_paths_that_are_refused(tmp_path, path):
    root = tmp_path / "root"
    (root / "dir").mkdir(parents=True)
    (root / "out").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    before = tree(tmp_path)
    with pytest.raises(WriteError):
        files.commit(root, {"good.py": b"x", path: b"x"})
    assert tree(tmp_path) == before


def test_a_read_only_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(WriteError, match=r"a\.py: it is read-only"):
        files.commit(tmp_path, {"a.py": b"new"})


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


@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()])
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("name", ["fsync", "open"])
def test_a_failure_while_staging_changes_nothing(tmp_path, monkeypatch, error, number, name):
    before = project(tmp_path)
    monkeypatch.setattr(files.os, name, Failing(getattr(os, name), number, error))
    with pytest.raises((WriteError, KeyboardInterrupt)) as caught:
        files.commit(tmp_path, NEW)
    monkeypatch.undo()
    assert tree(tmp_path) == before
    if isinstance(caught.value, WriteError):
        assert str(caught.value) == f"{list(NEW)[number - 1]}: cannot be written: No space left on device"
        assert "Nothing was changed" in caught.value.hint


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_failure_between_renames_restores(tmp_path, monkeypatch, error, number, links):
    before = project(tmp_path)
    monkeypatch.setattr(Path, "replace", Failing(Path.replace, number, error))
    if not links:
        monkeypatch.setattr(
            Path, "hardlink_to", lambda self, target: (_ for _ in ()).throw(OSError(1, "no links"))
        )
    with pytest.raises((WriteError, KeyboardInterrupt)):
        files.commit(tmp_path, NEW)
    monkeypatch.undo()
    assert tree(tmp_path) == before


def test_copies_do_where_there_are_no_links(tmp_path, monkeypatch):
    project(tmp_path)
    monkeypatch.setattr(Path, "hardlink_to", lambda self, target: (_ for _ in ()).throw(OSError(1, "no links")))
    files.commit(tmp_path, NEW)
    assert {k: v for k, v in tree(tmp_path).items() if v != "dir"} == NEW


def test_what_cannot_be_restored_is_named(tmp_path, monkeypatch):
    project(tmp_path)

    real = Path.replace

    def replace(self, target, left=[1]):  # noqa: B006
        left[0] -= 1
        if left[0] < 0:
            raise FULL
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(WriteError, match=r"a\.py: cannot be restored") as caught:
        files.commit(tmp_path, NEW)
    monkeypatch.undo()
    backup = next(p for p in tmp_path.iterdir() if p.suffix == ".old")
    assert backup.read_bytes() == b"old a.py"
    assert str(backup) in caught.value.hint


def test_trouble_after_the_last_rename_is_told_apart(tmp_path, monkeypatch):
    project(tmp_path)
    monkeypatch.setattr(files.os, "fsync", Failing(os.fsync, 4, FULL))
    with pytest.raises(WriteError, match="after all files were written"):
        files.commit(tmp_path, NEW)
    assert (tmp_path / "b.py").read_bytes() == b"new"
