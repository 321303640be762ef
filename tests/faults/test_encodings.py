"""Databases and sessions in other encodings than UTF-8: names come as they are, or with escapes, and nothing ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from databases import OPEN_LOGIN_RULES, drop_database

import direct
from schema_sync import cli
from schema_sync.errors import UsageError
from schema_sync.postgres import connection
from schema_sync.postgres.catalog_queries import LISTINGS
from schema_sync.postgres.read_only_query import Limits
from schema_sync.replay import embedded_server
from schema_sync.sources.base import Fetched
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Database

FEW = Limits(rows=10, seconds=20)
NAMES = {
    "LATIN1": "café",
    "LATIN9": "prix€",
    "WIN1251": "таблица",
    "EUC_JP": "日本",
    "SQL_ASCII": "straße",  # bytes of UTF-8, of which the server knows nothing
    "UTF8": "𝔘ñï",
}


@pytest.fixture(scope="module")
def server() -> Iterator[embedded_server.Server]:
    """A server that can create databases in other encodings: PostgreSQL does so from ``template0`` only."""
    with embedded_server.server(OPEN_LOGIN_RULES) as running:
        with psycopg.connect(running.database(), autocommit=True) as session:
            session.execute("create database template0 template template1")
        yield running


@pytest.fixture
def encoded(server: embedded_server.Server) -> Iterator[Callable[..., str]]:
    """Create a database in an encoding, run SQL in it (text, or bytes as they are), and return its address."""
    made: list[str] = []

    def create(encoding: str, sql: str | bytes = "") -> str:
        name = f"encoded_{len(made)}"
        made.append(name)
        with psycopg.connect(server.database(), autocommit=True) as session:
            session.execute(f"create database {name} template template0 encoding '{encoding}'".encode())
        raw = server.database(name).replace("client_encoding=UTF8", "client_encoding=SQL_ASCII")
        with psycopg.connect(raw if isinstance(sql, bytes) else server.database(name), autocommit=True) as session:
            session.execute(sql.encode() if isinstance(sql, str) else sql)
        return server.database(name).replace(" options=''", "").replace(" client_encoding=UTF8", "")

    yield create
    for name in made:
        drop_database(server, name)


def schema(name: str) -> str:
    return f"""
