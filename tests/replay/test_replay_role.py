"""Migrations run as a role that is not a superuser, and can do there what migrations do. Attacks: tests/faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from databases import OPEN_LOGIN_RULES

from schema_sync.errors import MigrationError
from schema_sync.model.request import Request
from schema_sync.replay import embedded_server
from schema_sync.replay.apply import applied, replay
from schema_sync.replay.migration_files import History

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database


def apply(database: Database, folder: Path, text: str) -> tuple[str, ...]:
    file = folder / "1_a.sql"
    file.write_text(text)
    return replay([file], folder, database.owner_dsn).notes


def test_what_it_needs_no_superuser_for_is_passed_over(database: Database, tmp_path: Path) -> None:
    text = """
    create function f() returns event_trigger language plpgsql as $$ begin end $$;
    create event trigger watch on ddl_command_end execute function f();
    alter event trigger watch disable;
    comment on event trigger watch is 'x';
    alter event trigger watch owner to supabase_admin;
    alter event trigger watch rename to other;
    drop event trigger other;
    alter role authenticator set session_preload_libraries = 'safeupdate';
    alter role anon set statement_timeout = '3s';
    create publication everything for all tables;
    create publication one for tables in schema public;
    alter publication one add tables in schema auth;
    drop publication everything;
    """
    notes = apply(database, tmp_path, text)
    assert [note.partition(": ")[2].partition(":")[0] for note in notes] == [
        "an event trigger is passed over",
        "a setting that only a superuser may make is passed over",
        "a publication of all tables is left empty",
    ]
    assert database.run("select pubname::text from pg_publication order by 1") == [
        ("one",),
        ("supabase_realtime",),
    ]
    configured = "select setconfig from pg_db_role_setting where setrole = 'anon'::regrole"
    assert database.run(configured) == [(["statement_timeout=3s"],)]


@pytest.mark.parametrize(
    "extension", [*embedded_server._TRUSTED, "pg_cron", "pg_net", "postgis", "hstore", "plpgsql"]
)
def test_extensions_can_be_created_wherever_a_migration_does_it(
    database: Database, tmp_path: Path, extension: str
) -> None:
    text = f"""
    drop extension if exists {extension} cascade;
    do $$ begin create extension {extension} cascade; end $$;
    comment on extension {extension} is 'ours';
    """
    apply(database, tmp_path, text if extension != "plpgsql" else "comment on schema public is 'x'")
    owner = f"select extowner::regrole::text from pg_extension where extname = '{extension}'"
    assert database.run(owner) == [("schema_sync" if extension == "plpgsql" else "postgres",)]


def test_what_an_extension_makes_is_the_projects(database: Database, tmp_path: Path) -> None:
    apply(
        database,
        tmp_path,
        "create extension pg_cron; grant usage on schema cron to anon; grant all on all tables in schema cron to anon;"
        "alter table cron.job enable row level security; create policy p on cron.job using (true);",
    )


def test_what_is_supabases_can_be_built_upon(database: Database, tmp_path: Path) -> None:
    text = """
    create function public.on_user() returns trigger language plpgsql security definer as $$ begin return new; end $$;
    create trigger t after insert on auth.users for each row execute function public.on_user();
    create policy p on storage.objects for select using (bucket_id = 'x');
    insert into storage.buckets (id, name) values ('x', 'x');
    alter publication supabase_realtime add table auth.users;
    create role app login; grant anon to app; alter role app set statement_timeout = '1s';
    create schema app authorization app;
    create table public.u (id uuid references auth.users);
    alter table public.u owner to supabase_admin;
    set role anon; reset role;
    set session_replication_role = replica;
    alter default privileges for role supabase_admin in schema public grant all on tables to anon;
    alter default privileges for role postgres in schema public grant all on tables to anon;
    grant all on all tables in schema auth to service_role;
    alter function auth.uid() owner to supabase_auth_admin;
    alter database postgres set timezone to 'UTC';
    """
    try:
        apply(database, tmp_path, text)
    finally:
        database.run("drop schema if exists app; drop owned by app; drop role app")


def test_the_source_itself_replays_so(tmp_path: Path) -> None:
    file = tmp_path / "1_a.sql"
    file.write_text("copy (select 1) to program 'true'")
    history = History(files=(file,), describe="x")
    request = Request(schemas=("public",), root=tmp_path, environment={}, lock="lock.json")
    with pytest.raises(MigrationError, match="permission denied to COPY to or from an external program"):  # noqa: SIM117
        with applied(history, request):
            pass


def test_a_server_inherits_no_secret(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setenv("SUPABASE_ACCESS_TOKEN", "canary")
    with (
        embedded_server.server(OPEN_LOGIN_RULES) as running,
        psycopg.connect(running.database(), autocommit=True) as session,
    ):
        session.execute("create table seen (text text)")
        session.execute("copy seen from program 'env'")
        seen = [row[0] for row in session.execute("select text from seen")]
    assert seen
    assert not [text for text in seen if "canary" in text]
