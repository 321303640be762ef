"""What `migrations check` takes from Squawk, and when."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from migrations_project import GOOD, Check, check, write

from schema_sync import config
from schema_sync.errors import ConfigError
from schema_sync.migrations import squawk
from schema_sync.rules.migrations import SQUAWK, SQUAWK_OFF, squawk_rules

__all__ = ["check"]  # fixture
NEWER = " What only a newer Squawk has, .squawk.toml can exclude."


class TestOperations:
    def test_squawk_is_asked(self, check: Check) -> None:
        checked = check({"1_a.sql": f"{GOOD}create table if not exists t (id bigint);\n\ndrop table t;\n"})
        assert checked.code == 0, "a warning is not a failure by default"
        (dropped,) = (p for p in checked.document["problems"] if p["rule"] == "squawk-ban-drop-table")
        assert (dropped["line"], dropped["severity"]) == (5, "medium")
        assert dropped["url"] == "https://squawkhq.com/docs/ban-drop-table"
        assert check({}, "--fail-on", "medium").code == 1

    def test_severities_are_the_users(self, check: Check, tmp_path: Path) -> None:
        (tmp_path / "schema-sync.toml").write_text(
            '[severity]\nsquawk-ban-drop-table = "critical"\nsquawk-prefer-robust-stmts = "off"\n'
            'migration-empty = "off"\n'
        )
        checked = check({"1_a.sql": f"{GOOD}create table t (id bigint); drop table t;", "2_b.sql": ""})
        assert checked.code == 1
        assert ("squawk-ban-drop-table", "1_a.sql") in checked.rules
        assert not {"squawk-prefer-robust-stmts", "migration-empty"} & {rule for rule, _ in checked.rules}

    @pytest.mark.parametrize(
        ("word", "hint"),
        [
            ("migration-emtpy", "Did you mean migration-empty?"),
            ("squawk-ban-drop-tabel", f"Did you mean squawk-ban-drop-table?{NEWER}"),
            ("squawk-prefer-timestamptz", f"Did you mean squawk-prefer-timestamp-tz?{NEWER}"),
        ],
    )
    def test_a_rule_that_does_not_exist(self, tmp_path: Path, word: str, hint: str) -> None:
        (tmp_path / "schema-sync.toml").write_text(f'[severity]\n{word} = "low"\n')
        with pytest.raises(ConfigError) as caught:
            config.load(tmp_path)
        assert str(caught.value).startswith(f"schema-sync.toml: severity: no rule {word!r}")
        assert caught.value.hint == hint

    def test_squawk_knows_the_rules_that_we_name(self) -> None:
        names = {rule.removeprefix(SQUAWK) for rule in squawk_rules()} - {"unused-ignore"}  # nobody can exclude it
        program = squawk._program()
        assert program is not None
        done = subprocess.run(
            [program, f"--exclude={','.join(sorted(names))}"], input=b"select 1;", capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")

    def test_its_own_configuration_is_heeded(self, check: Check, tmp_path: Path) -> None:
        (tmp_path / ".squawk.toml").write_text('excluded_rules = ["ban-drop-table"]\n')
        checked = check({"1_a.sql": f"{GOOD}create table if not exists t (id bigint); drop table t;"})
        assert "squawk-ban-drop-table" not in {rule for rule, _ in checked.rules}
        (tmp_path / ".squawk.toml").write_text("excluded_rules = 7\n")
        checked = check()
        assert checked.code == 3
        assert "Squawk could not look at supabase/migrations/1_a.sql" in checked.err

    def test_without_squawk(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(squawk, "_program", lambda: None)
        checked = check({"1_a.sql": "create table t (id int); drop table t;"})
        assert checked.code == 0
        assert checked.document["not_checked"][0]["what"] == "unsafe operations in the new migrations"

    def test_names_are_no_patterns_and_no_options(self, check: Check) -> None:
        checked = check({"1_[a]*.sql": "drop table if exists t;", "--all.sql": "drop table if exists u;"})
        assert ("squawk-ban-drop-table", "1_[a]*.sql") in checked.rules
        assert ("migration-ignored", "--all.sql") in checked.rules

    def test_a_file_is_a_transaction(self, check: Check, tmp_path: Path) -> None:
        files = {
            "1_a.sql": "create table t (id bigint); create index on t (id);",  # of the table no one waits for
            "2_b.sql": "set lock_timeout = '1s'; alter table t add column a bigint; create index on t (a);",
            "3_c.sql": "set lock_timeout = '1s'; create index concurrently i on t (id);",
            "4_d.sql": "begin; create table u (id bigint); commit;",
        }
        found = {(rule, file) for rule, file in check(files).rules if rule != "squawk-require-lock-timeout"}
        assert found == {
            ("squawk-require-concurrent-index-creation", "2_b.sql"),
            ("squawk-transaction-nesting", "4_d.sql"),
        }
        (tmp_path / ".squawk.toml").write_text("assume_in_transaction = false\n")
        found = check().rules
        assert ("squawk-require-concurrent-index-creation", "1_a.sql") in found, (
            "its own configuration comes first"
        )
        assert ("squawk-transaction-nesting", "4_d.sql") not in found

    @pytest.mark.parametrize("rule", SQUAWK_OFF)
    def test_rules_that_are_off_can_be_turned_on(self, check: Check, tmp_path: Path, rule: str) -> None:
        sql = "begin; alter table t add column a bigint; create index concurrently i on t (id);"
        write(
            tmp_path, {"1_a.sql": "create table t (id bigint);", "2_b.sql": f"{sql} commit; drop table t; {sql}"}
        )
        assert not {each for each, _ in check().rules} & SQUAWK_OFF.keys()
        (tmp_path / "schema-sync.toml").write_text(f'[severity]\n{rule} = "high"\n')
        checked = check()
        assert {each for each, _ in checked.rules} & SQUAWK_OFF.keys() == {rule}
        assert {p["severity"] for p in checked.document["problems"] if p["rule"] == rule} == {"high"}
        (tmp_path / "schema-sync.toml").unlink()
        (tmp_path / ".squawk.toml").write_text(f'included_rules = ["{rule.removeprefix(SQUAWK)}"]\n')
        assert {each for each, _ in check().rules} & SQUAWK_OFF.keys() == {rule}

    def test_what_only_psql_reads(self, check: Check) -> None:
        checked = check({"1_a.sql": "\\restrict x\ncreate table t (id int);\ndrop table t;\n"})
        assert ("squawk-ban-drop-table", "1_a.sql") in checked.rules
        assert "syntax" not in str(checked.document)
