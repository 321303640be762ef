"""schema-sync history: the commits of the lock in a real repository, and what keeps one from being read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from committed_locks import LOCK, Repository, clean, repository
from comparing import catalog, enum, made_lock, table
from schema_sync import cli
from schema_sync.codebase import file_history
from schema_sync.exports.history import WIDTH, sparkline
from schema_sync.model.snapshot import encode

__all__ = ["clean", "repository"]  # fixtures

POSTS, MOOD = table("posts", "id int4"), enum("mood", "sad", "ok")
FIRST = catalog(table("users", "id int4", "mail text"))
SECOND = catalog(*FIRST.relations, POSTS, table("names", "id int4", kind="view"), enums=[MOOD])
THIRD = catalog(table("users", "id int4"), POSTS, enums=[enum("mood", "sad", "ok", "happy")])
TEXT = """\
Schema History

tables   ▁██  1 → 2
views    ▁█▁  0
columns  ▁█▁  2
enums    ▁██  0 → 1

2026-01-03 {third} Cleo: third
  2 tables, 2 columns, 1 enum
  enum mood: label happy added
  table users: column mail removed
  table posts: comment: none → "\\u001b[31m"
  view names: removed

2026-01-02 {second} Ben: second
  2 tables, 1 view, 4 columns, 1 enum
  enum mood: added
  table posts: added
  view names: added

2026-01-01 {first} Ann
  1 table, 2 columns
  not compared: no lock before it is known
