"""SQL in the code, from the database to the report: which source judges it, what is found, what is not checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

SCHEMA = "create table orders (id bigint primary key, total numeric not null, note text);\n"
CODE = '''import psycopg
import supabase
from sqlalchemy import text


def load(connection: psycopg.Connection, number: int):
    connection.execute("select id, totl from orders where id = %s", (number,))
    connection.execute("insert into ordres (id) values (%(id)s)", {"id": number})
    connection.execute("select id from orders; drop table orders")
    connection.execute("select nope from orders")  # schema-sync: ignore[invalid-sql] comes next week
    return text("""
        select count_orders(:since)
    """)
'''
EXPECTED = {
    ("orders", "totl", 7, 36, "total"),
    ("ordres", None, 8, 37, "orders"),
    ("count_orders", None, 12, 16, None),
}
NOT_ASKED = "SQL is judged by a replay of migrations, or by a connection string with judge-sql = true"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a migration, the code and no classes; rules on those are off."""
    (tmp_path / "supabase/migrations").mkdir(parents=True)
    (tmp_path / "supabase/migrations/1_orders.sql").write_text(SCHEMA)
    (tmp_path / "main.py").write_text(CODE)
    configure(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(root: Path, text: str) -> None:
    (root / "schema-sync.toml").write_text(f'{text}\n[severity]\ntable-undeclared = "off"\n')


def report(capsys: pytest.CaptureFixture[str], source: str = "migrations") -> dict[str, Any]:
    cli.run(["check", "--format", "json", "--source", source])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def found(document: dict[str, Any]) -> set[tuple[str, str | None, int, int, str | None]]:
    assert {each["rule"] for each in document["findings"]} <= {"invalid-sql"}
    return {
        (
            each["object"]["name"],
            each["object"].get("column"),
            each["use"]["line"],
            each["use"]["column"],
            each["facts"].get("nearest"),
        )
        for each in document["findings"]
    }


def reasons(document: dict[str, Any]) -> dict[str, str]:
    return {note["why"]: note["what"] for note in document["not_checked"]}


def test_a_replay_judges(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = report(capsys)
    assert found(document) == EXPECTED
    assert reasons(document) == {"several statements": "1 SQL literal, the first in main.py:9"}
    assert document["coverage"]["sql_not_checked"] == 1
    assert document["coverage"]["queries"] == {"certain": 0, "inferred": 0, "dynamic": 0}
    assert document["suppressed"] == 1  # a call
    by_name = {each["object"]["name"]: each for each in document["findings"]}
    assert by_name["ordres"]["message"] == (
        'PostgreSQL reports: relation "ordres" does not exist. Did you mean orders?'
    )
    assert by_name["ordres"]["severity"] == "critical"
    assert by_name["ordres"]["use"] | {"end_column": 43} == by_name["ordres"]["use"]
    assert {each["use"]["call"] for each in document["findings"]} == {"execute", "text"}
    assert {each["use"]["confidence"] for each in document["findings"]} == {"certain"}
    assert by_name["count_orders"]["object"]["kind"] == "function"


def test_a_connection_judges_only_if_it_is_configured(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.run(SCHEMA)
    document = report(capsys, database.dsn)
    assert document["findings"] == []
    assert reasons(document) == {NOT_ASKED: "4 SQL literals, the first in main.py:7"} | {
        "several statements": "1 SQL literal, the first in main.py:9"
    }
    assert document["coverage"]["sql_not_checked"] == 5
    configure(project, "judge-sql = true")
    assert found(report(capsys, database.dsn)) == EXPECTED


def test_files_judge_nothing(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.run(SCHEMA)
    configure(project, "judge-sql = true")
    assert cli.run(["update", "--source", database.dsn]) == 1
    assert cli.run(["snapshot", "--source", database.dsn, "--output", "snapshot.json"]) == 0
    capsys.readouterr()
    for source in ("lock", "snapshot:snapshot.json"):
        document = report(capsys, source)
        assert found(document) == set()
        assert reasons(document)[NOT_ASKED] == "4 SQL literals, the first in main.py:7"


def test_who_moved_is_not_known(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["update", "--source", "migrations"])
    capsys.readouterr()
    assert {each["moved"] for each in report(capsys)["findings"]} == {"unknown"}


def test_the_text_and_a_baseline(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--source", "migrations"]) == 1
    shown = capsys.readouterr()
    assert "[CRITICAL] QUERY: orders\n  Invalid SQL: totl (did you mean total?)\n  main.py:7\n" in shown.out
    assert "[CRITICAL] QUERY: ordres\n  Invalid SQL (did you mean orders?)\n" in shown.out
    assert "not checked: 1 SQL literal, the first in main.py:9: several statements" in shown.err
    assert cli.run(["baseline", "--source", "migrations"]) == 0
    assert cli.run(["check", "--source", "migrations"]) == 0
    (project / "main.py").write_text("\n\n" + CODE)
    assert cli.run(["check", "--source", "migrations"]) == 0


def test_what_a_failed_statement_mentions_is_not_checked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(project, 'on-migration-error = "continue"')
    (project / "supabase/migrations/2_more.sql").write_text("create view ordres as select nosuch from orders;")
    document = report(capsys)
    assert {name for name, *_ in found(document)} == {"orders", "count_orders"}
    assert "public.ordres (invalid-sql)" in {note["what"] for note in document["not_checked"]}


@pytest.mark.parametrize(
    ("migration", "sql", "why"),
    [
        ("create extension nosuch;", "select st_area(1)", "a replay does not have all of the extension nosuch"),
        ("create extension nosuch;", "select * from of_it", "a replay does not have all of the extension nosuch"),
        ("create extension postgis;", "select st_nope(1)", "a replay does not have all of the extension postgis"),
        ("", "select nope from auth.users", "a replay does not have all of Supabase's schema auth"),
        ("", "select * from storage.nope", "a replay does not have all of Supabase's schema storage"),
        ("create schema app;", "select * from app.nope", ""),
        ("create extension postgis;", "select * from nope", ""),
    ],
)
def test_what_a_replay_may_lack_is_not_checked(
    project: Path, capsys: pytest.CaptureFixture[str], migration: str, sql: str, why: str
) -> None:
    (project / "supabase/migrations/2_more.sql").write_text(migration)
    (project / "main.py").write_text(f"import psycopg, supabase\npsycopg.connect('').execute({sql!r})\n")
    document = report(capsys)
    assert (set(reasons(document)) == {why}) is bool(why)
    assert bool(document["findings"]) is not bool(why)


def test_hostile_names_are_escaped(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = 'select 1 from "\x1b[31m\u202exxxx"'
    (project / "main.py").write_text(f"import psycopg, supabase\npsycopg.connect('').execute({sql!r})\n")
    assert cli.run(["diff", "--source", "migrations"]) == 0
    shown = capsys.readouterr()
    assert "does not exist" in shown.out
    assert not {"\x1b", "\u202e"} & {*shown.out, *shown.err}


def test_other_databases_of_sqlalchemy_in_the_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "main.py").write_text("import supabase\nfrom sqlalchemy import text\ntext('select * from cache')\n")
    assert {name for name, *_ in found(report(capsys))} == {"cache"}
    engine = "from sqlalchemy import create_engine\nengine = create_engine('{}')\n"
    (project / "engine.py").write_text(engine.format("sqlite:///x.db"))
    assert found(report(capsys)) == set()
    (project / "other.py").write_text(engine.format("postgresql://localhost/x"))
    assert {name for name, *_ in found(report(capsys))} == {"cache"}
    (project / "main.py").write_text((project / "main.py").read_text() + engine.format("mysql://x"))
    assert found(report(capsys)) == set()


def test_a_receiver_of_the_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "database.py").write_text("import asyncpg, supabase\n\npool = asyncpg.create_pool('')\n")
    (project / "main.py").write_text(
        "import asyncpg\n\nfrom database import pool\nfrom elsewhere import pool as other\n\n\n"
        "async def load():\n"
        "    await pool.fetch('select id from ordrs')\n"
        "    await other.fetch('select id from ordrs')\n"
    )
    (finding,) = report(capsys)["findings"]
    assert (finding["use"]["line"], finding["use"]["confidence"]) == (8, "inferred")


CONNECTIONS = """import asyncpg, psycopg, supabase

connection = psycopg.connect("")


def get_pool() -> asyncpg.Pool:
    return _pool


async def connected() -> AsyncIterator[asyncpg.Connection]:
    yield await get_pool().acquire()


class Database:
    def __init__(self):
        self.pool = asyncpg.create_pool("")


database = Database()
other = object()
"""


@pytest.mark.parametrize(
    ("name", "call", "is_found"),
    [
        ("connection", "connection.execute('select id from ordrs where id = %s', (1,))", True),
        ("connection", "connection.cursor().execute('select 7 % 2 from ordrs')", True),
        ("get_pool", "get_pool().fetch('select id from ordrs where id = $1 and id % 2 = 1', 1)", True),
        ("get_pool as pool", "pool().fetch('select 1 from ordrs')", True),
        ("connected", "connected().fetchrow('select 1 from ordrs')", True),
        ("database", "database.pool.fetchval('select 1 from ordrs')", True),
        ("database", "database.log.fetchval('select 1 from ordrs')", False),
        ("other", "other.execute('select 1 from ordrs')", False),
        ("nothing", "nothing.execute('select 1 from ordrs')", False),
    ],
)
def test_a_connection_that_another_file_makes(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, call: str, is_found: bool
) -> None:
    (project / "database.py").write_text(CONNECTIONS)
    (project / "main.py").write_text(f"from database import {name}\n\n{call}\n")
    assert {each for each, *_ in found(report(capsys))} == ({"ordrs"} if is_found else set())


def test_a_project_without_supabase_is_judged_if_queries_are_on(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.py").write_text(CODE.replace("import supabase\n", ""))
    assert report(capsys)["findings"] == []
    configure(project, 'queries = "on"')
    assert len(report(capsys)["findings"]) == len(EXPECTED)


def test_a_thousand_literals_and_a_long_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = "".join(f"c.execute('select c{number} from orders')\n" for number in range(1000))
    long = f"c.execute('select 1, {'x' * 1_000_000}')\n"
    head = "import psycopg, supabase\nc = psycopg.connect('')\n"
    (project / "main.py").write_text(f"{head}{many}{long}c.execute('select \\0')\n")
    document = report(capsys)
    assert len(document["findings"]) == 1000
    assert set(reasons(document)) == {"longer than 20,000 characters", "a NUL character, or half of a character"}
