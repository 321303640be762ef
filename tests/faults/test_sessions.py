"""A connection leaves the server's session as it was, and ends in time whatever the network does."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

import direct
from doubles.postgres_listener import Proxy, proxied, statements
from schema_sync import cli
from schema_sync.errors import ConfigError, SchemaSyncError, SourceError
from schema_sync.postgres import connection, read_only_query
from schema_sync.postgres.catalog_queries import LISTINGS, catalog_queries
from schema_sync.postgres.catalog_reading import read_rows
from schema_sync.postgres.read_only_query import Limits
from schema_sync.remote import mcp_client
from schema_sync.sources import management, mcp, postgrest
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Database
    from schema_sync.replay.embedded_server import Server

pytestmark = pytest.mark.thorough

SETTINGS = "select name, setting, source from pg_settings where name not like 'plpgsql.%' order by name"
ENDINGS = [
    "select 1",
    "select 1/0",
    "select nope",
    "select pg_sleep(9)",
    "select 1; select 2",
    "select $1::int",
    "select set_config('default_transaction_read_only', 'on', false)",
    "select set_config('transaction_read_only', 'off', false)",
    "select set_config('search_path', 'x', false), set_config('statement_timeout', '1', false), 1/0",
    "select change()",
    "with a as (delete from kept returning *) select * from a",
]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SUPABASE_DB_URL", "PGSSLMODE", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)


def through(proxy: Proxy, database: Database) -> str:
    return f"host=127.0.0.1 port={proxy.port} user=schema_sync dbname={database.name} sslmode=disable"


def socket_of(server: Server) -> Path:
    return server.folder / ".s.PGSQL.5432"


class TestTheSessionStays:
    """What a transaction pooler lends belongs to somebody else the next moment."""

    @pytest.mark.parametrize("text", ENDINGS)
    def test_as_it_was(self, database: Database, text: str) -> None:
        database.run(
            "create table kept (a int); create function change() returns int language plpgsql as"
            " $$ begin insert into kept values (1); return 1; end $$"
        )
        with connection.own_session(database.dsn) as session:
            before = session.execute(SETTINGS).fetchall()
            try:
                read_only_query.select(session, text, Limits(rows=10, seconds=0.3))
            except SchemaSyncError:
                session.rollback()  # what leaving the connection does
            assert session.execute(SETTINGS).fetchall() == before
            session.execute("insert into kept values (1)")

    @pytest.mark.parametrize("text", ENDINGS)
    def test_nothing_else_is_said(self, database: Database, server: Server, text: str) -> None:
        with proxied(socket_of(server)) as proxy:
            with contextlib.suppress(SchemaSyncError):
                direct.query(through(proxy, database), text, Limits(rows=10, seconds=0.3))
            self.look(statements(bytes(proxy.sent)))

    @pytest.mark.parametrize(
        "command", [("check",), ("doctor",), ("docs", "docs"), *(("list", k) for k in LISTINGS)]
    )
    def test_nor_by_any_command(
        self,
        database: Database,
        server: Server,
        command: tuple[str, ...],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with proxied(socket_of(server)) as proxy:
            assert cli.run([*command, "--source", through(proxy, database)]) in {0, 1}
            self.look(statements(bytes(proxy.sent)))

    def look(self, said: list[str]) -> None:
        assert said
        depth = 0
        for each in said:
            word = re.sub(r"--[^\n]*\n", "", each).split()[0].lower()
            assert word in {"begin", "set", "select", "commit", "rollback", "with", "values"}, each
            if word == "begin":
                assert "read only" in each
                depth += 1
            if word == "set":
                assert depth == 1
                assert each.startswith("set local ")
            depth -= word in {"commit", "rollback"}
        assert depth == 0


class TestSilence:
    """A network that stops: the read ends within client-timeout, with 3."""

    @pytest.mark.parametrize("most", [0, 1, 8, 9, 13, 30, 60, 200, 400, 500, 600, 700, 1000, 3000, 6000])
    def test_after_some_bytes(self, database: Database, server: Server, most: int, tmp_path: Path) -> None:
        (tmp_path / "schema-sync.toml").write_text("client-timeout = 2\n")
        with proxied(socket_of(server), most) as proxy:
            project = projects.open_project(tmp_path, source=through(proxy, database))
            with pytest.raises(SourceError) as caught:
                projects.fetch(project)
        self.look(caught.value)

    def look(self, error: SchemaSyncError) -> None:
        assert re.search(
            r"did not answer within 2 seconds|cannot connect to .*: connection timeout", error.message
        )
        assert re.search(r"client-timeout|Check host and port", error.hint)

    def test_one_that_sends_a_byte_now_and_then(self, database: Database, server: Server, tmp_path: Path) -> None:
        (tmp_path / "schema-sync.toml").write_text("client-timeout = 2\n")
        with proxied(socket_of(server), 600, slow=True) as proxy, pytest.raises(SourceError) as caught:
            projects.fetch(projects.open_project(tmp_path, source=through(proxy, database)))
        self.look(caught.value)

    @pytest.mark.parametrize("answer", [b"", b"S", b"S\x16\x03\x03\x00\x7a", b"S\x16", b"G"])
    def test_while_encryption_is_agreed(self, answer: bytes, tmp_path: Path) -> None:
        (tmp_path / "schema-sync.toml").write_text("client-timeout = 2\n")
        held: list[socket.socket] = []

        def serve() -> None:
            client, _ = server.accept()
            held.append(client)
            client.recv(8)
            client.sendall(answer)

        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=serve, daemon=True).start()
            source = f"postgresql://u@127.0.0.1:{server.getsockname()[1]}/d?sslmode=require&connect_timeout=600"
            with pytest.raises(SourceError, match="cannot connect to postgresql://u@127") as caught:
                projects.fetch(projects.open_project(tmp_path, source=source))
            held[0].close()
        assert caught.value.exit_code == 3

    @pytest.mark.parametrize("most", [600, 1000])
    def test_a_query(self, database: Database, server: Server, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
        with proxied(socket_of(server), most) as proxy, pytest.raises(SourceError, match="did not answer within"):
            direct.query(through(proxy, database), "select repeat('x', 100000)", Limits(rows=1, seconds=0.5))

    def test_a_resolver(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        released = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(60) and [])
        address = connection.user_address("postgresql://u@db.example/d", {})
        with pytest.raises(SourceError, match="the resolver does not answer in time"):
            connection.connect(address, 1)
        released.set()

    def test_hosts_that_are_silent_share_the_time(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:  # it accepts, and says nothing
            hosts = ",".join(["127.0.0.1"] * 50)
            source = f"host={hosts} port={server.getsockname()[1]} connect_timeout=100"
            (tmp_path / "schema-sync.toml").write_text("client-timeout = 5\n")
            with pytest.raises(SourceError, match="Multiple connection attempts failed") as caught:
                projects.fetch(projects.open_project(tmp_path, source=source))
        assert caught.value.message.count("host: '127.0.0.1'") == 2  # of two seconds each

    def test_no_such_host(self) -> None:
        address = connection.user_address("postgresql://u@nowhere.invalid/d", {})
        with pytest.raises(SourceError, match=r"failed to resolve host 'nowhere\.invalid'"):
            connection.connect(address, 20)


class TestSlowHttp:
    """A server that sends a byte of its headers, or of its body, now and then."""

    @pytest.fixture(params=[b"HTTP/1.1 200 OK\r\nx-", b"HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n", b""])
    def address(self, request: pytest.FixtureRequest) -> Iterator[str]:
        def drip(client: socket.socket) -> None:
            with client, contextlib.suppress(OSError):
                client.recv(65536)
                client.sendall(request.param)
                while True:
                    client.sendall(b"x")
                    time.sleep(0.05)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    threading.Thread(target=drip, args=(client,), daemon=True).start()

        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=serve, daemon=True).start()
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
            server.shutdown(socket.SHUT_RDWR)

    def test_postgrest(self, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgrest, "TOTAL_SECONDS", 1)
        monkeypatch.setenv("SUPABASE_URL", address)
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", "sb_secret_x")
        with pytest.raises(SourceError, match=r"takes too long|does not answer in time|cannot connect"):
            projects.fetch(projects.open_project(tmp_path, source="postgrest"))

    @pytest.mark.parametrize("source", ["management", "mcp"])
    def test_the_platform(
        self, address: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(management, "TOTAL_SECONDS", 1)
        monkeypatch.setattr(mcp, "TOTAL_SECONDS", 1)
        monkeypatch.setattr(mcp_client, "CONNECT_SECONDS", 1)
        monkeypatch.setenv("SUPABASE_ACCESS_TOKEN", "t")
        monkeypatch.setenv("SUPABASE_PROJECT_ID", "p")
        monkeypatch.setenv("SUPABASE_API_URL", address)
        word = f"mcp:{address}/mcp" if source == "mcp" else source
        with pytest.raises(SourceError):
            projects.fetch(projects.open_project(tmp_path, source=word))


@pytest.mark.parametrize("value", ["0", "-1", "0.5", "1e9", "inf", "nan", "'60'", "true"])
def test_what_is_no_limit(tmp_path: Path, value: str) -> None:
    (tmp_path / "schema-sync.toml").write_text(f"client-timeout = {value}\n")
    with pytest.raises(ConfigError, match="client-timeout"):
        projects.open_project(tmp_path)


def test_ctrl_c_in_silence(database: Database, server: Server, tmp_path: Path) -> None:
    with proxied(socket_of(server), 600) as proxy:
        command = [sys.executable, "-m", "schema_sync", "check", "--source", through(proxy, database)]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            while b"commit" not in proxy.sent:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, talk = process.communicate(timeout=50)  # less than client-timeout
        assert (process.returncode, talk) == (130, "\nInterrupted.\n")


def test_ctrl_c_in_other_work_waits_for_no_answer(database: Database, server: Server) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with (
        proxied(socket_of(server), 600) as proxy,
        connection.own_session(through(proxy, database)) as session,
    ):
        session.until = time.monotonic() + 10
        with pytest.raises(KeyboardInterrupt):
            read_rows(session, catalog_queries(("public",)), meanwhile=interrupted)
        assert session.closed


def test_ctrl_c_stops_the_server(database: Database, server: Server, tmp_path: Path) -> None:
    with proxied(socket_of(server)) as proxy:
        query = "select pg_sleep(600)::text as sleeping"
        command = [sys.executable, "-m", "schema_sync", "sql", query, "--timeout", "900"]
        command += ["--source", through(proxy, database)]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            while b"to_json" not in proxy.sent:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, talk = process.communicate(timeout=50)
        assert (process.returncode, talk) == (130, "\nInterrupted.\n")
        left = (
            f"select count(*) from pg_stat_activity where datname = '{database.name}' and query like '%sleeping%'"
        )
        with psycopg.connect(server.database(), autocommit=True) as session:
            while session.execute(f"{left} and pid <> pg_backend_pid()").fetchall() != [(0,)]:  # type: ignore[arg-type]
                time.sleep(0.05)