"""


def tables(document: dict[str, Any]) -> list[int | None]:
    return [step["figures"] and step["figures"]["tables"] for step in document["steps"]]


class TestTimeline:
    def test_text(self, repository: Repository) -> None:
        first = repository.commit(FIRST, "")
        second = repository.commit(SECOND, "second", "Ben")
        hostile = msgspec.structs.replace(POSTS, comment="\x1b[31m")
        relations = tuple(hostile if each == POSTS else each for each in THIRD.relations)
        third = repository.commit(msgspec.structs.replace(THIRD, relations=relations), "third", "Cleo")
        code, out, err = repository.run()
        assert (code, err) == (0, "")
        assert out == TEXT.format(first=first[:10], second=second[:10], third=third[:10])

    def test_json(self, repository: Repository) -> None:
        first, second = repository.commit(FIRST), repository.commit(SECOND, "second", "Ben")
        found = repository.read()
        assert {**found, "steps": None} == {
            "format_version": 1,
            "lock": LOCK,
            "steps": None,
            "more": False,
            "not_known": [],
        }
        assert found["steps"][0] == {
            "commit": second,
            "date": "2026-01-02T12:00:00+00:00",
            "author": "Ben",
            "subject": "second",
            "path": LOCK,
            "renamed_from": None,
            "content": repository.git("rev-parse", f"HEAD:{LOCK}"),
            "figures": {"tables": 2, "views": 1, "columns": 4, "enums": 1},
            "compared_with": first,
            "changes": ["enum mood: added", "table posts: added", "view names: added"],
        }
        assert (found["steps"][1]["compared_with"], found["steps"][1]["changes"]) == (None, None)

    def test_what_other_commits_change_is_no_step(self, repository: Repository) -> None:
        repository.commit(FIRST)
        (repository.root / "other.txt").write_text("x")
        repository.record("another file")
        assert len(repository.read()["steps"]) == 1

    def test_from_a_folder_below(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        lock = repository.root / "app" / LOCK
        lock.parent.mkdir(parents=True)
        lock.write_bytes(encode(made_lock(FIRST)))
        repository.record("one")
        repository.git("config", "diff.relative", "true")
        monkeypatch.chdir(lock.parent)
        (step,) = repository.read()["steps"]
        assert step["path"] == f"app/{LOCK}"

    def test_a_path_that_git_takes_for_a_pattern(self, repository: Repository) -> None:
        (repository.root / "schema-sync.toml").write_text('[paths]\nlock = ":(icase)[ab].json"\n')
        for name, made in (("a.json", SECOND), (":(icase)[ab].json", FIRST), ("b.json", THIRD)):
            (repository.root / name).write_bytes(encode(made_lock(made)))
            repository.record(name)
        assert [step["subject"] for step in repository.read()["steps"]] == [":(icase)[ab].json"]

    def test_a_change_of_the_classes_alone(self, repository: Repository) -> None:
        repository.commit(FIRST)
        repository.commit(encode(msgspec.structs.replace(made_lock(FIRST), bindings={"a.py:A": "public.users"})))
        assert repository.read()["steps"][0]["changes"] == []
        assert "\n  the schema did not change\n" in repository.run()[1]

    @pytest.mark.parametrize("version", [1, 2])
    def test_locks_of_former_formats(self, repository: Repository, version: int) -> None:
        lock = made_lock(FIRST)
        old = {"format_version": version, "db_hash": lock.db_hash, "catalog": lock.catalog}
        repository.commit(msgspec.json.encode(old))
        repository.commit(FIRST)
        repository.commit(SECOND)
        found = repository.read()
        assert [step["changes"] and len(step["changes"]) for step in found["steps"]] == [3, [], None]
        assert tables(found) == [2, 1, 1]

    def test_many_lines_are_counted(self, repository: Repository) -> None:
        repository.commit(FIRST)
        repository.commit(catalog(*FIRST.relations, *(table(f"z{i:02}", "id int4") for i in range(13))))
        out = repository.run()[1]
        assert "  table z09: added\n  … and 3 more (--format json has all)\n\n" in out
        assert len(repository.read()["steps"][0]["changes"]) == 13


class TestCommits:
    def test_a_limit(self, repository: Repository) -> None:
        for made in (FIRST, SECOND, THIRD):
            repository.commit(made)
        code, out, err = repository.run("--limit", "1")
        assert code == 0
        assert "\n  view names: removed\n" in out, "the oldest one shown is compared, too"
        assert err == "there are older commits than the 1 shown (--limit)\n"
        assert tables(repository.read("--limit", "2")) == [2, 2]
        assert [repository.read("--limit", each)["more"] for each in "23"] == [True, False]

    def test_a_merge_is_one_step_of_the_branch_that_it_was_made_on(self, repository: Repository) -> None:
        first = repository.commit(FIRST)
        repository.git("checkout", "-q", "-b", "side")
        repository.commit(SECOND)
        repository.commit(THIRD)
        repository.git("checkout", "-q", "main")
        merge = repository.record("Merge side", "Ben", "merge", "-q", "--no-ff", "side")
        found = repository.read()["steps"]
        assert [(step["commit"], step["author"]) for step in found] == [(merge, "Ben"), (first, "Ann")]
        assert "table users: column mail removed" in found[0]["changes"]

    def test_the_lock_was_renamed(self, repository: Repository) -> None:
        repository.commit(FIRST)
        repository.commit(SECOND)
        repository.git("mv", "schemas", "models")
        (repository.root / "schema-sync.toml").write_text('[paths]\nlock = "models/schema_lock.json"\n')
        repository.record("moved")
        found = repository.read()
        assert [step["path"] for step in found["steps"]] == ["models/schema_lock.json", LOCK, LOCK]
        assert [step["renamed_from"] for step in found["steps"]] == [LOCK, None, None]
        assert f"\n  the lock was renamed from {LOCK}\n" in repository.run()[1]

    def test_the_lock_of_another_project_that_was_copied_is_not_followed(self, repository: Repository) -> None:
        other = repository.root / "other.json"
        for made in (FIRST, SECOND):
            other.write_bytes(encode(made_lock(made)))
            repository.record("another project")
        repository.commit(SECOND)
        assert len(repository.read()["steps"]) == 1

    def test_the_lock_was_removed_and_comes_back(self, repository: Repository) -> None:
        first = repository.commit(FIRST)
        repository.commit(None)
        repository.commit(SECOND)
        found = repository.read()
        assert tables(found) == [2, None, 1]
        assert found["steps"][1]["content"] is None
        assert found["steps"][0]["compared_with"] == first
        out = repository.run()[1]
        assert "\n  the lock was removed\n" in out
        assert f"\n  compared with {first[:10]}:\n  enum mood: added\n" in out
        assert "tables   ▁·█  1 → 2" in out

    def test_a_shallow_clone_does_not_know_what_was_before(
        self, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository.commit(FIRST)
        last = repository.commit(SECOND)
        repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(tmp_path / "clone"))
        monkeypatch.chdir(tmp_path / "clone")
        assert len(repository.read()["steps"]) == 1
        assert repository.run()[2] == (
            f"not known: what was before {last[:10]}, and whether that changed it: the clone is shallow;"
            " git fetch --unshallow completes it\n"
        )


BROKEN = {
    "empty": (b"", "it is empty"),
    "a conflict": (b"{\n<<<<<<< ours\n", "a conflict of version control is not resolved"),
    "a newer format": (encode(made_lock(SECOND)).replace(b": 3,", b": 9,", 1), "by a newer version"),
    "edited": (encode(made_lock(SECOND)).replace(b"posts", b"ports"), "its hash does not fit its content"),
}


class TestNotKnown:
    @pytest.mark.parametrize("how", BROKEN)
    def test_a_lock_that_cannot_be_read_is_named_and_passed_over(self, repository: Repository, how: str) -> None:
        content, why = BROKEN[how]
        first = repository.commit(FIRST)
        broken = repository.commit(content)
        repository.commit(THIRD)
        found = repository.read()
        assert tables(found) == [2, None, 1]
        assert found["steps"][0]["compared_with"] == first
        (note,) = found["not_known"]
        assert note["what"] == f"the lock at {broken[:10]}"
        assert why in note["why"]
        _, out, err = repository.run("-q")
        assert "\n  not known: the lock cannot be read\n" in out
        assert err.startswith(f"not known: the lock at {broken[:10]}: {LOCK}: ")

    def test_a_lock_that_is_too_large(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        repository.commit(FIRST)
        large = repository.commit(b"x" * 3 * 1024**2)
        repository.commit(SECOND)
        monkeypatch.setattr(file_history, "RECORD_BYTES", 1024**2)
        found = repository.read()
        assert tables(found) == [2, None, 1]
        why = f"{LOCK}: it is larger than 1 MB"
        assert found["not_known"] == [{"what": f"the lock at {large[:10]}", "why": why}]

    @pytest.mark.parametrize(
        ("damage", "why"), [(b"", "its content is not in this clone"), (b"x", "git cannot read its content")]
    )
    def test_git_lacks_an_object_or_cannot_read_it(self, repository: Repository, damage: bytes, why: str) -> None:
        repository.commit(FIRST)
        repository.commit(SECOND)
        blob = repository.git("rev-parse", f"HEAD:{LOCK}")
        repository.commit(THIRD)
        file = repository.root / ".git/objects" / blob[:2] / blob[2:]
        file.unlink()
        if damage:
            file.write_bytes(damage)
        found = repository.read()
        assert tables(found) == [2, None, 1]
        assert found["not_known"][0]["why"] in {f"{LOCK}: {why}", f"{LOCK}: its content is not in this clone"}

    def test_a_folder_in_its_place(self, repository: Repository) -> None:
        repository.commit(FIRST)
        tree = repository.git("rev-parse", "HEAD^{tree}")
        assert [*file_history.contents(repository.root, [tree, "0" * 40])] == [
            "it is not a file",
            "its content is not in this clone",
        ]


class TestNothing:
    def test_no_repository(self, clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["history"]) == 2
        assert capsys.readouterr().err.startswith("Error: git finds no repository: not a git repository")

    def test_no_git(
        self, clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PATH", str(clean))
        assert cli.run(["history"]) == 2
        assert capsys.readouterr().err.startswith("Error: git is not installed\n")

    def test_no_commit(self, repository: Repository) -> None:
        hint = "Hint: Commit the lock that schema-sync update writes.\n"
        assert repository.run() == (3, "", f"Error: no commit has {LOCK}\n{hint}")

    def test_a_broken_reference(self, repository: Repository) -> None:
        (repository.root / ".git" / repository.git("symbolic-ref", "HEAD").strip()).write_text("nonsense")
        code, out, err = repository.run()
        assert (code, out) == (3, "")
        assert err.startswith("Error: git cannot read the commits: ")

    def test_no_lock(self, repository: Repository) -> None:
        (repository.root / "a").write_text("x")
        repository.record("no lock")
        hint = "Hint: Commit the lock that schema-sync update writes.\n"
        assert repository.run() == (3, "", f"Error: no commit has {LOCK}\n{hint}")

    def test_a_source_has_no_history(self, repository: Repository) -> None:
        assert repository.run("--source", "lock")[0] == 2


class TestHostile:
    def test_names_do_not_steer_a_terminal(self, repository: Repository) -> None:
        repository.commit(FIRST, "clear \x1b[2J \u202e", "E\x1b]0;x\x07ve")
        _, out, _ = repository.run()
        assert " E\\x1b]0;x\\x07ve: clear \\x1b[2J \\u202e\n" in out
        text = repository.run("--format", "json")[1]
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert json.loads(text)["steps"][0]["author"] == "E\x1b]0;x\x07ve"

    def test_the_repository_starts_no_program_and_does_not_change_what_is_printed(
        self, repository: Repository, tmp_path: Path
    ) -> None:
        trap = tmp_path / "trap"
        trap.write_text(f"#!/bin/sh\necho >> {tmp_path}/started\n")
        trap.chmod(0o755)
        (repository.root / ".gitattributes").write_text("*.json diff=trap filter=trap\n")
        repository.commit(FIRST)
        repository.git("checkout", "-q", "-b", "side")
        repository.commit(SECOND)
        repository.git("checkout", "-q", "main")
        repository.record("Merge side", "Ben", "merge", "-q", "--no-ff", "side")
        repository.commit(THIRD)
        signed = repository.git("cat-file", "commit", "HEAD").replace(
            "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n", 1
        )
        (tmp_path / "commit").write_text(signed + "\n")
        repository.git("reset", "-q", repository.git("hash-object", "-wt", "commit", str(tmp_path / "commit")))
        expected = repository.run("--format", "json")[1]
        for key in (
            *("core.fsmonitor", "core.pager", "pager.log", "gpg.program", "diff.external", "diff.trap.command"),
            *("diff.trap.textconv", "filter.trap.smudge", "filter.trap.clean", "core.sshCommand", "core.editor"),
        ):
            repository.git("config", key, str(trap))
        settings = {"log.showSignature": "true", "log.showRoot": "false"}
        settings |= {"color.ui": "always", "log.diffMerges": "off", "log.follow": "false", "diff.renames": "false"}
        for key, value in settings.items():
            repository.git("config", key, value)
        assert repository.run("--format", "json")[1] == expected
        assert not (tmp_path / "started").exists()
        repository.git("log", "-1")
        assert (tmp_path / "started").exists(), "the trap works"

    def test_nothing_is_fetched(self, repository: Repository, tmp_path: Path) -> None:
        repository.commit(FIRST)
        blob = repository.git("rev-parse", f"HEAD:{LOCK}")
        repository.commit(SECOND)
        (repository.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
        for key, value in {
            "core.repositoryFormatVersion": "1",
            "extensions.partialClone": "origin",
            "remote.origin.promisor": "true",
            "remote.origin.url": f"ext::sh -c touch% {tmp_path}/started",
            "protocol.ext.allow": "always",
        }.items():
            repository.git("config", key, value)
        assert tables(repository.read()) == [2, None]
        assert not (tmp_path / "started").exists()
        subprocess.run(["git", "cat-file", "blob", blob], capture_output=True, check=False)
        assert (tmp_path / "started").exists(), "the trap works"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([], ""),
        ([5], "▁"),
        ([0, 7], "▁█"),
        ([1, 2, 3, 4, 5, 6, 7, 8], "▁▂▃▄▅▆▇█"),
        ([100, None, 101], "▁·█"),
        ([None], "·"),
        ([*range(1000)], None),
    ],
)
def test_sparklines(values: list[int | None], line: str | None) -> None:
    found = sparkline(values)
    if line is None:
        assert (len(found), found[0], found[-1]) == (WIDTH, "▁", "█")
        assert [*found] == sorted(found)
    else:
        assert found == line