create type "{name}_art" as enum ('{name}');
create table "{name}" ("{name}_id" int primary key, art "{name}_art", s text default '{name}');
comment on table "{name}" is '{name}';
create index "{name}_i" on "{name}" (s);
"""


BROKEN = schema("straße").encode().replace("ß".encode(), b"\xdf") + schema("gut").encode()


def read(root: Path, address: str) -> Fetched:
    return projects.fetch(projects.open_project(root, source=address), expressions=True)[0]


class TestNames:
    @pytest.mark.parametrize("encoding", NAMES)
    @pytest.mark.parametrize(
        "way", ["", "parameter", "PGCLIENTENCODING", "PGOPTIONS", "role", "database", "SQL_ASCII", "unknown"]
    )
    def test_come_as_they_are(
        self,
        encoded: Callable[..., str],
        server: embedded_server.Server,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        encoding: str,
        way: str,
    ) -> None:
        name = NAMES[encoding]
        address = encoded(encoding, schema(name))
        other = encoding if encoding != "UTF8" else "LATIN1"
        with psycopg.connect(server.database(), autocommit=True) as session:
            if way == "role":
                session.execute(f"alter role schema_sync set client_encoding = '{other}'".encode())
            if way == "database":
                session.execute(f"alter database encoded_0 set client_encoding = '{other}'".encode())
        if way == "parameter":
            address += f" client_encoding={other}"
        if way == "PGOPTIONS":
            monkeypatch.setenv(way, f"-c client_encoding={other}")
        if way in {"SQL_ASCII", "unknown", "PGCLIENTENCODING"}:
            monkeypatch.setenv("PGCLIENTENCODING", other if way == "PGCLIENTENCODING" else way)
        try:
            catalog = read(tmp_path, address).catalog
            table = next(r for r in catalog.relations if r.name.name == name)
            assert (table.comment, table.columns[0].name) == (name, f"{name}_id")
            assert catalog.enums[0].labels == (name,)
            rows = direct.query(connection.user_address(address, {}), f"select '{name}' as \"{name}\"", FEW)
            assert (rows.columns, rows.rows) == ((name,), ((name,),))
        finally:
            with psycopg.connect(server.database(), autocommit=True) as session:
                session.execute("alter role schema_sync reset client_encoding")

    def test_a_character_is_one(self, encoded: Callable[..., str]) -> None:
        for encoding, length in (("LATIN1", 1), ("UTF8", 1), ("SQL_ASCII", 2)):
            assert direct.query(encoded(encoding), "select length('ä')", FEW).rows == ((length,),)

    def test_one_that_the_database_cannot_hold(self, encoded: Callable[..., str]) -> None:
        with pytest.raises(UsageError, match="has no equivalent in encoding"):
            direct.query(encoded("LATIN1"), "select '日'", FEW)


class TestBytes:
    """SQL_ASCII keeps any bytes: what is not UTF-8 is shown with escapes."""

    def test_in_a_catalog(self, encoded: Callable[..., str], tmp_path: Path) -> None:
        fetched = read(tmp_path, encoded("SQL_ASCII", BROKEN))
        found = {r.name.name: r for r in fetched.catalog.relations}
        assert set(found) == {"gut", r"stra\xdfe"}
        assert found[r"stra\xdfe"].comment == r"stra\xdfe"
        assert {label for e in fetched.catalog.enums for label in e.labels} == {"gut", r"stra\xdfe"}
        (note,) = fetched.notes
        assert note.startswith("names or texts in the database (encoding SQL_ASCII) are not UTF-8")
        assert r"stra\xdfe" in note

    @pytest.mark.parametrize(
        ("query", "value"),
        [
            (r"select E'a\xe9'", r"a\xe9"),
            (r"select E'\xff\xfe'", r"\xff\xfe"),
            (r"select E'\xc3\xa9'", "é"),
            (r"select array[E'\xe9', E'\"\\\\\xe9']", [r"\xe9", r'"\\\xe9']),
            (r"""select row(E'\xe9"', 1)""", {"f1": r"\xe9" + '"', "f2": 1}),
            (r"select E'\xe9'::name", r"\xe9"),
            (r"select E'\xed\xa0\x80'", r"\xed\xa0\x80"),
        ],
    )
    def test_in_an_answer(self, encoded: Callable[..., str], query: str, value: object) -> None:
        assert direct.query(encoded("SQL_ASCII"), query, FEW).rows == ((value,),)

    def test_in_the_name_of_a_column(self, encoded: Callable[..., str]) -> None:
        address = encoded("SQL_ASCII", b'create view v as select 1 as "a\xe9"')
        assert direct.query(address, "select * from v", FEW).columns == (r"a\xe9",)

    @pytest.mark.parametrize(
        "command",
        [
            *(("check",), ("diff",), ("report", "--output", "r.md"), ("docs", "docs"), ("analyze",), ("doctor",)),
            *(("check", "--format", "json"), ("snapshot",), ("sql", "table gut"), ("update", "--dry-run")),
            *(("list", kind) for kind in ("tables", "views", "enums", "constraints", *LISTINGS)),
        ],
    )
    def test_in_each_command(
        self,
        encoded: Callable[..., str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        command: tuple[str, ...],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        code = cli.run([*command, "--source", encoded("SQL_ASCII", BROKEN)])
        talk = capsys.readouterr().err
        assert code in {0, 1}, talk
        assert "defect" not in talk

    @pytest.mark.parametrize("command", [("check",), ("sql", "select 1"), ("list", "indexes"), ("doctor",)])
    def test_by_a_variable(
        self,
        database: Database,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        command: tuple[str, ...],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PGCLIENTENCODING", "SQL_ASCII")
        source = database.dsn.replace("client_encoding=UTF8", "client_encoding=SQL_ASCII")
        assert cli.run([*command, "--source", source]) in {0, 1}
        assert "defect" not in capsys.readouterr().err
