from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

import psycopg
import pytest

from schema_sync.errors import MigrationError, SourceError
from schema_sync.sources.base import Request
from schema_sync.sources.histories import find, migration_files
from schema_sync.sources.migration_file import read_migration, split
from schema_sync.sources.migrations import SOURCE
from schema_sync.sources.replay import applied, replay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Database

    Replay = Callable[..., tuple[str, ...]]


@pytest.fixture
def apply(database: Database, tmp_path: Path) -> Replay:
    """Apply files, given as ``name=text``, to the test's database."""

    def apply(**files: str | bytes) -> tuple[str, ...]:
        folder = tmp_path / "supabase" / "migrations"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / f"{name}.sql").write_bytes(text.encode() if isinstance(text, str) else text)
        return replay(
            migration_files(folder),
            tmp_path,
            lambda: psycopg.connect(database.owner_dsn, autocommit=True, prepare_threshold=None),
        ).notes

    return apply


def failure(apply: Replay, text: str | bytes) -> MigrationError:
    with pytest.raises(MigrationError) as caught:
        apply(**{"1_a": text})
    assert caught.value.exit_code == 3
    return caught.value


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
            replay(migration_files(tmp_path), tmp_path / "elsewhere", lambda: psycopg.connect(database.dsn))
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
        assert split(text) == []

    @pytest.mark.parametrize(
        "statement", ["alter table t add b int generated always as (a * 2) virtual", "select"]
    )
    def test_what_the_parser_does_not_know_is_a_statement_all_the_same(
        self, monkeypatch: pytest.MonkeyPatch, statement: str
    ) -> None:
        def deep(_: str) -> None:  # how deep is too deep differs between versions of Python
            raise RecursionError

        if statement == "select":
            monkeypatch.setattr("pgparse.parse", deep)
        (found,) = split(f"{statement};")
        assert (found.text, found.kind, found.tree) == (statement, "", {})

    def test_without_the_parser(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pgparse", None)
        with pytest.raises(SourceError) as caught:
            split("select 1")
        assert caught.value.hint == "pip install 'supabase-schema-sync[embedded]'"
        assert caught.value.exit_code == 3


class TestReplay:
    def test_files_build_on_one_another_in_order(self, apply: Replay, database: Database) -> None:
        apply(
            **{
                "1_type": "create type mood as enum ('sad');",
                "2_table": "create table person (mood mood);",
                "10_label": "create table early (a int);",
                "3_label": "alter type mood add value 'happy'; insert into person values ('happy');",
            }
        )
        assert database.run("select mood::text from person") == [("happy",)]

    def test_what_a_session_sets_ends_with_its_file(self, apply: Replay, database: Database) -> None:
        apply(
            **{
                "1_a": "create schema s; set search_path = s; create table here (a int); set role anon;",
                "2_b": "create table there (a int);",
            }
        )
        rows = database.run(
            "select relnamespace::regnamespace::text, relname from pg_class"
            " where relname in ('here', 'there') order by 2"
        )
        assert rows == [("s", "here"), ("public", "there")]

    def test_an_open_transaction_is_committed_at_the_end(self, apply: Replay, database: Database) -> None:
        apply(**{"1_a": "begin; create table t (a int); commit; begin; create table u (a int);"})
        assert database.run("select count(*) from t, u") == [(0,)]

    def test_a_commit_that_fails_is_an_error(self, apply: Replay) -> None:
        error = failure(
            apply,
            "create table p (a int primary key);\nbegin;\n"
            "create table c (a int references p deferrable initially deferred);\ninsert into c values (1);",
        )
        assert error.message == (
            "supabase/migrations/1_a.sql:4: "
            'insert or update on table "c" violates foreign key constraint "c_a_fkey"\n  insert into c values (1)'
        )
        assert error.hint == 'Key (a)=(1) is not present in table "p".'

    def test_statements_run_outside_a_transaction(self, apply: Replay, database: Database) -> None:
        apply(**{"1_a": "create table t (a int); create index concurrently i on t (a); vacuum t;"})
        assert database.run("select indisvalid from pg_index where indexrelid = 'i'::regclass") == [(True,)]

    def test_functions_of_all_kinds(self, apply: Replay, database: Database) -> None:
        apply(
            **{
                "1_a": """
create function one() returns int language plpgsql as $$ begin return 1; end; $$;
create function two() returns int language sql begin atomic select 1; select 2; end;
create function three() returns text language sql as $x$ select '100%; $$'::text $x$;
do $$ begin perform one(); end $$;
"""
            }
        )
        assert database.run("select one(), two(), three()") == [(1, 2, "100%; $$")]

    def test_what_supabase_projects_rely_on(self, apply: Replay, database: Database) -> None:
        apply(
            **{
                "1_a": """
create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists citext;
create table profile (
  id uuid primary key default uuid_generate_v4() references auth.users on delete cascade,
  token text default encode(extensions.gen_random_bytes(32), 'hex'),
  mail citext
);
alter table profile enable row level security;
create policy own on profile for select to authenticated using ((select auth.uid()) = id);
create policy avatars on storage.objects for select
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = 'x');
insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true);
create function public.new_user() returns trigger language plpgsql security definer set search_path = ''
  as $$ begin insert into public.profile (id) values (new.id); return new; end; $$;
create trigger on_user after insert on auth.users for each row execute function public.new_user();
grant all on profile to anon, authenticated, service_role;
alter publication supabase_realtime add table profile;
insert into auth.users (id) values (gen_random_uuid());
select vault.create_secret('s', 'name');
"""
            }
        )
        assert database.run("select length(token) from profile") == [(64,)]


class TestFailures:
    def test_the_message_is_postgresqls_with_its_place(self, apply: Replay) -> None:
        error = failure(
            apply, "create table t (a int);\n\n-- é\nalter table t\n  add column b int,\n  drop column c;\n"
        )
        assert error.message == (
            'supabase/migrations/1_a.sql:4: column "c" of relation "t" does not exist\n'
            "  alter table t add column b int, drop column c"
        )
        assert (error.path, error.line) == ("supabase/migrations/1_a.sql", 4)
        assert error.hint == "The files are applied to a new Supabase database, in the order of their names."

    def test_a_position_inside_the_statement_gives_the_line(self, apply: Replay) -> None:
        error = failure(apply, "create table t (\n  é int,\n  b nosuch\n);")
        assert error.message == (
            'supabase/migrations/1_a.sql:3: type "nosuch" does not exist\n  create table t ( é int, b nosuch )'
        )
        assert error.line == 3

    def test_the_body_of_a_function_counts(self, apply: Replay) -> None:
        error = failure(
            apply, "\ncreate function f() returns int language plpgsql as $$\nbegin\n  retur 1;\nend $$;"
        )
        assert error.line == 4
        assert error.message.startswith('supabase/migrations/1_a.sql:4: syntax error at or near "retur"\n')

    def test_detail_and_hint_are_kept(self, apply: Replay) -> None:
        error = failure(apply, "create table t (a int);\ncreate view v as select * from t;\ndrop table t;")
        assert error.message == (
            "supabase/migrations/1_a.sql:3: cannot drop table t because other objects depend on it\n  drop table t"
        )
        assert error.hint == ("view v depends on table t. Use DROP ... CASCADE to drop the dependent objects too.")

    def test_a_long_statement_is_shortened(self, apply: Replay) -> None:
        error = failure(apply, f"select {', '.join(['1'] * 200)}, nosuch;")
        assert len(error.statement) == 200
        assert error.statement.endswith("…")

    def test_a_raised_exception(self, apply: Replay) -> None:
        error = failure(apply, "do $$ begin raise exception 'stop' using hint = 'go back'; end $$;")
        assert error.message.startswith("supabase/migrations/1_a.sql:1: stop\n")
        assert error.hint == "go back."

    def test_what_came_before_the_failure_stays(self, apply: Replay, database: Database) -> None:
        failure(apply, "create table t (a int); select nosuch;")
        assert database.run("select count(*) from t") == [(0,)]

    def test_an_extension_that_is_not_there_is_skipped_with_what_is_said_of_it(
        self, apply: Replay, database: Database
    ) -> None:
        text = """
        create extension if not exists nosuch with schema extensions;
        comment on extension nosuch is 'x';
        alter extension nosuch update to '2';
        alter extension nosuch set schema public;
        drop extension if exists nosuch;
        create table t (a int);
        """
        assert apply(**{"1_a": text}) == (
            "supabase/migrations/1_a.sql:2: extension nosuch: the embedded PostgreSQL does not have it: it is skipped,"
            " and what needs its types or functions fails",
        )
        assert database.run("select count(*) from t") == [(0,)]

    @pytest.mark.parametrize(
        "sql",
        [
            'create table t (a text collate "en-x-icu")',
            'create table t (a text collate pg_catalog."de-AT-x-icu")',
            "create collation c (provider = icu, locale = 'und', deterministic = false); create table t (a text collate c)",
            "create collation if not exists public.c (locale = 'xx_XX.utf8'); create table t (a text collate c)",
        ],
    )
    def test_collations_of_icu_stand_for_c(self, apply: Replay, database: Database, sql: str) -> None:
        (note,) = apply(**{"1_a": sql})
        assert note.endswith(
            ':1: a collation of ICU stands for "C" here: the embedded PostgreSQL is built without ICU'
        )
        assert database.run("select count(*) from t") == [(0,)]

    def test_a_collation_of_icu_that_no_project_has(self, apply: Replay) -> None:
        error = failure(apply, 'create table t (a text collate "icu-x");')
        assert error.hint == "The embedded PostgreSQL is built without ICU and its collations."

    def test_a_session_that_ends(self, apply: Replay) -> None:
        error = failure(apply, "select pg_terminate_backend(pg_backend_pid());")
        assert "terminating connection due to administrator command" in error.message

    def test_no_session(self, tmp_path: Path) -> None:
        (tmp_path / "1.sql").touch()
        with pytest.raises(SourceError, match=r"^1\.sql: PostgreSQL opened no session for it: "):
            replay(migration_files(tmp_path), tmp_path, lambda: psycopg.connect(f"host={tmp_path}"))


class TestSyntax:
    @pytest.mark.parametrize(
        ("text", "line", "message"),
        [
            ("select 'éé😀';\n\ncreate tabl x ();", 3, 'syntax error at or near "tabl"\n  create tabl x ()'),
            ("create table t (\n  a int\n\n\n", 2, "syntax error at end of input\n  create table t ( a int"),
            ("selec", 1, 'syntax error at or near "selec"\n  selec'),
            ("\nselect 'open", 2, "unterminated quoted string at or near \"'open\"\n  select 'open"),
        ],
    )
    def test_the_parsers_message_with_its_line(self, apply: Replay, text: str, line: int, message: str) -> None:
        error = failure(apply, text)
        assert error.message == f"supabase/migrations/1_a.sql:{line}: {message}"
        assert error.hint == ""

    def test_nothing_of_the_file_is_run(self, apply: Replay, database: Database) -> None:
        failure(apply, "create table t (a int); selec;")
        assert database.run("select to_regclass('t')") == [(None,)]


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


def test_the_source_says_what_was_left_out_and_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "supabase" / "migrations"
    folder.mkdir(parents=True)
    (folder / "1_a.sql").write_text("\\set x y\ncreate role anon; create table t (a int);")
    (folder / "later.sql").write_text("create table u ();")
    request = Request(schemas=("public",), root=tmp_path, environment={}, lock="lock.json")
    fetched = SOURCE.fetch(request)
    assert [str(relation.name) for relation in fetched.catalog.relations] == ["public.t"]
    assert (fetched.kind, fetched.describe) == ("migrations", "supabase/migrations")
    assert fetched.notes == (
        "supabase/migrations/later.sql is left out: its name does not begin with a version and _",
        "supabase/migrations/1_a.sql: commands of psql are skipped: \\set (line 1)",
        "supabase/migrations/1_a.sql:2: role anon is there in every Supabase project: its creation is passed over",
    )


def test_what_is_applied_has_a_database_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").write_text("create role mine; create table t (a int);")
    history = find(tmp_path, str(tmp_path))
    with applied(history, tmp_path, nullcontext) as (dsn, _), psycopg.connect(dsn) as session:
        assert session.execute("select current_database(), to_regclass('public.t')::text").fetchall() == [
            ("postgres", "t")
        ]


def test_importing_it_costs_no_driver_and_no_parser() -> None:
    code = "import sys, schema_sync.sources.replay as m; print({'psycopg', 'pgparse'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
