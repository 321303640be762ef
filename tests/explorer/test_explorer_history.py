"""The history on the page: what is read from git, what it shows, and what it says where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from exploring import data_of, tab

from committed_locks import LOCK, Repository, clean, repository
from comparing import catalog, enum, made_lock, table
from schema_sync import cli
from schema_sync.codebase import file_history
from schema_sync.explorer import growth
from schema_sync.model.snapshot import encode

if TYPE_CHECKING:
    from doubles.chromium import Tab

__all__ = ["clean", "repository", "tab"]  # fixtures

FIRST = catalog(table("users", "id int4", "mail text"))
SECOND = catalog(*FIRST.relations, table("posts", "id int4"), table("old", "id int4"), enums=[enum("mood", "sad")])
THIRD = catalog(
    table("users", "id int4", "name text"), table("posts", "id int4"), enums=[enum("mood", "sad", "ok")]
)
AUTHOR = "Eve \x1b[31m\u202e"  # git takes < and > out of names
EVIL = "<img src=x onerror=window.ran=1>\x1b[31m"


def explore() -> dict[str, Any]:
    """Return the history on the page of the lock that the current folder has."""
    assert cli.run(["explore", "--source", "lock", "-q"]) == 0
    found: dict[str, Any] = data_of(Path("schema.html").read_text())["history"]
    return found


class TestData:
    def test_commits_with_what_came_and_went(self, repository: Repository) -> None:
        repository.commit(FIRST, "first")
        repository.commit(SECOND, EVIL, "Ben")
        commit = repository.commit(THIRD, "third", AUTHOR)
        found = explore()
        assert found["lock"] == LOCK
        newest, middle, oldest = found["commits"]
        assert {**newest, "changes": None} == {
            "commit": commit[:10],
            "date": "2026-01-03",
            "author": AUTHOR,
            "subject": "third",
            "figures": [2, 0, 3, 1],
            "changes": None,
        }
        assert [
            [each.get(k) for k in ("how", "kind", "object", "text", "address")] for each in newest["changes"]
        ] == [
            ["added", "enum", "mood", "label ok added", "public.mood.ok"],
            ["added", "table", "users", "column name added (text)", "public.users.name"],
            ["removed", "table", "users", "column mail removed", "public.users.mail"],
            ["removed", "table", "old", "removed", "public.old"],
        ]
        assert middle["subject"] == EVIL
        assert oldest["note"] == "Not compared: no lock before it is known."
        assert "older" not in found

    def test_is_bounded_by_commits(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        for made in (FIRST, SECOND, THIRD):
            repository.commit(made)
        monkeypatch.setattr(growth, "MOST_COMMITS", 2)
        found = explore()
        assert [len(each["changes"]) for each in found["commits"]] == [4, 3]
        assert found["older"] is True

    def test_is_bounded_by_the_size_of_the_locks(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for made in (FIRST, SECOND, None, THIRD, FIRST, THIRD):
            repository.commit(made)
        blob = repository.git("rev-parse", f"HEAD:{LOCK}")
        size = int(repository.git("cat-file", "-s", blob))
        assert file_history.sizes(repository.root, [blob, "0" * 40]) == {blob: size}
        monkeypatch.setattr(growth, "MOST_BYTES", size * 3)
        assert (len(explore()["commits"]), explore()["older"]) == (3, True)
        monkeypatch.setattr(growth, "MOST_BYTES", 1)
        found = explore()
        assert (len(found["commits"]), found["older"]) == (1, True)
        assert found["commits"][0]["changes"], "the lock before it is read in any case"

    def test_long_lists_and_texts_are_cut(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        repository.commit(FIRST)
        repository.commit(THIRD, "x" * 500)
        monkeypatch.setattr(growth, "MOST_CHANGES", 3)
        newest = explore()["commits"][0]
        assert (len(newest["changes"]), newest["more"]) == (3, 1)
        assert newest["subject"] == "x" * 199 + "…"

    def test_a_lock_that_was_removed_or_cannot_be_read(self, repository: Repository) -> None:
        for made in (FIRST, None, b"broken", THIRD):
            repository.commit(made)
        found = explore()
        assert [each.get("note") for each in found["commits"][1:3]] == [
            "Not known: the lock cannot be read.",
            "The lock was removed.",
        ]
        assert found["commits"][1]["figures"] == [None] * 4
        assert [each["what"] for each in found["not_known"]] == [f"the lock at {found['commits'][1]['commit']}"]

    def test_without_a_commit_of_the_lock(self, repository: Repository) -> None:
        repository.commit(FIRST)
        repository.git("checkout", "-q", "--orphan", "other")
        repository.git("rm", "-q", "--cached", LOCK)
        (repository.root / ".gitignore").write_text(f"{LOCK}\nschema.html\n")
        repository.record("no lock")
        assert explore() == {"lock": LOCK, "why_not": f"no commit has {LOCK}"}

    def test_outside_of_a_repository_no_folder_is_named(self, clean: Path) -> None:
        lock = clean / LOCK
        lock.parent.mkdir()
        lock.write_bytes(encode(made_lock(FIRST)))
        (clean / ".git").write_text(f"gitdir: {clean}/nowhere\n")
        assert explore() == {"lock": LOCK, "why_not": "git finds no repository"}
        assert str(clean) not in Path("schema.html").read_text()

    def test_without_git(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        repository.commit(FIRST)
        monkeypatch.setenv("PATH", str(repository.root))
        assert explore() == {"lock": LOCK, "why_not": "git is not installed"}


@pytest.mark.thorough
class TestPage:
    @pytest.fixture
    def shown(self, repository: Repository, tab: Tab) -> Tab:
        repository.commit(FIRST, "first")
        repository.commit(SECOND, EVIL, "Ben")
        repository.commit(THIRD, "third", AUTHOR)
        explore()
        tab.size(1440, 900)
        tab.show(repository.root / "schema.html")
        return tab

    def test_what_came_and_went_leads_to_what_is_still_there(self, shown: Tab) -> None:
        shown.click(".bar a", "History")
        assert shown.run("return location.hash") == "#history"
        assert shown.text("#pane h1") == "History"
        assert shown.texts(".chart p") == ["tables 1 → 2", "columns 2 → 3", "enums 0 → 1"]
        first = shown.texts(".commit")[0]
        assert first.startswith("2026-01-03 Eve \\u{1b}[31m\\u{202e} ")
        assert "−1 table −1 column third" in first
        assert shown.texts(".commit:first-of-type .change") == [
            "+ enum mood label ok added",
            "+ table users column name added (text)",
            "− table users column mail removed",
            "− table old removed",
        ]
        assert shown.texts(".commit:first-of-type .change a") == ["mood", "users", "users"]
        shown.click(".change a", "users")
        assert shown.run("return location.hash") == "#public.users.name"
        shown.go("back")
        assert shown.text("#pane h1") == "History"
        assert shown.run("return window.ran ?? null") is None

    def test_lines_go_up_where_tables_come_and_down_where_they_go(self, shown: Tab) -> None:
        shown.run("location.hash = 'history'")
        shown.settle()
        assert shown.run("return document.querySelector('.chart path').getAttribute('d')") == (
            "M0 29H47.5V3H95V16H100"
        )

    def test_an_object_has_its_own(self, shown: Tab) -> None:
        shown.run("location.hash = 'public.users'")
        shown.settle()
        found = shown.texts("#pane .change .what")
        assert found == ["column name added (text)", "column mail removed"]
        shown.run("location.hash = 'public.mood'")
        shown.settle()
        assert shown.texts("#pane .change .what") == ["label ok added", "added"]

    def test_where_there_is_none_a_sentence_says_why(self, shown: Tab, repository: Repository) -> None:
        repository.git("checkout", "-q", "--orphan", "other")
        explore()
        shown.show(repository.root / "schema.html", "history")
        assert shown.text("#pane").startswith(f"Overview / History Not known: no commit has {LOCK}.")
        shown.show(repository.root / "schema.html")
        assert f"HISTORY Not known: no commit has {LOCK}." in shown.text("#pane")
