"""list, sql, and scripts/mcp_schema_query.py: on every source that can, and a clear word from those that cannot."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import script_in
from doubles import postgrest as double_of
from doubles.postgrest import Double, serving
from schema_sync import cli
from schema_sync.cli.ask import _KINDS
from schema_sync.reports import tables
from schema_sync.usecases import ask as asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Database

    Run = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[1]
SCRIPT = "mcp_schema_query.py"
SCHEMA = """
create type mood as enum ('sad', 'so, so', 'happy');
comment on type mood is 'how one feels';
create table people (
  id int primary key, name text not null unique, mood mood, boss int references people on delete set null, check (name <> 'hidden')
);
comment on table people is '=1+1';
create index people_by_mood on people (mood, lower(name)) where mood is not null;
create view names as select name from people;
create materialized view counted as select count(*) from people;
alter table people enable row level security;
create policy own on people for select to authenticated, anon using (name = 's3cret');
create policy every on people as restrictive using (true);
create function noted() returns trigger language plpgsql as $$ begin perform 's3cret'; return new; end $$;
create trigger note before insert or update on people for each row execute function noted('s3cret');
create procedure tidy(int) language sql as $$ select 's3cret' $$;
create extension if not exists pg_trgm;
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    for name in (
        "SUPABASE_DB_URL",
        "DATABASE_URL",
        "SUPABASE_URL",
        "SUPABASE_SERVICE_KEY",
        "SUPABASE_ACCESS_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)

    def runner(*arguments: str) -> tuple[int, str, str]:
        code = cli.run([*arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return runner


def listed(run: Run, what: str, source: str, *more: str) -> list[dict[str, Any]]:
    code, out, err = run("list", what, "--source", source, "--format", "json", *more)
    assert code == 0, err
    document = json.loads(out)
    assert (document["format_version"], document["list"]) == (1, what)
    rows: list[dict[str, Any]] = document["rows"]
    return rows


EXPECTED: dict[str, list[dict[str, Any]]] = {
    "tables": [{"schema": "public", "name": "people", "kind": "table", "columns": 4, "comment": "=1+1", "class": None}],
    "views": [
        {"schema": "public", "name": "counted", "kind": "materialized_view", "columns": 1, "comment": None, "class": None},
        {"schema": "public", "name": "names", "kind": "view", "columns": 1, "comment": None, "class": None},
    ],
    "enums": [{"schema": "public", "name": "mood", "labels": ["sad", "so, so", "happy"], "comment": "how one feels", "class": None}],
    "policies": [
        {"schema": "public", "table": "people", "name": "every", "enabled": True, "permissive": False, "command": "all", "roles": ["public"]},
        {"schema": "public", "table": "people", "name": "own", "enabled": True, "permissive": True, "command": "select", "roles": ["anon", "authenticated"]},
    ],
    "triggers": [
        {"schema": "public", "table": "people", "name": "note", "timing": "before", "events": ["insert", "update"], "level": "row", "function": "public.noted", "enabled": True}
    ],
    "functions": [
        {"schema": "public", "name": "noted", "arguments": "", "returns": "trigger", "kind": "function", "language": "plpgsql", "volatility": "volatile", "security_definer": False},
        {"schema": "public", "name": "tidy", "arguments": "IN integer", "returns": None, "kind": "procedure", "language": "sql", "volatility": "volatile", "security_definer": False},
    ],
}  # fmt: skip


class TestLists:
    def test_of_each_kind(self, database: Database, run: Run) -> None:
        database.run(SCHEMA)
        for what, expected in EXPECTED.items():
            assert listed(run, what, database.dsn) == expected, what
        indexes = {row["name"]: row for row in listed(run, "indexes", database.dsn)}
        assert sorted(indexes) == ["people_by_mood", "people_name_key", "people_pkey"]
        assert indexes["people_by_mood"]["columns"] == ["mood", "lower(name)"]
        assert indexes["people_by_mood"]["predicate"] == "(mood IS NOT NULL)"
        assert indexes["people_pkey"]["primary"]
        constraints = {row["kind"]: row for row in listed(run, "constraints", database.dsn)}
        assert constraints["check"]["expression"] == "(name <> 'hidden'::text)"
        assert (constraints["foreign"]["references"], constraints["foreign"]["referenced_columns"]) == (
            "public.people",
            ["id"],
        )
        assert (constraints["check"]["columns"], constraints["check"]["on_delete"]) == (["name"], None)
        assert (constraints["foreign"]["on_delete"], constraints["foreign"]["on_update"]) == (
            "set null",
            "no action",
        )
        assert "pg_trgm" in [row["name"] for row in listed(run, "extensions", database.dsn)]

    def test_what_can_hold_keys_is_never_listed(self, database: Database, run: Run) -> None:
        database.run(SCHEMA)
        for what in asking.KINDS:
            for format_name in ("table", "csv", "json"):
                assert "s3cret" not in run("list", what, "--source", database.dsn, "--format", format_name)[1]

    def test_extensions_own_objects_are_left_out(self, database: Database, run: Run) -> None:
        database.run(SCHEMA + "create extension if not exists citext schema public")
        assert len(listed(run, "functions", database.dsn)) == 2

    def test_the_command_offers_what_there_is(self) -> None:
        assert _KINDS == asking.KINDS

    @pytest.mark.parametrize(("typed", "meant"), [("tabels", "tables"), ("view", "views"), ("indices", "indexes")])
    def test_a_misspelt_kind_is_answered_with_the_nearest(
        self, capsys: pytest.CaptureFixture[str], typed: str, meant: str
    ) -> None:
        assert cli.run(["list", typed]) == 2
        assert f"{typed!r} is no kind of object. Did you mean {meant}?" in capsys.readouterr().err
        assert cli.run(["list", "zzz"]) == 2
        assert "'zzz' is not one of 'tables', 'views'" in capsys.readouterr().err

    def test_a_table_on_a_terminal(self, database: Database, run: Run) -> None:
        database.run(SCHEMA)
        assert run("-q", "list", "enums", "--source", database.dsn) == (
            0,
            "schema  name  labels                    comment        class\n"
            "──────  ────  ────────────────────────  ─────────────  ─────\n"
            'public  mood  ["sad","so, so","happy"]  how one feels\n',
            "",
        )

    def test_other_schemas(self, database: Database, run: Run) -> None:
        database.run('create schema "o\'ther"; create table "o\'ther".t (a int primary key)')
        assert [row["schema"] for row in listed(run, "tables", database.dsn, "--schema", "o'ther")] == ["o'ther"]
        assert [row["name"] for row in listed(run, "indexes", database.dsn, "--schema", "o'ther")] == ["t_pkey"]
        for what in ("tables", "indexes"):
            code, _, err = run("list", what, "--source", database.dsn, "--schema", "nope")
            assert code == 2
            assert "does not exist in this database" in err

    def test_hostile_names(self, database: Database, run: Run) -> None:
        name = "a\x1b[31m\u202e\x9b\n,\"'"
        quoted = '"' + name.replace('"', '""') + '"'
        database.run(f'create table {quoted} (id int); create index {quoted[:-1]}i" on {quoted} (id)')
        for what in ("tables", "indexes"):
            shown = run("list", what, "--source", database.dsn)[1]
            assert "\\x1b[31m\\u202e\\x9b\\n,\"'" in shown
            assert not {"\x1b", "\u202e", "\x9b"} & set(shown)
            written = run("list", what, "--source", database.dsn, "--format", "json")[1]
            assert not {"\x1b", "\u202e", "\x9b"} & set(written)
            assert name in {row.get("table", row["name"]) for row in json.loads(written)["rows"]}
            (_, row) = csv.reader(
                io.StringIO(run("list", what, "--source", database.dsn, "--format", "csv")[1], newline="")
            )
            assert name in row

    def test_a_history_of_migrations(self, tmp_path: Path, run: Run) -> None:
        folder = tmp_path / "supabase/migrations"
        folder.mkdir(parents=True)
        (folder / "20260101000000_all.sql").write_text(SCHEMA)
        for what, expected in EXPECTED.items():
            assert listed(run, what, "migrations") == expected, what
        _, out, err = run("sql", "select count(*) from names", "--format", "csv")
        assert out == "count\n0\n"
        assert "migrations are replayed on an empty database" in err

    def test_what_a_saved_catalog_cannot_show(self, tmp_path: Path, database: Database, run: Run) -> None:
        database.run(SCHEMA)
        assert run("snapshot", "--source", database.dsn, "--output", "s.json")[0] == 0
        assert run("update", "--source", database.dsn)[0] == 0
        assert listed(run, "enums", "snapshot:s.json") == [
            EXPECTED["enums"][0] | {"class": "Mood schemas/enums.py:6"}
        ]
        for source in ("snapshot:s.json", "lock"):
            for what in ("indexes", "policies", "triggers", "functions", "extensions"):
                code, out, err = run("list", what, "--source", source)
                assert (code, out) == (2, "")
                assert "runs no SQL" in err
                assert "postgresql://…, dsn, " in err
        _, out, err = run("list", "constraints", "--source", "lock")
        assert "check" not in out
        assert "not shown: checks (constraints): the source lock does not show all of them" in err
        assert "not shown: on delete and on update of foreign keys: the source lock does not show them" in err

    def test_through_postgrest(self, database: Database, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        database.run(SCHEMA)
        with serving(Double(dsn=database.dsn)) as door:
            monkeypatch.setenv("SUPABASE_URL", door.url)
            monkeypatch.setenv("SUPABASE_SERVICE_KEY", double_of.SERVICE_KEY)
            database.run("drop view names")  # it can be written and shows no key: taken for a table
            assert listed(run, "tables", "postgrest") == EXPECTED["tables"]
            code, out, err = run("list", "enums")
            assert code == 0
            assert "so, so" in out
            assert "not shown: enums (enums): the source postgrest does not show all of them" in err
            code, out, err = run("sql", "select 1")
            assert (code, out) == (2, "")
            assert "the source postgrest runs no SQL" in err


class TestQueries:
    def test_forms(self, database: Database, run: Run) -> None:
        query = "select 1 as a, 'x,\"y' as a, null as b, array[1.50] as c, true as d"
        code, out, err = run("sql", query, "--source", database.dsn)
        assert (code, out, err) == (
            0,
            'a  a     b  c       d\n─  ────  ─  ──────  ────\n1  x,"y     [1.50]  true\n',
            "",
        )
        assert (
            run("sql", query, "--source", database.dsn, "--format", "csv")[1]
            == 'a,a,b,c,d\n1,"x,""y",,[1.50],true\n'
        )
        document = json.loads(run("sql", query, "--source", database.dsn, "--format", "json")[1])
        assert document == {
            "format_version": 1,
            "columns": ["a", "a", "b", "c", "d"],
            "rows": [[1, 'x,"y', None, [1.5], True]],
            "truncated": False,
        }
        assert run("sql", "select", "--source", database.dsn)[1] == "(1 rows without columns)\n"

    def test_bounds_are_said(self, database: Database, run: Run) -> None:
        code, out, err = run(
            "sql", "select generate_series(1, 5) as n", "--max-rows", "2", "--source", database.dsn
        )
        assert (code, out) == (0, "n\n─\n1\n2\n")
        assert "there are more rows than the 2 shown (--max-rows)" in err
        code, out, err = run("sql", "select pg_sleep(20)", "--timeout", "0.2", "--source", database.dsn)
        assert (code, out) == (3, "")
        assert "The limit is 0.2 seconds (--timeout)." in err
        for wrong in (("--max-rows", "-1"), ("--timeout", "0"), ("--timeout", "nan")):
            assert run("sql", "select 1", *wrong, "--source", database.dsn)[0] == 2

    def test_a_wrong_query(self, database: Database, run: Run) -> None:
        code, out, err = run("sql", "select nope", "--source", database.dsn)
        assert (code, out) == (2, "")
        assert 'Error: 1:8: column "nope" does not exist\n  select nope\n         ^\n' in err

    def test_hostile_values(self, database: Database, run: Run) -> None:
        query = "select E'\\x1b[2J\\u202e' as v"
        assert "\x1b" not in run("sql", query, "--source", database.dsn)[1]
        assert json.loads(run("sql", query, "--source", database.dsn, "--format", "json")[1])["rows"] == [
            ["\x1b[2J\u202e"]
        ]
        assert run("sql", query, "--source", database.dsn, "--format", "csv")[1] == "v\n\x1b[2J\u202e\n"
        assert tables.comma_separated(["v"], [["\x1b[2J"]], to_terminal=True) == "v\n\\x1b[2J\n"
        assert run("sql", "select \x1b]0;x\x07", "--source", database.dsn)[2].count("\x1b") == 0

    def test_wide_characters_align(self) -> None:
        assert (
            tables.Table(columns=("日本", "b"), rows=(("é", "x"), ("y" * 200, "z"))).plain().split("\n")[0]
            == "日本" + " " * 76 + "  b"
        )


class TestTheScript:
    @pytest.fixture(autouse=True)
    def _project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def script(self, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), **variables}
        return subprocess.run(
            [sys.executable, script_in(Path.cwd(), SCRIPT), *arguments],
            input=stdin,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def test_each_flag(self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        database.run(SCHEMA)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
        for flag, word in (
            ("--list-tables", "people"),
            ("--list-enums", "mood"),
            ("--list-constraints", "people_pkey"),
        ):
            done = self.script(flag)
            assert done.returncode == 0
            assert word in done.stdout
        assert json.loads(self.script("--format", "json", "--list-tables").stdout)["list"] == "tables"
        assert self.script("--execute-sql", "select 1 as one", "--format", "csv").stdout == "one\n1\n"
        assert self.script("--format", "csv", "--execute-sql=-- a = b\nselect 2 as two").stdout == "two\n2\n"
        assert self.script("--execute-sql", "-", "--format", "csv", stdin="select 3 as ü").stdout == "ü\n3\n"
        assert self.script("--execute-sql", "drop table people").returncode == 2

    @pytest.mark.parametrize(
        "arguments", [(), ("--list-tables", "--list-enums"), ("--execute-sql",), ("--nothing",)]
    )
    def test_usage(self, arguments: tuple[str, ...]) -> None:
        done = self.script(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("Usage: mcp_schema_query.py --list-tables|")
        assert self.script("--help").returncode == 0

    def test_without_the_package(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-I", "-S", script_in(tmp_path, SCRIPT), "--list-tables"],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "schema-sync is not installed: pip install supabase-schema-sync\n"


def test_the_quick_start_of_three_variables(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the first page of the documentation says, to the letter, with its three variables alone."""
    database.run(SCHEMA)
    monkeypatch.chdir(tmp_path)
    with serving(Double(dsn=database.dsn)) as door:
        variables = {
            "PYTHONPATH": str(REPOSITORY / "src"),
            "SUPABASE_URL": door.url,
            "SUPABASE_SERVICE_KEY": double_of.SECRET_KEY,
            "SUPABASE_PROJECT_ID": "prj_abc123",
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
        }

        def sync_schema(flag: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, script_in(tmp_path, "sync_schema.py"), flag]
            return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)

        assert sync_schema("--check").returncode == 1
        diff = sync_schema("--diff")
        assert (diff.returncode, "+class PersonRow(TypedDict):" in diff.stdout) == (0, True)
        report = sync_schema("--report")
        assert (report.returncode, len(list(tmp_path.glob("schema_drift_report_*.md")))) == (0, 1)
        update = sync_schema("--update")
        assert (update.returncode, "✓ Updated schemas/database/entities.py" in update.stdout) == (0, True)
        done = sync_schema("--check")
        assert (done.returncode, done.stdout.endswith("✓ Schemas are in sync\n")) == (0, True)
        assert (
            f"source: postgrest, {door.url}/rest/v1/ (auto: SUPABASE_URL and SUPABASE_SERVICE_KEY are set)"
            in done.stderr
        )
        assert "not checked: enum types that no column shows" in done.stderr
        for each in (diff, report, update, done):
            assert double_of.SECRET_KEY not in each.stdout + each.stderr
