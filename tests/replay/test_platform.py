"""Histories that bring what Supabase has, or ask for what the embedded server has otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from schema_sync.errors import MigrationError
from schema_sync.replay import apply as apply_module
from schema_sync.replay.apply import replay

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database


def apply(database: Database, folder: Path, *texts: str) -> tuple[str, ...]:
    files = [folder / f"{number}_a.sql" for number in range(1, len(texts) + 1)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    return replay(files, folder, database.owner_dsn).notes


class TestExtensions:
    @pytest.mark.parametrize(
        "clause",
        [
            "with schema extensions version '0.7.1'",
            "version '0.1' schema extensions cascade",
            'with version "0.7"',
            "with schema pg_catalog version '1'",
        ],
    )
    def test_any_version_can_be_asked_for(self, database: Database, tmp_path: Path, clause: str) -> None:
        notes = apply(database, tmp_path, f"\ncreate extension if not exists pg_net {clause};")
        assert notes == ("1_a.sql:2: extension pg_net: its version is not asked for; the server has its own",)
        assert database.run("select to_regclass('net.http_request_queue') is not null") == [(True,)]

    def test_an_update_to_a_version(self, database: Database, tmp_path: Path) -> None:
        notes = apply(
            database,
            tmp_path,
            "create extension pg_cron; alter extension pg_cron update; alter extension pg_cron update to '1.7';",
        )
        assert notes == ("1_a.sql:1: extension pg_cron: no version is updated to; the server has its own",)

    def test_what_every_project_has_may_be_created_again(self, database: Database, tmp_path: Path) -> None:
        notes = apply(
            database, tmp_path, 'create extension "uuid-ossp"; create extension supabase_vault schema vault;'
        )
        assert notes == (
            "1_a.sql:1: extension uuid-ossp: every Supabase project has it",
            "1_a.sql:1: extension supabase_vault: every Supabase project has it",
        )

    def test_one_that_the_project_made_itself_may_not(self, database: Database, tmp_path: Path) -> None:
        with pytest.raises(MigrationError, match='extension "citext" already exists'):
            apply(database, tmp_path, "create extension citext; create extension citext;")

    def test_one_that_was_dropped_comes_back(self, database: Database, tmp_path: Path) -> None:
        text = "drop extension pgcrypto cascade; create extension pgcrypto with schema public;"
        assert apply(database, tmp_path, text) == ()
        assert database.run("select public.digest('a', 'md5') is not null") == [(True,)]


class TestRoles:
    def test_those_of_supabase_are_there(self, database: Database, tmp_path: Path) -> None:
        notes = apply(database, tmp_path, "create role anon nologin;\ncreate user postgres;\ncreate group cms_1;")
        assert notes == (
            "1_a.sql:1: role anon is there in every Supabase project: its creation is passed over",
            "1_a.sql:2: role postgres is there in every Supabase project: its creation is passed over",
        )
        database.run("drop role cms_1")

    def test_one_that_the_project_made_itself_is_not(self, database: Database, tmp_path: Path) -> None:
        with pytest.raises(MigrationError, match='role "cms_2" already exists'):
            apply(database, tmp_path, "create role cms_2;", "create role cms_2;")
        database.run("drop role cms_2")


class TestSchemas:
    def test_a_project_with_its_own_auth(self, database: Database, tmp_path: Path) -> None:
        notes = apply(
            database,
            tmp_path,
            "create schema auth;\ncreate table auth.users (id int primary key);\n"
            "create function auth.uid() returns int language sql as 'select 1';",
            "create table post (author int references auth.users); grant usage on schema auth to anon;",
        )
        assert notes == (
            "1_a.sql:1: the project creates the schema auth itself: Supabase's own was removed before",
        )
        assert database.run("select auth.uid()") == [(1,)]

    def test_a_second_creation_fails_as_ever(self, database: Database, tmp_path: Path) -> None:
        with pytest.raises(MigrationError, match=r'^2_a\.sql:1: schema "auth" already exists'):
            apply(database, tmp_path, "create schema auth;", "create schema auth;")

    def test_a_table_of_its_own(self, database: Database, tmp_path: Path) -> None:
        notes = apply(
            database,
            tmp_path,
            "create schema if not exists auth;\ncreate table if not exists auth.users (id int);\n"
            "create table auth.sessions (token text);\nalter table auth.sessions add user_id uuid references auth.users;",
        )
        assert notes == (
            "1_a.sql:3: the project creates the table auth.sessions itself: Supabase's own was removed before",
        )

    def test_a_table_that_is_created_twice_fails_as_ever(self, database: Database, tmp_path: Path) -> None:
        with pytest.raises(MigrationError, match='relation "users" already exists'):
            apply(database, tmp_path, "create table auth.users (id int); create table auth.users (id int);")

    def test_others_are_kept_with_what_is_in_them(self, database: Database, tmp_path: Path) -> None:
        notes = apply(database, tmp_path, "create table t (); create schema public; create schema extensions;")
        assert notes == (
            "1_a.sql:1: schema public is there in every Supabase project: its creation is passed over",
            "1_a.sql:1: schema extensions is there in every Supabase project: its creation is passed over",
        )
        assert database.run("select count(*) from t") == [(0,)]

    def test_one_with_its_tables_is_not_passed_over(self, database: Database, tmp_path: Path) -> None:
        with pytest.raises(MigrationError, match='schema "public" already exists'):
            apply(database, tmp_path, "create schema public create table t (a int);")

    def test_a_dropped_one_and_one_named_by_its_owner(self, database: Database, tmp_path: Path) -> None:
        assert apply(database, tmp_path, "drop schema storage cascade; create schema storage;") == ()
        assert apply(database, tmp_path, "create schema authorization anon;") == ()


class TestGrants:
    def test_on_functions_that_a_stand_in_lacks(self, database: Database, tmp_path: Path) -> None:
        notes = apply(
            database,
            tmp_path,
            "create extension postgis;\nbegin;\ngrant all on function public.st_area(geometry) to anon;\n"
            "grant all on function public.st_nosuch(geometry) to anon;\nrevoke all on function\n public.st_x() from anon;"
            "\ncreate table t (); commit;",
        )
        assert notes == (
            "1_a.sql:4: privileges on a function that a stand-in of an extension lacks are passed over"
            " (1 more of the kind in this file)",
        )
        assert database.run("select has_function_privilege('anon', 'st_area(geometry)', 'execute')") == [(True,)]
        assert database.run("select count(*) from t") == [(0,)]

    def test_on_a_role_that_is_not_there(self, database: Database, tmp_path: Path) -> None:
        with pytest.raises(MigrationError, match=r'1_a\.sql:1: role "nosuch" does not exist'):
            apply(database, tmp_path, "grant select on auth.users to nosuch;")


def test_security_labels_are_passed_over(database: Database, tmp_path: Path) -> None:
    text = "create table t (a text); security label for pgsodium on column t.a is 'ENCRYPT WITH KEY ID x';"
    assert apply(database, tmp_path, text) == (
        "1_a.sql:1: a security label is passed over: pgsodium is not loaded, and no column depends on it",
    )


def test_a_session_that_is_gone(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "1_a.sql"
    file.write_text("create role anon")
    own_session = apply_module.own_session

    def terminated(dsn: str) -> psycopg.Connection:
        session = own_session(dsn)
        session.execute("create table t (a int)")
        database.run(f"select pg_terminate_backend({session.info.backend_pid})")
        return session

    monkeypatch.setattr(apply_module, "own_session", terminated)
    with pytest.raises(psycopg.Error):
        replay([file], tmp_path, database.owner_dsn, go_on=True)
