"""The schema changes while it is read: read once more by itself, then an error that says so."""

from __future__ import annotations

import itertools
import json
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

import direct
from doubles.management import Api, Fault, serving
from schema_sync import cli
from schema_sync.errors import SourceError
from schema_sync.model.request import Request
from schema_sync.postgres import catalog_reading, schema_changes
from schema_sync.postgres.details import build_details
from schema_sync.postgres.schema_changes import SchemaChangedError, is_change
from schema_sync.sources import dsn
from schema_sync.sources.management import SOURCE as MANAGEMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Database

TABLES = {
    "default": "create table {0} (id int primary key, at timestamptz default now(), note text default '{0}')",
    "check": "create table {0} (id int primary key, n int check (n > 0), m int, constraint ordered check (n < m))",
    "function": "create function f_{0}() returns int language sql as 'select 1';"
    "create table {0} (id int default f_{0}())",
    "enum": "create type e_{0} as enum ('a', 'b'); create table {0} (id e_{0} default 'a')",
    "view": "create table {0} (id int); create view v_{0} as select * from {0}",
    "sequence": "create sequence s_{0}; create table {0} (id int default nextval('s_{0}'))",
}
"""Of each the server deparses something that may be gone by then."""
GONE = (
    "drop schema public cascade; create schema public; create table kept (id int)",
    "drop table if exists born cascade; drop view if exists v_born; drop table if exists born cascade;"
    "drop function if exists f_born; drop type if exists e_born; drop sequence if exists s_born;",
)


def changing(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> list[int]:
    """Have *change* called within each read, when it has its view of the catalogs; returns a list of the reads."""
    read, reads = catalog_reading.read_rows, list[int]()

    def reading(connection: Any, queries: dict[str, str], **options: Any) -> Any:
        connection.execute("begin isolation level repeatable read read only")
        connection.execute("select 1")
        reads.append(len(reads))
        change()
        return read(connection, queries, **options)

    monkeypatch.setattr(dsn, "read_rows", reading)
    monkeypatch.setattr(direct, "read_rows", reading)
    return reads


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("gone", GONE, ids=["schema", "objects"])
def test_what_is_dropped_once_is_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: str, gone: str
) -> None:
    database.run(f"{TABLES[kind].format('born')}; create table kept (id int)")
    drop = itertools.chain([gone], itertools.repeat("select 1"))
    reads = changing(monkeypatch, lambda: database.run(next(drop)))
    catalog = direct.read_catalog(database.dsn, ("public",), expressions=True)
    assert "kept" in {relation.name.name for relation in catalog.relations}
    assert len(reads) in {1, 2}  # what needs nothing of the server's own functions comes from the first read


