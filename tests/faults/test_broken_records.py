"""A lock, a version file or a snapshot that is broken in every way: a live source goes on and says what it missed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import msgspec
import pytest
from broken_project import IRREGULAR, LIVE, LOCK, VERSION, Project, catalog, made, remove

from schema_sync.errors import WriteError
from schema_sync.model.snapshot import decode_lock, encode
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    return made(tmp_path, monkeypatch, capsys)


def _conflict(good: bytes) -> bytes:
    return b"<<<<<<< HEAD\n" + good + b"=======\n" + good + b">>>>>>> other\n"


def _conflict_within(good: bytes) -> bytes:
    lines = good.split(b"\n")
    return b"\n".join([*lines[:2], b"<<<<<<< HEAD", lines[2], b"=======", lines[2], b">>>>>>> other", *lines[3:]])


def _changed(good: bytes, **keys: object) -> bytes:
    return json.dumps({**json.loads(good), **keys}).encode()


CONTENTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "it is empty"),
    "blank": (lambda _: b" \n\t\n", "it is empty"),
    "conflict": (_conflict, "line 1: a conflict of version control is not resolved"),
    "conflict within": (_conflict_within, "line 3: a conflict of version control is not resolved"),
    "truncated": (lambda good: good[: len(good) // 2], "not a readable lock"),
    "one byte short of its end": (lambda good: good.rstrip()[:-1], "not a readable lock"),
    "not UTF-8": (lambda good: good.replace(b"users", b"us\xffrs"), "not UTF-8: byte 0xff in line"),
    "not UTF-8 at its end": (lambda good: good + b"\xff", "not UTF-8: byte 0xff in line"),
    "UTF-16": (lambda good: good.decode().encode("utf-16"), "not UTF-8 but UTF-16"),
    "a NUL character": (lambda good: good.replace(b"users", b"us\0rs"), "a NUL character in line"),
    "half a surrogate pair": (lambda good: good.replace(b"users", b"\\ud800rs"), "not a readable lock"),
    "nested deeply": (lambda good: good.replace(b'"bindings": {', b'"x": ' + b"[" * 100_000), "nested too deeply"),
    "brackets only": (lambda _: b"[" * 100_000, "not a readable lock"),
    "a newer version": (lambda good: _changed(good, format_version=4), "written in format 4 by a newer version"),
    "a newer version with more": (
        lambda good: _changed(good, format_version=99, more=[{}]),
        "written in format 99 by a newer version",
    ),
    "an older version": (lambda good: _changed(good, format_version=0), "written in format 0"),
    "no version": (lambda good: good.replace(b"format_version", b"version"), "format_version"),
    "edited": (lambda good: good.replace(b"users", b"userz"), "its hash does not fit its content"),
    "a value of another type": (lambda good: _changed(good, catalog=3), "not a readable lock"),
    "null": (lambda _: b"null", "not a readable lock"),
    "no JSON": (lambda _: b"lock: yes", "not a readable lock"),
}


class TestLock:
    """Of a live source: it works, says what it could not compare, and ``update`` writes the lock anew."""

    def broken(self, project: Project, says: str) -> None:
        code, out, err = project.run("check", source="lock")
        assert (code, out) == (3, "")
        assert f"Error: {LOCK}: " in err
        assert says in err
        assert "schema-sync update --source auto" in err

        code, out, err = project.run("check", "--format", "json")
        report = json.loads(out)
        assert (code, report["findings"]) == (0, [])
        note = "not checked: what the lock of the last sync remembers: removals kept for review"
        assert note in err
        assert any(LOCK in each["why"] and says in each["why"] for each in report["not_checked"])
        for command in (
            "diff",
            "update --dry-run",
            "report --output r.json",
            "snapshot --output s2.json",
            "analyze",
        ):
            assert project.run(*command.split())[0] == 0, command

        code, _, err = project.run("update", "-q")
        assert code == 0
        assert note in err, "not even -q hides that findings may be missing"
        assert decode_lock(project.lock.read_bytes(), path=LOCK).bindings
        assert project.run("check", source="lock")[0] == 0
        assert project.run("check")[2].count("not checked") == 0

    @pytest.mark.parametrize("how", CONTENTS)
    def test_its_content_is_broken(self, project: Project, how: str) -> None:
        broken, says = CONTENTS[how]
        project.lock.write_bytes(broken(project.lock.read_bytes()))
        self.broken(project, says)

    @pytest.mark.parametrize("how", IRREGULAR)
    def test_it_is_no_regular_file_of_a_fair_size(self, project: Project, how: str) -> None:
        remove(project.lock)
        IRREGULAR[how][0](project.lock)
        self.broken(project, IRREGULAR[how][1])
        assert project.lock.is_file()
        assert not project.lock.is_symlink()

    def test_what_a_removed_link_leads_to_stays(self, project: Project) -> None:
        pipe = project.root / "elsewhere"
        os.mkfifo(pipe)
        remove(project.lock)
        project.lock.symlink_to(pipe)
        assert project.run("update")[0] == 0
        assert pipe.is_fifo()
        assert project.lock.is_file()

    def test_a_link_to_a_regular_file_is_followed(self, project: Project) -> None:
        project.lock.rename(project.root / "kept.json")
        project.lock.symlink_to("../kept.json")
        assert project.run("check", source="lock")[0] == 0

    def test_a_folder_in_its_place_is_left_alone(self, project: Project) -> None:
        remove(project.lock)
        project.lock.mkdir()
        assert project.run("check")[0] == 0
        code, _, err = project.run("update")
        assert code == 2
        assert f"{LOCK}: it is not a regular file" in err
        assert project.lock.is_dir()

    def test_a_removal_kept_for_review_does_not_turn_green_without_a_word(self, project: Project) -> None:
        project.write("schemas/other.py", "from enum import Enum\n\n\nclass Odd(Enum):\n    A = 'a'\n")
        lock = decode_lock(project.lock.read_bytes(), path=LOCK)
        project.lock.write_bytes(
            encode(msgspec.structs.replace(lock, removed={"schemas/other.py:Odd": "public.odd"}))
        )
        assert project.run("check")[0] == 1, "the lock knows that it is a removal"
        project.lock.write_bytes(b"<<<<<<< HEAD\n")
        code, out, err = project.run("-q", "check", "--format", "json")
        assert code == 0
        assert "removals kept for review" in err
        assert any("removals kept for review" in each["what"] for each in json.loads(out)["not_checked"])

    def test_nobody_is_told_that_drift_has_ended(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SCHEMA_SYNC_NOTIFY_URLS", "print://")
        project.live(catalog("orders"))
        assert "drift" in "".join(project.run("check", "--notify")[1:])
        project.live(catalog("orders", "users"))
        good = project.lock.read_bytes()
        project.lock.write_bytes(b"")
        err = project.run("check", "--notify", "-q")[2]
        told = json.loads((project.root / ".schema-sync/notified.json").read_text())["told"]
        assert told, "what was told is still remembered"
        assert "in sync" not in err
        project.lock.write_bytes(good)
        project.run("check", "--notify")
        assert json.loads((project.root / ".schema-sync/notified.json").read_text())["told"] == []

    def test_an_update_is_still_all_or_nothing(self, project: Project) -> None:
        """Another process mends the lock between reading and writing: nothing is written over."""
        good = project.lock.read_bytes()
        project.lock.write_bytes(b"")
        opened = projects.open_project(project.root, source=LIVE)
        planned = updates.plan(opened, checks.check(opened))
        project.lock.write_bytes(good)
        with pytest.raises(WriteError, match="changed by someone else"):
            updates.write(opened, planned)
        assert project.lock.read_bytes() == good


class TestVersionFile:
    @pytest.mark.parametrize("how", IRREGULAR)
    def test_it_is_no_regular_file_of_a_fair_size(self, project: Project, how: str) -> None:
        remove(project.version)
        IRREGULAR[how][0](project.version)
        for source in (LIVE, "lock"):
            code, _, err = project.run("check", source=source)
            assert code == 0
            assert f"not checked: when the last sync was: {VERSION}: {IRREGULAR[how][1]}" in err
        assert project.run("update")[0] == 0
        assert "DB_HASH" in project.version.read_text()

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\xff\xfe",
            b"x = " + b"(" * 5000,
            b"x = " + b"-" * 50_000 + b"1",
            b"\0",
            b"<<<<<<< HEAD\n",
            b"DB_HASH = 3\n",
        ],
    )
    def test_its_content_is_broken(self, project: Project, content: bytes) -> None:
        project.version.write_bytes(content)
        assert project.run("check")[0] == 0
        assert project.run("doctor", source=None)[0] in {0, 1, 2}
        assert project.run("update")[0] == 0
        assert "TABLES_COUNT = 2" in project.version.read_text()


SNAPSHOTS = {name: CONTENTS[name] for name in CONTENTS if name not in {"edited", "nested deeply"}}


class TestSnapshot:
    @pytest.mark.parametrize("how", SNAPSHOTS)
    def test_its_content_is_broken(self, project: Project, how: str) -> None:
        file = project.root / "live.json"
        file.write_bytes(CONTENTS[how][0](file.read_bytes()))
        code, out, err = project.run("check")
        assert (code, out) == (3, "")
        assert CONTENTS[how][1].replace("lock", "snapshot") in err

    @pytest.mark.parametrize("how", IRREGULAR)
    def test_it_is_no_regular_file_of_a_fair_size(self, project: Project, how: str) -> None:
        file = project.root / "live.json"
        file.unlink()
        IRREGULAR[how][0](file)
        code, out, err = project.run("check")
        assert (code, out) == (3, "")
        assert f"live.json: {IRREGULAR[how][1]}" in err

    def test_a_byte_order_mark_is_no_fault(self, project: Project) -> None:
        file = project.root / "live.json"
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
        assert project.run("check")[0] == 0
