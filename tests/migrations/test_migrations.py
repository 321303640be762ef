"""migrations check: what it finds in folders of SQL, with a real PostgreSQL and git."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from migrations_project import FOLDER, GOOD, Check, check, write

from schema_sync import cli
from schema_sync.migrations.file_names import check_names
from schema_sync.rules import manual

__all__ = ["check"]  # fixture
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def git(root: Path, *arguments: str) -> None:
    settings = ("-c", "user.email=a@example.org", "-c", "user.name=A")
    subprocess.run(["git", *settings, *arguments], cwd=root, check=True, capture_output=True)


def committed(root: Path) -> None:
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")


def names(*given: str, new: set[str] | None = None, before: set[str] | None = None) -> list[tuple[str, str]]:
    found = check_names({*given}, "f", new={*given} if new is None else new, before=before or set(), now=NOW)
    return [(problem.rule.removeprefix("migration-"), problem.path.removeprefix("f/")) for problem in found]


class TestNames:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (["20260101000000_a.sql", "20260102000000_b.sql"], []),
            (["1_a.sql", "2_b.sql", "3_c.sql"], []),
            (["1_a.sql", "1_b.sql"], [("duplicate", "1_b.sql")]),
            (["1_a.sql", "10_c.sql", "2_b.sql"], [("order", "1_a.sql"), ("gap", "10_c.sql")]),
            (["1_a.sql", "a.sql"], [("ignored", "a.sql")]),
            (["1_a.sql", "2-b.sql", "3_c.SQL"], [("ignored", "2-b.sql"), ("ignored", "3_c.SQL")]),
            (["1_a.sql", "seed.sql"], [("ignored", "seed.sql")]),
            (["001_a.sql", "002_b.sql", "005_c.sql"], [("gap", "005_c.sql")]),
            (["20261301000000_a.sql"], [("timestamp", "20261301000000_a.sql")]),
            (["20260602110000_a.sql"], []),
            (["20260602130000_a.sql"], [("future", "20260602130000_a.sql")]),
            (["20260101000000_.sql"], []),
            (["20260101_a.sql", "20260102_b.sql"], []),
        ],
    )
    def test_of_a_folder(self, given: list[str], expected: list[tuple[str, str]]) -> None:
        assert names(*given) == expected

    def test_new_ones_come_last(self) -> None:
        old = {"20260101000000_a.sql", "20260301000000_c.sql"}
        new = {"20260201000000_b.sql"}
        assert names(*old, *new, new=new, before=old) == [("out-of-order", "20260201000000_b.sql")]
        assert names(*old, "20260401000000_d.sql", new={"20260401000000_d.sql"}, before=old) == []

    def test_what_cannot_be_changed_any_more_is_left_alone(self) -> None:
        old = {"20991301000000_a.sql", "20990101000000_b.sql"}
        assert names(*old, new=set(), before=old) == []


class TestTexts:
    def test_each_file_that_does_not_parse(self, check: Check) -> None:
        code, document, _ = check(
            {"1_a.sql": "select 1;\nselec 2;", "2_b.sql": "create tabel t();", "3_c.sql": "x"}
        )
        assert code == 1
        found = [(p["rule"], p["path"], p["line"]) for p in document["problems"]]
        assert found == [
            ("migration-syntax", f"{FOLDER}/1_a.sql", 2),
            ("migration-syntax", f"{FOLDER}/2_b.sql", 1),
            ("migration-syntax", f"{FOLDER}/3_c.sql", 1),
        ]
        assert document["preview"] is None
        assert document["not_checked"][-1]["why"] == "not every file could be parsed"

    def test_what_editors_leave(self, check: Check) -> None:
        checked = check(
            {
                "1_bom.sql": b"\xef\xbb\xbf" + GOOD.encode(),
                "2_crlf.sql": f"{GOOD}select 1;\r\n",
                "3_empty.sql": "",
                "4_comment.sql": "-- nothing yet\n/* nor here */",
            }
        )
        assert checked.code == 0
        assert checked.rules == {
            ("migration-bom", "1_bom.sql"),
            ("migration-crlf", "2_crlf.sql"),
            ("migration-empty", "3_empty.sql"),
            ("migration-empty", "4_comment.sql"),
        }
        (crlf,) = (p for p in checked.document["problems"] if p["rule"] == "migration-crlf")
        assert crlf["line"] == 3

    @pytest.mark.parametrize(("content", "line"), [(b"select 1;\n-- \xff", 2), (b"\nselect '\0';", 2)])
    def test_no_text(self, check: Check, content: bytes, line: int) -> None:
        code, document, _ = check({"1_a.sql": content})
        assert code == 1
        (problem,) = document["problems"]
        assert (problem["rule"], problem["line"]) == ("migration-encoding", line)


class TestReplay:
    def test_a_statement_that_fails(self, check: Check) -> None:
        code, document, _ = check({"1_a.sql": f"{GOOD}\nalter table nobody add column x int;"})
        assert code == 1
        (problem,) = (p for p in document["problems"] if p["rule"] == "migration-failed")
        assert (problem["path"], problem["line"], problem["severity"]) == (f"{FOLDER}/1_a.sql", 4, "critical")
        assert problem["message"] == 'relation "nobody" does not exist'
        assert document["preview"] is None

    def test_what_follows_for_the_code_and_the_lock(
        self, check: Check, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(tmp_path, {"1_a.sql": "create table users (id int primary key);"})
        assert cli.run(["-q", "--source", "migrations", "update"]) == 0
        capsys.readouterr()
        checked = check()
        assert checked.document["preview"] == []
        assert "migration-lock-stale" not in {rule for rule, _ in checked.rules}

        checked = check({"2_b.sql": "alter table users add column born date; create type mood as enum ('a');"})
        assert checked.code == 0, "the preview is not a failure: check is there for that"
        assert [(f["rule"], f["moved"]) for f in checked.document["preview"]] == [
            ("enum-undeclared", "database"),
            ("column-undeclared", "database"),
        ]
        (stale,) = (p for p in checked.document["problems"] if p["rule"] == "migration-lock-stale")
        assert stale["message"].endswith("make: public.mood, public.users")
        assert stale["path"] == "schemas/schema_lock.json"

    def test_no_lock_is_said(self, check: Check) -> None:
        notes = check({"1_a.sql": "select 1;"}).document["not_checked"]
        assert notes == [
            {
                "what": "drift between the migrations and the lock",
                "why": "there is no schemas/schema_lock.json yet",
            }
        ]

    def test_code_that_is_ambiguous_does_not_keep_the_sql_from_being_checked(
        self, check: Check, tmp_path: Path
    ) -> None:
        (tmp_path / "schemas").mkdir()
        (tmp_path / "schemas/x.py").write_text(
            "from typing import TypedDict\n\n\nclass UserRow(TypedDict):\n    id: int\n"
        )
        checked = check({"1_a.sql": 'create table "Users" (id int); create table users (id int);'})
        assert checked.code == 0
        assert checked.document["preview"] is None
        (note,) = checked.document["not_checked"]
        assert note["what"] == "what follows for the code"
        assert "UserRow" in note["why"]

    def test_no_migrations(self, check: Check) -> None:
        assert check().code == 3

    def test_the_folder_comes_from_the_configuration(self, check: Check, tmp_path: Path) -> None:
        (tmp_path / "schema-sync.toml").write_text('source = "migrations:db/sql"\n')
        (tmp_path / "db/sql").mkdir(parents=True)
        (tmp_path / "db/sql/1_a.sql").write_text("selec")
        checked = check()
        assert ("migration-syntax", "1_a.sql") in checked.rules
        (tmp_path / "other").mkdir()
        (tmp_path / "other/1_b.sql").write_text("selec")
        assert ("migration-syntax", "1_b.sql") in check({}, "other").rules

    def test_declared_schemas_have_no_versions(self, check: Check, tmp_path: Path) -> None:
        (tmp_path / "supabase/schemas").mkdir(parents=True)
        (tmp_path / "supabase/schemas/users.sql").write_text("create table users (id int);")
        checked = check()
        assert checked.document["folder"] == "supabase/schemas"
        assert "migration-ignored" not in {rule for rule, _ in checked.rules}

    def test_a_folder_without_versions(self, check: Check) -> None:
        checked = check({"a.sql": GOOD, "b.sql": GOOD})
        assert "migration-ignored" not in {rule for rule, _ in checked.rules}
        assert "no name begins with a version" in checked.document["not_checked"][0]["why"]

    def test_subfolders_are_passed_over(self, check: Check) -> None:
        checked = check({"1_a.sql": GOOD, "archive/0_old.sql": "selec"})
        assert checked.rules == {("migration-ignored", "archive")}


class TestSince:
    def test_only_new_files_are_judged_in_every_respect(self, check: Check, tmp_path: Path) -> None:
        write(tmp_path, {"1_a.sql": "create table t (id int);\r\n", "2_b.sql": "create table u (id int);"})
        committed(tmp_path)
        checked = check()
        assert (checked.code, checked.document["since"], checked.document["new"]) == (0, "main", [])
        assert checked.document["problems"] == []

        git(tmp_path, "checkout", "-q", "-b", "work")
        checked = check({"3_c.sql": f"{GOOD}drop table t;", "2_b.sql": "create table u (id bigint);"})
        assert checked.document["new"] == [f"{FOLDER}/2_b.sql", f"{FOLDER}/3_c.sql"]
        assert ("migration-edited", "2_b.sql") in checked.rules
        assert ("squawk-ban-drop-table", "3_c.sql") in checked.rules
        assert not [path for _, path in checked.rules if path == "1_a.sql"]

        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-q", "-m", "second")
        assert check().rules == checked.rules, "committed or not"
        assert check({}, "--since", "HEAD").document["new"] == []
        assert ("migration-crlf", "1_a.sql") in check({}, "--all").rules

    def test_one_that_is_gone(self, check: Check, tmp_path: Path) -> None:
        write(tmp_path, {"1_a.sql": GOOD, "2_b.sql": GOOD})
        committed(tmp_path)
        (tmp_path / FOLDER / "1_a.sql").unlink()
        assert check().rules == {("migration-removed", "1_a.sql")}

    def test_one_that_comes_too_early(self, check: Check, tmp_path: Path) -> None:
        write(tmp_path, {"1_a.sql": GOOD, "3_c.sql": GOOD})
        committed(tmp_path)
        checked = check({"2_b.sql": GOOD})
        assert (checked.code, checked.rules) == (1, {("migration-out-of-order", "2_b.sql")})

    def test_an_unknown_commit(self, check: Check, tmp_path: Path) -> None:
        write(tmp_path, {"1_a.sql": GOOD})
        committed(tmp_path)
        for ref in ("nosuch", "--output=x"):
            checked = check({}, f"--since={ref}")
            assert checked.code == 2
            assert "git knows no commit" in checked.err
        assert not (tmp_path / "x").exists()

    def test_without_git_all_are_new(self, check: Check) -> None:
        checked = check({"1_a.sql": GOOD})
        assert (checked.document["since"], checked.document["new"]) == (None, [f"{FOLDER}/1_a.sql"])

    def test_options_that_exclude_each_other(self, check: Check) -> None:
        assert check({"1_a.sql": GOOD}, "--all", "--since", "HEAD").code == 2
        assert check({"1_a.sql": GOOD}, "--source", "lock").code == 2


def test_a_future_timestamp_in_a_whole_run(check: Check) -> None:
    later = datetime.now(UTC) + timedelta(days=3)
    name = f"{later:%Y%m%d%H%M%S}_a.sql"
    assert check({name: GOOD}).rules == {("migration-future", name)}


def test_every_rule_is_in_the_guide() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/migrations.md").read_text()
    for page in manual.groups()[2]:
        assert f"| [`{page.id}`](../rules/{page.id}.md) | {page.severity} | {page.summary} |" in guide
