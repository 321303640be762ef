"""Migrations replayed: in order, with messages of PostgreSQL that lead to the line."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from replays import apply, failure

from schema_sync.model.request import Request
from schema_sync.replay.apply import applied
from schema_sync.replay.migration_files import find
from schema_sync.sources.migrations import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    from replays import Replay

    from conftest import Database

__all__ = ["apply"]  # fixture


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
    request = Request(schemas=("public",), root=tmp_path, environment={}, lock="lock.json")
    with applied(history, request) as (dsn, _), psycopg.connect(dsn) as session:
        assert session.execute("select current_database(), to_regclass('public.t')::text").fetchall() == [
            ("postgres", "t")
        ]


def test_importing_it_costs_no_driver_and_no_parser() -> None:
    code = "import sys, schema_sync.replay.apply as m; print({'psycopg', 'pgparse'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
