"""Which files are a history of migrations, and their statements."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from replays import apply, failure

from schema_sync.errors import MigrationError, SourceError
from schema_sync.replay.apply import replay
from schema_sync.replay.migration_files import migration_files
from schema_sync.replay.statements import read_migration, split

if TYPE_CHECKING:
    from pathlib import Path

    from replays import Replay

    from conftest import Database

__all__ = ["apply"]  # fixture


class TestFiles:
    def test_order_is_that_of_the_names_and_what_is_no_migration_is_left_out(self, tmp_path: Path) -> None:
        for name in (
            "20240101_b.sql",
            "10_z.sql",
            "9_y.sql",
            "20240101_a.sql",
            ".hidden.sql",
            "notes.md",
            "x.sql~",
        ):
            (tmp_path / name).touch()
        (tmp_path / "archive").mkdir()
        (tmp_path / "archive" / "1_old.sql").touch()
        (tmp_path / "folder.sql").mkdir()
        names = [path.name for path in migration_files(tmp_path)]
        assert names == ["10_z.sql", "20240101_a.sql", "20240101_b.sql", "9_y.sql"]

    def test_an_empty_folder_is_an_error_with_the_next_step(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError) as caught:
            migration_files(tmp_path)
        assert caught.value.message == f"there are no migrations in {tmp_path}: no file there ends in .sql"
        assert caught.value.hint == (
            "Write one with `supabase migration new NAME`, or name their folder: --source migrations:DIR."
        )

    def test_a_missing_folder_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="cannot be read: No such file or directory"):
            migration_files(tmp_path / "absent")

    def test_a_file_that_is_not_utf8_is_named_with_its_line(self, apply: Replay) -> None:
        with pytest.raises(SourceError) as caught:
            apply(**{"1_a": b"select 1;\n-- caf\xe9\n"})
        assert caught.value.message == "supabase/migrations/1_a.sql:2: not UTF-8: byte 0xe9"

    def test_a_nul_character_does_not_hide_what_follows(self, apply: Replay) -> None:
        with pytest.raises(SourceError, match=r"^supabase/migrations/1_a\.sql:2: a NUL character$"):
            apply(**{"1_a": b"select 1;\n\0 drop table t;"})

    def test_a_file_that_cannot_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "1_a.sql").symlink_to(tmp_path / "1_a.sql.d")
        (tmp_path / "1_a.sql.d").touch()
        file = migration_files(tmp_path)[0]
        (tmp_path / "1_a.sql.d").unlink()
        with pytest.raises(SourceError, match=r"^m cannot be read: No such file or directory$"):
            read_migration(file, "m")

    def test_a_byte_order_mark_and_windows_line_ends_are_fine(self, apply: Replay, database: Database) -> None:
        apply(**{"1_a": b"\xef\xbb\xbfcreate table t (\r\n  a int\r\n);\r\n"})
        assert database.run("select count(*) from t") == [(0,)]

    def test_a_file_outside_the_root_keeps_its_whole_path(self, tmp_path: Path, database: Database) -> None:
        (tmp_path / "a.sql").write_text("selec")
        with pytest.raises(MigrationError) as caught:
            replay(migration_files(tmp_path), tmp_path / "elsewhere", database.dsn)
        assert caught.value.path == str(tmp_path / "a.sql")


class TestSplit:
    def test_lines_are_those_of_the_first_token(self) -> None:
        text = (
            "-- é comment\n/* block /* nested\n */ -- ; \n*/\n\nselect 'ü\n';\n"
            "select 2; /* x */ select 3\n;;\n-- end\n  select 4"
        )
        found = [(statement.line, statement.text) for statement in split(text)]
        assert found == [(6, "select 'ü\n'"), (8, "select 2"), (8, "select 3"), (11, "select 4")]

    def test_bodies_with_semicolons_stay_whole(self) -> None:
        dollar = "create function f() returns int language plpgsql as $body$\nbegin return 1; end;\n$body$"
        atomic = "create function g() returns int language sql\nbegin atomic\n  select 1;\n  select 2;\nend"
        found = split(f"{dollar};\n{atomic};\n")
        assert [(statement.text, statement.line) for statement in found] == [(dollar, 1), (atomic, 4)]
        assert {statement.kind for statement in found} == {"CreateFunctionStmt"}

    @pytest.mark.parametrize("text", ["", "-- nothing yet\n", "/* a */ ;;"])
    def test_nothing_is_no_statement(self, text: str) -> None:
        assert split(text) == ()

    @pytest.mark.parametrize(
        "statement", ["alter table t add b int generated always as (a * 2) virtual", "select"]
    )
    def test_what_the_parser_does_not_know_is_a_statement_all_the_same(
        self, monkeypatch: pytest.MonkeyPatch, statement: str
    ) -> None:
        def deep(_: str) -> None:  # how deep is too deep differs between versions of Python
            raise RecursionError

        split.cache_clear()
        if statement == "select":
            monkeypatch.setattr("pgparse.parse", deep)
        (found,) = split(f"{statement};")
        assert (found.text, found.kind, found.tree) == (statement, "", {})

    def test_without_the_parser(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pgparse", None)
        split.cache_clear()
        with pytest.raises(SourceError) as caught:
            split("select 1")
        assert caught.value.hint == "pip install 'supabase-schema-sync[embedded]'"
        assert caught.value.exit_code == 3


class TestHistories:
    def test_a_dump_of_a_database(self, apply: Replay, database: Database) -> None:
        notes = apply(
            **{
                "1_a": '\\restrict x\nSET transaction_timeout = 0;\nCREATE SCHEMA IF NOT EXISTS "public";\n'
                'CREATE EXTENSION IF NOT EXISTS "pg_net" WITH SCHEMA "extensions";\n'
                "COMMENT ON EXTENSION \"pg_net\" IS 'x';\ncreate table t (a int not null);\n"
                "copy t from stdin;\n1\n\\.\nalter table t owner to supabase_admin;\n\\unrestrict x\n"
            }
        )
        assert [note.split(": ", 1)[1] for note in notes] == [
            "commands of psql are skipped: \\restrict (line 1), \\unrestrict (line 11)",
            "the rows of COPY … FROM stdin are skipped (line 7)",
        ]
        assert database.run("select count(*) from t") == [(0,)]

    def test_lines_after_what_is_skipped_are_still_the_files(self, apply: Replay) -> None:
        error = failure(apply, "\\set x y\ncreate table t ();\ncopy t from stdin;\n\\.\n\nselect nosuch;")
        assert error.line == 6

    def test_the_whole_beside_its_steps_is_not_one_history(self, apply: Replay) -> None:
        with pytest.raises(MigrationError, match=r'/001_step\.sql:1: relation "t" already exists'):
            apply(**{"000_whole": "create table t (a int, b int);", "001_step": "create table t (a int);"})

    def test_a_project_that_checks_json_and_asks_the_web(self, apply: Replay, database: Database) -> None:
        apply(
            **{
                "1_a": """
create extension http with schema extensions;
create extension pg_jsonschema with schema extensions;
create function ask(url text) returns jsonb language plpgsql as $$
declare answer extensions.http_response;
begin
  select * into answer from extensions.http((
    'DELETE', url, array[extensions.http_header('apikey', 'k')], null, null)::extensions.http_request);
  return answer.content::jsonb;
end $$;
create function well_formed(d jsonb) returns boolean language sql as $$
  select extensions.jsonb_matches_schema('{"type": "object"}'::json, d) $$;
create table event (d jsonb check (well_formed(d)));
"""
            }
        )
        assert database.run("select ask('u'), well_formed('1')") == [(None, True)]
