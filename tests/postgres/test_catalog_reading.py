"""How a catalog is read: in one read-only look, the same each time, by each source."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from catalogs import read, relation
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PipelineStatus

import direct
from direct import read_catalog
from schema_sync.errors import SourceError, UsageError
from schema_sync.model.catalog import Facet
from schema_sync.model.request import Request
from schema_sync.model.snapshot import decode_snapshot, encode_snapshot, fingerprint, portable
from schema_sync.postgres import connection
from schema_sync.postgres.catalog_queries import catalog_queries
from schema_sync.postgres.catalog_reading import read_rows
from schema_sync.postgres.session import open_session
from schema_sync.sources.base import sources

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database


class TestReading:
    def test_text_of_expressions_never_depends_on_the_search_path(self, database: Database) -> None:
        first = read(
            database,
            "create schema o; create function o.f() returns int language sql as 'select 1';"
            "create table t (a int default o.f() check (a > o.f()))",
        )
        database.run(f"alter database {database.name} set search_path = o, public")
        assert read_catalog(database.dsn, ("public",)) == first

    def test_one_select_alone_empties_the_path_too(self, database: Database) -> None:
        from schema_sync.postgres.catalog_queries import catalog_queries

        database.run("create table t (a int check (a > 0), b regclass default 't'::regclass)")
        with psycopg.connect(database.dsn, autocommit=True) as session:
            session.execute("set search_path = public")
            rows = session.execute(catalog_queries(("public",))["expressions"].encode()).fetchall()
            (path,) = session.execute("show search_path").fetchone() or ("",)
        assert ("'public.t'::regclass") in [row[3] for row in rows]
        assert path == "public", "the session's own path comes back"

    def test_without_expressions_checks_are_not_covered(self, database: Database) -> None:
        database.run("create table t (a int default 1 check (a > 0))")
        full = read_catalog(database.dsn, ("public",))
        lean = read_catalog(database.dsn, ("public",), expressions=False)
        assert Facet.CHECKS in full.covers
        assert Facet.CHECKS not in lean.covers
        assert relation(lean, "t").constraints == ()
        assert relation(lean, "t").columns[0].has_default
        assert fingerprint(lean) == fingerprint(full)

    def test_it_is_read_only_and_leaves_nothing(self, database: Database) -> None:
        database.run("alter role postgres set default_transaction_read_only = off")
        with open_session(conninfo_to_dict(database.dsn), 60, time.monotonic() + 60) as session:
            for statement in session.opening(60):
                session.execute(statement.encode())
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                session.execute("create table t (id int)")

    @pytest.mark.thorough
    def test_other_work_is_done_while_the_server_works(self, database: Database) -> None:
        database.run("create table t (a int)")
        states: list[PipelineStatus] = []
        with connection.connect(connection.own_address(database.dsn), 60) as session:
            rows = read_rows(
                session, catalog_queries(("public",)), lambda: states.append(session.pgconn.pipeline_status)
            )
        assert states == [PipelineStatus.ON]  # sent, and not read
        assert len(rows["columns"]) == 1

    def test_a_statement_that_takes_too_long(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        slow = {"namespaces": "select pg_sleep(9)"}
        monkeypatch.setattr(direct, "catalog_queries", lambda *_, **__: slow)
        with pytest.raises(
            SourceError, match="the catalog could not be read: canceling statement due to statement timeout"
        ):
            read_catalog(database.dsn, ("public",), seconds=4)

    def test_reading_twice_gives_the_same_bytes(self, database: Database) -> None:
        database.run(
            "create table b (id int); create table a (id int); create type z as enum ('1'); create type y as enum ()"
        )
        one, two = (encode_snapshot(read_catalog(database.dsn, ("public",))) for _ in range(2))
        assert one == two
        assert decode_snapshot(one, path="x") == portable(read_catalog(database.dsn, ("public",)))

    def test_the_key_of_a_database_is_its_own(self, database: Database, server: object) -> None:
        first = read_catalog(database.dsn, ("public",)).database
        other = read_catalog(database.dsn.replace(database.name, "postgres"), ("public",)).database
        assert first
        assert other
        assert first != other
        assert read_catalog(database.dsn, ("public",)).database == first

    def test_an_ordinary_role_can_read(self, database: Database) -> None:
        database.run("create role reader login; create table t (id int)")
        try:
            as_reader = re.sub(r"user='[^']*'", "user='reader'", database.dsn)
            assert read_catalog(as_reader, ("public",)) == read_catalog(database.dsn, ("public",))
        finally:
            database.run("drop role reader")

    def test_supabase_hosts_need_tls_unless_the_user_says_otherwise(self) -> None:
        def mode(text: str, **variables: str) -> str | None:
            return connection.user_address(text, variables).parameters.get("sslmode")

        assert mode("host=db.x.supabase.co") == "require"
        assert mode("host=db.x.supabase.co sslmode=verify-full") == "verify-full"
        assert mode("host=db.x.supabase.co", PGSSLMODE="verify-full") is None  # libpq reads the variable
        assert mode("host=localhost") is None


class TestSources:
    def test_all_are_found(self) -> None:
        assert sorted(sources()) == ["dsn", "lock", "management", "mcp", "migrations", "postgrest", "snapshot"]
        assert all(source.name == name for name, source in sources().items())

    def test_one_is_found_without_the_others(self) -> None:
        code = "import sys; from schema_sync.sources.base import source_called; print(source_called('lock').name,"
        code += " source_called('rows'), source_called('no such'), 'schema_sync.replay.supervisor' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "lock None None False\n"

    def test_a_snapshot_of_other_schemas(self, database: Database, tmp_path: Path) -> None:
        (tmp_path / "s.json").write_bytes(encode_snapshot(read_catalog(database.dsn, ("public",))))
        request = Request(argument="s.json", schemas=("other",), root=tmp_path, environment={}, lock="l.json")
        with pytest.raises(UsageError, match=r"s\.json holds no schema other"):
            sources()["snapshot"].fetch(request)
