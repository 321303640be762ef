"""The embedded server: what it looks like, who reaches it, and that it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from databases import OPEN_LOGIN_RULES, create_database, drop_database
from servers import gone, processes, query, room, script, served, wait_until

from schema_sync.errors import SourceError
from schema_sync.replay import embedded_server

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["room"]  # fixture


class TestServer:
    def test_it_looks_like_a_supabase_project(self, server: embedded_server.Server) -> None:
        for dsn, user in (
            (server.database(), embedded_server.SUPERUSER),
            (server.database(user="postgres"), "postgres"),
        ):
            assert query(dsn, "select current_database(), current_user, current_setting('search_path')") == [
                ("postgres", user, '"$user", public, extensions')
            ]
        assert query(
            server.database(), "select extname, extnamespace::regnamespace::text from pg_extension order by 1"
        ) == [
            ("pg_graphql", "graphql"),
            ("pg_stat_statements", "extensions"),
            ("pgcrypto", "extensions"),
            ("plpgsql", "pg_catalog"),
            ("supabase_vault", "vault"),
            ("uuid-ossp", "extensions"),
        ]
        assert query(server.database(), "select auth.uid(), auth.role()") == [(None, None)]
        assert query(server.database(), "select pubname from pg_publication") == [("supabase_realtime",)]
        assert query(server.database(), "select rolbypassrls from pg_roles where rolname = 'service_role'") == [
            (True,)
        ]

    def test_only_its_user_reaches_it(self, server: embedded_server.Server) -> None:
        assert server.folder.stat().st_mode & 0o077 == 0
        assert query(server.database(), "select current_setting('listen_addresses')") == [("",)]

    def test_public_is_as_granted_by_default(self, database: Database) -> None:
        database.run("set role postgres; create table t (a int)")
        assert database.run("set role anon; select count(*) from t") == [(0,)]

    def test_stand_ins_are_extensions_that_own_their_functions(self, database: Database) -> None:
        owned = """
            select e.extname, count(*) from pg_depend d join pg_extension e on e.oid = d.refobjid
            where d.classid = 'pg_proc'::regclass and d.deptype = 'e' and e.extname in ('uuid-ossp', 'pgcrypto')
            group by 1 order by 1"""
        assert database.run(owned) == [("pgcrypto", 36), ("uuid-ossp", 10)]
        database.run('create extension if not exists "uuid-ossp" with schema extensions')
        database.run('drop extension "uuid-ossp"; create schema x; create extension "uuid-ossp" with schema x')
        assert database.run("select x.uuid_nil()::text") == [("00000000-0000-0000-0000-000000000000",)]

    def test_stand_ins_give_values_of_the_right_kind(self, database: Database) -> None:
        sql = """select octet_length(gen_random_bytes(70)), uuid_generate_v4() <> uuid_generate_v4(),
            substr(uuid_generate_v5(uuid_ns_url(), 'a')::text, 15, 1),
            pgp_sym_decrypt(pgp_sym_encrypt('a', 'k'), 'k'),
            uuid_generate_v3(uuid_ns_dns(), 'www.example.com')::text, extensions.gen_random_uuid() is null"""
        version_3 = "5df41881-3aed-3515-88a7-2f4a814cf09e"
        assert database.run(sql) == [(70, True, "5", "a", version_3, False)]

    def test_databases_come_and_go(self, server: embedded_server.Server) -> None:
        name = """it's "q" \\ é"""
        dsn = create_database(server, name)
        assert dsn == server.database(name)
        with psycopg.connect(dsn, autocommit=True) as session:  # a session that stays does not keep it
            assert session.execute("select current_database(), auth.uid()").fetchall() == [(name, None)]
            drop_database(server, name)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(dsn)
        drop_database(server, name)

    def test_variables_of_the_environment_do_not_disturb(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"PGOPTIONS": "-c search_path=x", "PGHOST": "x", "PGPORT": "1", "PGDATA": "/x"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
        with embedded_server.server(OPEN_LOGIN_RULES) as running:
            assert query(running.database(), "show search_path") == [('"$user", public, extensions',)]

    def test_two_at_once(self, server: embedded_server.Server) -> None:
        with embedded_server.server(OPEN_LOGIN_RULES) as other:
            assert other.folder != server.folder
            with psycopg.connect(other.database(), autocommit=True) as session:
                session.execute("create table only_here ()")
            assert query(server.database(), "select to_regclass('only_here')") == [(None,)]
        assert gone(other.folder)
        assert query(server.database(), "select 1") == [(1,)]


class TestEnd:
    def test_normal(self) -> None:
        with embedded_server.server(OPEN_LOGIN_RULES) as running:
            assert processes(running.folder.name)
        assert gone(running.folder)

    def test_an_exception_and_an_open_session(self) -> None:
        def fail() -> None:
            with embedded_server.server(OPEN_LOGIN_RULES) as running:
                folders.append(running.folder)
                sessions.append(psycopg.connect(running.database()))
                raise ZeroDivisionError

        folders: list[Path] = []
        sessions: list[psycopg.Connection] = []
        with pytest.raises(ZeroDivisionError):
            fail()
        sessions[0].close()
        assert gone(folders[0])

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    def test_a_signal(self, number: signal.Signals) -> None:
        with script("with server() as s: print(s.folder, flush=True); time.sleep(60)") as process:
            folder = served(process)
            assert processes(folder.name)
            process.send_signal(number)
        assert wait_until(lambda: gone(folder))

    def test_an_exit_that_skips_everything(self) -> None:
        with script("with server() as s: print(s.folder, flush=True); os._exit(3)") as process:
            folder = served(process)
        assert wait_until(lambda: gone(folder))

    @pytest.mark.parametrize("milliseconds", [0, 15, 30, 45, 60, 90, 120, 160])
    def test_a_kill_while_it_starts(self, room: Path, milliseconds: int) -> None:
        body = f"""
            from schema_sync.replay import supervisor
            from pathlib import Path
            supervisor.MEMORY = Path("{room}/absent")
            print("ready", flush=True)
            with server(): time.sleep(60)
        """
        with script(body) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(milliseconds / 1000)
            process.kill()
        assert wait_until(lambda: not list(room.glob("schema-sync-*")) and not processes(room.name))

    def test_a_forked_child_of_ours_does_not_keep_it(self) -> None:
        body = """
            with server() as s:
                child = os.fork()
                if not child:
                    time.sleep(60)
            print(s.folder, child, flush=True)
        """
        with script(body) as process:
            folder, child = str(served(process)).split()
        os.kill(int(child), signal.SIGKILL)
        assert not Path(folder).exists()

    def test_a_polite_end_of_the_keeper_ends_the_server_too(self) -> None:
        with script("with server() as s: print(s.folder, flush=True); time.sleep(60)") as process:
            folder = served(process)
            listed = subprocess.run(
                ["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
            )
            line = next(t for t in listed.stdout.splitlines() if "schema-sync-keeper" in t and folder.name in t)
            os.kill(int(line.split()[0]), signal.SIGTERM)
            assert wait_until(lambda: gone(folder))
            process.kill()

    def test_a_server_that_is_killed_is_an_error(self) -> None:
        def killed() -> None:
            with embedded_server.server(OPEN_LOGIN_RULES) as running:
                folders.append(running.folder)
                os.kill(
                    int((running.folder / "data" / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL
                )

        folders: list[Path] = []
        with pytest.raises(SourceError, match=r"^PostgreSQL did not end well:\n"):
            killed()
        assert wait_until(lambda: gone(folders[0]))