@pytest.mark.parametrize("kind", ["check", "function", "enum"])
def test_what_changes_all_the_time_ends_in_its_message(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    numbers = itertools.count()
    made = TABLES[kind].format("born_0")
    database.run(made)

    def change() -> None:
        number = next(numbers)
        drop = f"drop table born_{number} cascade; drop function if exists f_born_{number};"
        drop += f"drop type if exists e_born_{number};"
        database.run(drop + TABLES[kind].format(f"born_{number + 1}"))

    reads = changing(monkeypatch, change)
    with pytest.raises(SchemaChangedError, match="the schema changed while it was read; try again") as raised:
        direct.read_catalog(database.dsn, ("public",), expressions=True)
    assert raised.value.exit_code == 3
    assert len(reads) == 2


def test_a_command_ends_in_3(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database.run(TABLES["check"].format("born"))
    changing(monkeypatch, lambda: database.run(f"drop table born; {TABLES['check'].format('born')}"))
    monkeypatch.chdir(tmp_path)
    assert cli.run(["snapshot", "--source", f"postgresql:///?{_uri(database.dsn)}"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "Error: the schema changed while it was read; try again" in err


def _uri(dsn_: str) -> str:
    from urllib.parse import urlencode

    from psycopg.conninfo import conninfo_to_dict

    given = {key: value for key, value in conninfo_to_dict(dsn_).items() if key != "options"}
    return urlencode(given)


def test_documents_are_asked_for_again(database: Database) -> None:
    part = ("routines", [{"name": {"schema": "public", "name": "f"}, "arguments": None}])
    with pytest.raises(SchemaChangedError):
        build_details([part])
    with pytest.raises(SourceError) as raised:
        build_details([("routines", [{"name": 3}])])
    assert not isinstance(raised.value, SchemaChangedError)


@pytest.mark.parametrize("times", [1, 2])
def test_by_the_api_it_is_read_again(database: Database, tmp_path: Path, times: int) -> None:
    database.run(TABLES["default"].format("born"))
    message = "Failed to run sql query: ERROR:  XX000: cache lookup failed for function 4711"
    with serving(Api(database.dsn, "prj_abc123", "sbp_c4n4ry0123456789")) as api:
        api.faults = deque([Fault(400, json.dumps({"message": message}))] * times)
        asked = Request(
            schemas=("public",),
            root=tmp_path,
            environment={
                "SUPABASE_ACCESS_TOKEN": api.token,
                "SUPABASE_PROJECT_ID": api.project,
                "SUPABASE_API_URL": api.url,
                "HOME": str(tmp_path),
            },
            lock="schema_lock.json",
        )
        if times == 1:
            assert [r.name.name for r in MANAGEMENT.fetch(asked).catalog.relations] == ["born"]
        else:
            with pytest.raises(SchemaChangedError, match="cache lookup failed for function 4711"):
                MANAGEMENT.fetch(asked)
        assert len(api.requests) == 2


@pytest.mark.thorough
def test_for_real_no_other_error_shows(database: Database) -> None:
    """Threads create and drop what is deparsed, while it is read in all ways; a change is the only excuse."""
    over = threading.Event()
    made = [text for kind, text in TABLES.items() if kind not in {"view", "sequence"}]

    def churn(number: int) -> None:
        with psycopg.connect(database.dsn, autocommit=True) as session:
            while not over.is_set():
                for each in made:
                    name = f"t{number}"
                    session.execute(each.format(name).encode())
                    session.execute(
                        f"create index i_{name} on {name} ((id is null)) where id is not null".encode()
                    )
                    session.execute(
                        f"drop table {name} cascade; drop function if exists f_{name};"
                        f"drop type if exists e_{name}".encode()
                    )

    threads = [threading.Thread(target=churn, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    outcomes: list[str] = []
    try:
        for _ in range(40):
            try:
                direct.read_catalog(database.dsn, ("public",), expressions=True, functions=True)
                direct.read_details(database.dsn, ("public",))
                outcomes.append("read")
            except SchemaChangedError:
                outcomes.append("changed")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert len(outcomes) == 40
    assert "read" in outcomes


@pytest.mark.parametrize(
    ("message", "state", "expected"),
    [
        ("cache lookup failed for type 16411", "XX000", True),
        ("could not open relation with OID 16411", "XX000", True),
        ('relation "x" does not exist', "42P01", True),
        ("relation with OID 16411 does not exist", "42P01", True),
        ("could not find tuple for constraint 16411", "XX000", True),
        ("division by zero", "22012", False),
        ("canceling statement due to statement timeout", "57014", False),
        ("permission denied for table t", "42501", False),
        ("invalid page in block 0 of relation base/1/2", "XX001", False),
    ],
)
def test_what_counts_as_a_change(message: str, state: str, expected: bool) -> None:
    assert is_change(message, state) is expected


def test_only_a_change_is_tried_again() -> None:
    reads = itertools.count()

    def fails() -> None:
        next(reads)
        raise SourceError("the server is away")

    with pytest.raises(SourceError):
        schema_changes.read_again(fails)
    assert next(reads) == 1
