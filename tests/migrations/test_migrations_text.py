"""What `migrations check` prints for a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrations_project import FOLDER, GOOD, Show, check, shown

from schema_sync.migrations import squawk

__all__ = ["check", "shown"]  # fixtures


class TestText:
    def test_problems_stand_by_file_and_the_preview_apart(self, shown: Show) -> None:
        files: dict[str, str | bytes] = {
            "1_a.sql": f"{GOOD}create table t (\n  a int,\n  b int\n);",
            "2_b.sql": f"{GOOD}alter table t\n  drop column b;",
            "seed.sql": "",
        }
        advice = (
            "The statements of the file never run, and no error reports it. Rename the file, or move it to the"
        )
        expected = f"""\
Migrations: {FOLDER} (2 files, all looked at)

{FOLDER}/1_a.sql
  [MEDIUM] squawk-prefer-bigint-over-int, lines 4, 5
    Using 32-bit integer fields can result in hitting the max `int` limit.
    → Use 64-bit integer values instead to prevent hitting this limit.

{FOLDER}/2_b.sql
  [MEDIUM] squawk-ban-drop-column, line 4
    Dropping a column may break existing clients.

{FOLDER}/seed.sql
  [LOW] migration-ignored
    seed.sql is data, which is not applied from here
    → {advice} folder of the migrations. Move a file that is not a migration to another folder.

`schema-sync explain RULE` shows the page of a rule.

Not checked:
  drift between the migrations and the lock: there is no schemas/schema_lock.json yet

Preview: schema-sync check finds 1 difference once the migrations are applied (not counted here):
  [HIGH] table-undeclared: No class declares table public.t (1 columns).

"""
        assert shown(files) == (
            0,
            f"{expected}✓ 4 problems (3 medium, 1 low): none at or above HIGH (1 not checked)\n",
        )
        last = "⚠️  4 problems (3 medium, 1 low): 3 at or above MEDIUM (1 not checked)\n"
        assert shown({}, "--fail-on", "medium") == (1, expected + last)
        last = "✓ 4 problems (3 medium, 1 low): none fails here (1 not checked)\n"
        assert shown({}, "--fail-on", "never") == (0, expected + last)

    def test_a_replay_that_fails(self, shown: Show) -> None:
        code, text = shown({"1_a.sql": f"{GOOD}\nalter table nobody add column x bigint;"})
        assert code == 1
        assert (
            text
            == f"""\
Migrations: {FOLDER} (1 file, all looked at)

{FOLDER}/1_a.sql
  [CRITICAL] migration-failed, line 4
    relation "nobody" does not exist
    → The files are applied to a new Supabase database, in the order of their names.

`schema-sync explain RULE` shows the page of a rule.

Not checked:
  what follows for the code: a migration failed

⚠️  1 problem (1 critical): 1 at or above HIGH (1 not checked)
"""
        )

    def test_hostile_names_do_nothing(self, shown: Show) -> None:
        sql = f'{GOOD}create table "\x1b]0;x" (id bigint);\nalter table u add x int;'
        code, text = shown({"1_a\x1b[31m.sql": sql})
        assert code == 1
        assert "\x1b" not in text
        assert r"supabase/migrations/1_a\x1b[31m.sql" in text.splitlines()

    def test_nothing_to_complain_about(self, shown: Show, tmp_path: Path) -> None:
        assert shown({"1_a.sql": GOOD}, "--output", "x.txt") == (0, "")
        text = (tmp_path / "x.txt").read_text()
        assert (
            text
            == f"""\
Migrations: {FOLDER} (1 file, all looked at)

Not checked:
  drift between the migrations and the lock: there is no schemas/schema_lock.json yet

Preview: schema-sync check finds no difference once the migrations are applied.

✓ No problems found (1 not checked)
"""
        )

    def test_without_squawk(self, shown: Show, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(squawk, "_program", lambda: None)
        code, text = shown({"1_a.sql": "drop table if exists t;"})
        assert code == 0
        not_installed = f"Squawk is not installed: {squawk.INSTALL_HINT}"
        assert f"\nNot checked:\n  unsafe operations in the new migrations: {not_installed}\n" in text
        assert text.endswith("\n✓ No problems found (2 not checked)\n")
