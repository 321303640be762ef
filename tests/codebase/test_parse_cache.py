"""What is kept of parsed files: found again for the same content alone, safe to read, bounded, never an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from schema_sync.codebase import parse_cache
from schema_sync.model.declarations import PyType
from schema_sync.model.queries import Given

if TYPE_CHECKING:
    from collections.abc import Callable

ONE, TWO = parse_cache.key([b"one"]), parse_cache.key([b"two"])
KEPT = Given(value="kept")


@pytest.fixture
def file(cache: Path, tmp_path: Path) -> Path:
    """The file of a project, in which one result is kept."""
    found = parse_cache.place(tmp_path, "queries")
    assert found is not None
    assert found.parent.parent == cache
    keep(found, {ONE: KEPT})
    return found


def keep(file: Path, results: dict[bytes, Given]) -> None:
    with parse_cache.opened(file) as kept:
        for key, result in results.items():
            kept.put(key, result)


def found(file: Path, key: bytes = ONE) -> Given | None:
    with parse_cache.opened(file) as kept:
        return kept.get(key, Given)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def signed(entries: object) -> bytes:
    """The content of a file that this version wrote."""
    encoded = msgspec.msgpack.encode(entries)
    return parse_cache._signature(encoded) + encoded


class TestFinding:
    def test_a_result_is_found_by_its_key(self, file: Path) -> None:
        assert found(file) == KEPT
        assert found(file, TWO) is None

    def test_a_project_and_a_kind_have_a_file_of_their_own(self, tmp_path: Path) -> None:
        projects = [(tmp_path, "queries"), (tmp_path / "other", "queries"), (tmp_path, "classes")]
        assert len({parse_cache.place(*each) for each in projects}) == 3

    def test_a_key_depends_on_where_parts_end(self) -> None:
        assert parse_cache.key([b"ab", b"c"]) != parse_cache.key([b"a", b"bc"])

    def test_a_result_of_another_kind_is_none(self, file: Path) -> None:
        with parse_cache.opened(file) as kept:
            assert kept.get(ONE, PyType) is None

    @pytest.mark.parametrize("value", [10**30, "\ud800", -(2**63) - 1])
    def test_what_cannot_be_encoded_is_not_kept(self, file: Path, value: int | str) -> None:
        keep(file, {TWO: Given(value=value)})
        assert (found(file), found(file, TWO)) == (KEPT, None)

    @pytest.mark.parametrize("value", [True, 1, 1.0, float("inf"), -0.0, 2**64 - 1, None, "", "é\0"])
    def test_a_value_comes_back_as_it_was(self, file: Path, value: float | str | None) -> None:
        keep(file, {TWO: Given(value=value)})
        assert repr(found(file, TWO)) == repr(Given(value=value))

    def test_without_a_file_nothing_is_kept(self, cache: Path) -> None:
        with parse_cache.opened(None) as kept:
            kept.put(ONE, KEPT)
            assert kept.get(ONE, Given) is None
        assert not cache.exists()


class TestMaker:
    def test_another_version_finds_nothing(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parse_cache, "_maker", lambda: b"another")
        assert found(file) is None

    @pytest.mark.parametrize(
        "path", ["errors.py", "codebase/scope.py", "codebase/queries/lines.py", "model/new.py"]
    )
    def test_each_source_that_reads_counts(
        self, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = parse_cache._maker.__wrapped__()
        copy = shutil.copytree(parse_cache._PACKAGE, tmp_path / "package")
        monkeypatch.setattr(parse_cache, "_PACKAGE", copy)
        assert parse_cache._maker.__wrapped__() == before
        with (copy / path).open("a") as changed:
            changed.write("#")
        assert parse_cache._maker.__wrapped__() != before

    @pytest.mark.parametrize("name", ["version", "__version__"])
    def test_python_and_the_version_count(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        before = parse_cache._maker.__wrapped__()
        monkeypatch.setattr(sys if name == "version" else parse_cache, name, "other")
        assert parse_cache._maker.__wrapped__() != before

    def test_no_other_code_reads(self) -> None:
        modules = ("queries.files", "queries.reader", "reader")
        code = f"import {', '.join(f'schema_sync.codebase.{each}' for each in modules)}, sys; print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        loaded = [each.split(".") for each in done.stdout.split() if each.startswith("schema_sync.")]
        folders = {parts[1] for parts in loaded if (parse_cache._PACKAGE / parts[1]).is_dir()}
        assert folders <= set(parse_cache.READING)
        assert {"codebase", "model"} <= folders


class TestTrust:
    def test_the_file_is_private(self, file: Path) -> None:
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    def test_no_byte_may_differ(self, file: Path) -> None:
        content = file.read_bytes()
        for place in range(len(content)):
            damaged = bytearray(content)
            damaged[place] ^= 1
            file.write_bytes(damaged)
            assert found(file) is None
            file.write_bytes(content[:place])
            assert found(file) is None
        file.write_bytes(content)
        assert found(file) == KEPT

    @pytest.mark.parametrize(
        "entries",
        [
            {ONE: {"value": [1]}},
            {ONE: {"value": 1, "unknown": 2}},
            {ONE: {}},
            {ONE: "text"},
            {"key": KEPT},
            [KEPT],
            7,
            {ONE: msgspec.Raw(b"\x91" * 100_000)},
            {ONE: msgspec.Raw(b"\x81\xa5value\xa2\xff\xfe")},
            {ONE: msgspec.Raw(b"\xc1")},
        ],
    )
    def test_what_is_signed_is_looked_at_too(self, file: Path, entries: object) -> None:
        file.write_bytes(signed(entries))
        assert found(file) is None
        keep(file, {TWO: KEPT})
        assert found(file, TWO) == KEPT

    @pytest.mark.parametrize("what", ["pipe", "folder", "link in a circle", "device", "nothing"])
    def test_what_is_no_file_counts_as_none(self, file: Path, what: str) -> None:
        file.unlink()
        make: dict[str, Callable[[], object]] = {
            "pipe": lambda: os.mkfifo(file),
            "folder": file.mkdir,
            "link in a circle": lambda: file.symlink_to(file),
            "device": lambda: file.symlink_to("/dev/zero"),
            "nothing": lambda: None,
        }
        make[what]()
        keep(file, {ONE: KEPT})
        assert found(file) == (None if what == "folder" else KEPT)

    def test_a_file_that_is_too_large_counts_as_none(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parse_cache, "FILE_BYTES", len(file.read_bytes()) - 1)
        assert found(file) is None

    @pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
    def test_a_folder_of_others_is_not_used(self, file: Path, mode: int) -> None:
        file.parent.chmod(mode)
        assert found(file) is None
        before = file.read_bytes()
        keep(file, {TWO: KEPT})
        assert file.read_bytes() == before

    def test_a_link_to_a_folder_is_not_used(self, file: Path) -> None:
        moved = file.parent.rename(file.parent.with_name("moved"))
        file.parent.symlink_to(moved)
        assert found(file) is None

    @pytest.mark.parametrize("whose", ["file", "folder"])
    def test_what_another_user_owns_is_not_used(self, as_root: None, file: Path, whose: str) -> None:
        os.chown(file if whose == "file" else file.parent, 4321, -1)
        assert found(file) is None


class TestWriting:
    @pytest.mark.parametrize("where", ["cache", "its folder"])
    def test_a_folder_that_cannot_be_made_is_no_error(self, cache: Path, tmp_path: Path, where: str) -> None:
        if where == "its folder":
            cache.mkdir()
        (cache if where == "cache" else cache / "parsed").write_text("a file")
        place = parse_cache.place(tmp_path, "queries")
        assert place is not None
        keep(place, {ONE: KEPT})
        assert found(place) is None

    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
    def test_what_stops_the_writing_leaves_the_old_file(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        def fail(_made: Path, _target: Path) -> None:
            raise error

        monkeypatch.setattr(Path, "replace", fail)
        try:
            keep(file, {TWO: KEPT})
        except KeyboardInterrupt:
            assert isinstance(error, KeyboardInterrupt)
        assert names(file.parent) == [file.name]
        assert (found(file), found(file, TWO)) == (KEPT, None)

    def test_who_reads_while_others_write_finds_a_whole_file(self, file: Path) -> None:
        def write(number: int) -> None:
            for _ in range(50):
                keep(file, {ONE: KEPT, TWO: Given(value=number)})

        writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            assert found(file) == KEPT
        assert names(file.parent) == [file.name]

    def test_nothing_is_written_where_nothing_is_new(self, file: Path) -> None:
        before = file.stat().st_ino
        assert found(file) == KEPT
        assert file.stat().st_ino == before

    @pytest.mark.parametrize("named", ["", "relative/folder"])
    def test_the_folder_is_that_of_the_specification(
        self, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", named)
        monkeypatch.setenv("HOME", str(tmp_path))
        found = parse_cache.place(tmp_path, "queries")
        assert found is not None
        assert found.parent == tmp_path / ".cache/schema-sync/parsed"

    def test_a_user_without_a_home_keeps_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_path: Path) -> Path:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setattr(Path, "expanduser", fail)
        assert parse_cache.place(tmp_path, "queries") is None


class TestBounds:
    def test_what_was_not_used_lately_goes_first(self, file: Path) -> None:
        keys = [parse_cache.key([b"%d" % number]) for number in range(6)]
        keep(file, dict.fromkeys(keys[:4], KEPT))
        with parse_cache.opened(file) as kept:
            assert kept.get(keys[3], Given) == KEPT
            kept.put(keys[4], KEPT)
        left = [key for key in (ONE, *keys) if found(file, key)]
        assert left == [keys[0], keys[1], keys[3], keys[4]]  # as much of the rest as was used

    def test_a_file_does_not_grow_beyond_what_is_read(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parse_cache, "FILE_BYTES", 4096)
        keys = [parse_cache.key([b"%d" % number]) for number in range(20)]
        keep(file, {key: Given(value="x" * 400) for key in keys})
        assert 3000 < file.stat().st_size < 4096
        assert [bool(found(file, key)) for key in keys] == [True] * 8 + [False] * 12

    def test_files_that_nobody_uses_go(self, file: Path) -> None:
        old, lately = (file.with_name(name) for name in ("old", "lately"))
        for path, days in ((old, 31), (lately, 29)):
            path.write_bytes(b"")
            os.utime(path, (time.time() - days * 86_400,) * 2)
        keep(file, {TWO: KEPT})
        assert names(file.parent) == sorted([file.name, "lately"])

    def test_the_least_recently_used_files_go(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parse_cache, "FOLDER_BYTES", 2_500)
        for age, name in enumerate(("a", "b", "c", "d")):
            file.with_name(name).write_bytes(bytes(1_000))
            os.utime(file.with_name(name), (time.time() - 100 - age,) * 2)
        keep(file, {TWO: KEPT})
        assert names(file.parent) == sorted(["a", "b", file.name])

    def test_to_read_is_to_use(self, file: Path) -> None:
        os.utime(file, (1, 1))
        assert found(file) == KEPT
        assert file.stat().st_mtime > time.time() - 3600

    def test_what_a_killed_process_left_goes(self, file: Path) -> None:
        left = Path(tempfile.mkstemp(dir=file.parent)[1])
        os.utime(left, (1, 1))
        keep(file, {TWO: KEPT})
        assert not left.exists()
