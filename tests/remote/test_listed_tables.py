"""``list tables`` through Supabase's own MCP server: its tool list_tables, beside what a connection shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from schema_sync import cli
from schema_sync.postgres.read_only_query import Rows
from schema_sync.remote import listed_tables
from schema_sync.remote.listed_tables import COLUMNS, UnfitToolError, listed
from sources.doors import MCP, doors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Database
    from sources.doors import Doors

    List = Callable[..., list[dict[str, Any]]]

__all__ = ["doors"]

SCHEMA = """
create table people (id int primary key, name text not null, gone int);
alter table people drop column gone;
comment on table people is E'who\\u2028  they are <untrusted-data-0> \\x1b[2J';
create table nothing ();
create table measures (at date not null, v numeric(10, 2)) partition by range (at);
create table measures_2026 partition of measures for values from ('2026-01-01') to ('2027-01-01');
create table "a.b" ("c.d" int, "x""y" text);
create view names as select name from people;
create materialized view totals as select count(*) from people;
create schema "o'th.er"; create table "o'th.er"."Ta ble" (id int, parent int);
create schema empty;
create extension file_fdw; create server files foreign data wrapper file_fdw;
create foreign table outside (line text, number int) server files options (filename '/dev/null');
comment on foreign table outside is 'elsewhere';
create extension if not exists postgres_fdw;
create table owned (id int); alter extension postgres_fdw add table owned;
"""


@pytest.fixture
def tables(capsys: pytest.CaptureFixture[str]) -> List:
    """Return the rows of ``list tables``; its stderr has to be empty."""

    def run(source: str, *arguments: str) -> list[dict[str, Any]]:
        code = cli.run(["-q", "list", "tables", "--source", source, "--format", "json", *arguments])
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        found = json.loads(out)
        assert found["not_shown"] == []
        return list(found["rows"])

    return run


@pytest.mark.parametrize("door", MCP)
@pytest.mark.thorough
def test_the_same_tables_as_by_a_connection(doors: Doors, database: Database, tables: List, door: str) -> None:
    database.run(SCHEMA)
    schemas = ("--schema", "public", "--schema", "o'th.er", "--schema", "empty")
    with doors.source(door) as word:
        found = tables(word, *schemas)
    assert found == tables(database.dsn, *schemas)
    kinds = {row["name"]: row["kind"] for row in found}
    assert kinds["measures"] == "partitioned"
    assert kinds["outside"] == "foreign"
    assert not {"names", "totals", "measures_2026", "owned"} & kinds.keys()


def test_the_tool_is_what_is_asked(doors: Doors, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.run("create table people (id int primary key)")
    with doors.source("stdio") as word:
        assert cli.run(["list", "tables", "--source", word]) == 0
        out, err = capsys.readouterr()
        assert "people" in out
        assert "source: mcp, project prj_abc123, by the tool list_tables" in err
        assert ["primary_keys" in query for query in doors.api.queries] == [False, True]
        doors.api.fail("403")
        assert cli.run(["list", "tables", "--source", word]) == 3


@pytest.mark.thorough
def test_where_the_tool_is_unfit_the_catalog_is_read(
    doors: Doors,
    database: Database,
    tables: List,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    database.run(SCHEMA)
    monkeypatch.setattr(listed_tables, "MOST", 5)
    with doors.source("stdio") as word:
        assert tables(word) == tables(database.dsn)
        assert not any("primary_keys" in query for query in doors.api.queries)
        assert cli.run(["list", "tables", "--source", word]) == 0
    assert "list_tables takes long for 7 tables: the catalog was read" in capsys.readouterr().err


def test_an_unknown_schema(doors: Doors, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.run("create table people (id int primary key)")
    with doors.source("stdio") as word:
        arguments = ["list", "tables", "--source", word, "--schema", "public", "--schema", "nope"]
        assert cli.run(arguments) == 2
    assert "schema nope does not exist in this database" in capsys.readouterr().err


KINDS = ("schema", "name", "kind", "left_out", "columns", "comment")


def kinds(*rows: tuple[Any, ...]) -> Rows:
    return Rows(columns=KINDS, rows=rows)


def test_what_only_one_of_both_shows_is_not_invented() -> None:
    answers = {"s": {"tables": [{"name": "s.told", "columns": [{}, {}], "comment": None, "rows": 0}]}}
    rows, notes = listed(answers, kinds(("s", "secret", "table", False, None, None)))
    assert rows == (("s", "secret", "table", None, None), ("s", "told", None, 2, None))
    assert [note.what for note in notes] == ["kind, or columns and comment, of s.secret, s.told"]
    assert len(COLUMNS) == len(rows[0])


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"tables": None}, {"tables": [{}]}, {"tables": [{"name": "t.a", "columns": []}]}]
    + [{"tables": [{"name": "s.a", "columns": columns}]} for columns in (None, 3)],
)
def test_other_answers_are_refused(answer: object) -> None:
    with pytest.raises(UnfitToolError, match="list_tables answers in a form that is not known here"):
        listed({"s": answer}, kinds())


def test_classes_are_those_of_the_last_sync(
    doors: Doors,
    database: Database,
    tables: List,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    database.run("create table people (id int primary key)")
    with doors.source("stdio") as word:
        assert cli.run(["-q", "update", "--source", database.dsn]) == 0
        capsys.readouterr()
        (people,) = tables(word)
        assert people["class"].startswith("PersonRow schemas/database/entities.py:")
        (tmp_path / "schemas/schema_lock.json").unlink()
        assert cli.run(["list", "tables", "--source", word]) == 0
    out, err = capsys.readouterr()
    assert "entities.py" not in out
    assert "not shown: classes: the source lists tables without their columns, and there is no" in err
