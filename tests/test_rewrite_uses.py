"""A renamed column: which lines break, and ``update --rewrite-uses``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

ROWS = '''from typing import TypedDict


class OrderRow(TypedDict):
    """Table: public.orders"""

    id: int
    totl: str
    owner: str
'''
CODE = """from supabase import create_client

db = create_client("url", "key")
COLUMNS = "id, totl"  # ünïcode before: "totl"


def load():
    rows = db.table("orders").select("id, totl, sum:totl").eq("totl", "1").or_("totl.eq.1,id.eq.2").order("totl").execute()
    db.table("orders").insert({'totl': "1", "owner": "totl"}).execute()
    db.table("orders").upsert({"totl": "1", "id": 1}, on_conflict="totl").execute()
    db.table("orders").select(COLUMNS).execute()
    db.table("others").select("totl").execute()
    return [row["totl"] for row in rows.data]


def by(query):
    return query.eq("totl", "1")


def later():
    query = db.table("orders").select("id")
    query = query.eq("totl", "1")
    return query.execute()
"""
CERTAIN = (
    ('"id, totl, sum:totl").eq("totl", "1").or_("totl.eq.1,id.eq.2").order("totl")',
     '"id, total, sum:total").eq("total", "1").or_("total.eq.1,id.eq.2").order("total")'),
    ("{'totl': \"1\"", "{'total': \"1\""),
    ('{"totl": "1", "id": 1}, on_conflict="totl"', '{"total": "1", "id": 1}, on_conflict="total"'),
)  # fmt: skip


@pytest.fixture
def project(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in sync, but for a column that has been renamed since."""
    database.run(
        "create table orders (id int primary key default 1, totl text not null unique, owner text not null default '');"
        "create table others (totl text not null)"
    )
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/rows.py").write_text(ROWS)
    (tmp_path / "main.py").write_text(CODE)
    (tmp_path / "schema-sync.toml").write_text('exclude-tables = ["others"]\n')
    monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
    monkeypatch.chdir(tmp_path)
    assert cli.run(["update"]) == 0
    database.run("alter table orders rename totl to total")
    return tmp_path


def rewritten() -> str:
    code = CODE
    for old, new in CERTAIN:
        assert old in code
        code = code.replace(old, new)
    return code


def test_the_finding_names_the_lines_that_break(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.run(["check"]) == 1
    shown = capsys.readouterr().out
    assert "  Used in main.py:8, 9, 10, 11, 22\n" in shown
    assert cli.run(["check", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    renamed = next(each for each in found if each["rule"] == "column-renamed")
    assert [use["line"] for use in renamed["uses"]] == [8, 8, 8, 8, 8, 9, 10, 10, 11, 22]
    assert renamed["use"] is None
    assert {each["use"]["line"] for each in found if each["use"]} == {8, 9, 10, 11, 22}
    assert all(each["uses"] == [] for each in found if each["use"])


def test_only_what_is_certain_is_rewritten(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.run(["update", "--rewrite-uses", "--dry-run"]) == 0
    patch = capsys.readouterr().out
    assert (project / "main.py").read_text() == CODE
    assert '+    db.table("orders").insert({\'total\': "1", "owner": "totl"}).execute()' in patch
    assert cli.run(["update", "--rewrite-uses"]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("--- a/main.py\n+++ b/main.py\n")
    assert "✓ Updated main.py" in shown
    assert "✓ Updated schemas/rows.py" in shown
    assert (project / "main.py").read_text() == rewritten()
    assert "    total: str\n" in (project / "schemas/rows.py").read_text()
    # a constant, a chain in two statements, and a row that is read: for a person
    assert [line.rpartition("(")[2] for line in shown.splitlines() if "review" in line] == [
        "main.py:11)",
        "main.py:13)",
        "main.py:22)",
    ]


def test_a_second_time_nothing_is_left_to_rewrite(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["update", "--rewrite-uses"])
    capsys.readouterr()
    cli.run(["update", "--rewrite-uses"])
    assert "Updated" not in capsys.readouterr().out
    assert (project / "main.py").read_text() == rewritten()


def test_without_the_option_queries_stay(project: Path) -> None:
    cli.run(["update"])
    assert (project / "main.py").read_text() == CODE


def test_without_a_lock_of_this_database_it_says_why(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "schemas/schema_lock.json").unlink()
    capsys.readouterr()
    assert cli.run(["update", "--rewrite-uses"]) == 2
    assert "only it tells a rename from a new column" in capsys.readouterr().err
    assert (project / "main.py").read_text() == CODE


def test_a_name_that_needs_quotes_is_left_to_a_person(project: Path, database: Database) -> None:
    database.run('alter table orders rename total to "the total"')
    cli.run(["update", "--rewrite-uses"])
    assert (project / "main.py").read_text() == CODE


def test_a_file_of_queries_and_classes_is_written_once(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.py").unlink()
    path = project / "schemas/rows.py"
    path.write_bytes((CODE + ROWS).replace("\n", "\r\n").encode())
    capsys.readouterr()
    assert cli.run(["update", "--rewrite-uses"]) == 1
    assert path.read_bytes() == (rewritten() + ROWS.replace("totl", "total")).replace("\n", "\r\n").encode()
    assert database.dsn not in capsys.readouterr().out


class TestByMigrations:
    """Where the source is a replay, a migration proves a rename."""

    FIRST = "create table orders (id int primary key default 1, totl text not null unique, owner text not null default '');"

    @pytest.fixture
    def replayed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A project in sync with its migrations."""
        (tmp_path / "supabase/migrations").mkdir(parents=True)
        self.migrate(tmp_path, 1, self.FIRST)
        (tmp_path / "schemas").mkdir()
        (tmp_path / "schemas/rows.py").write_text(ROWS)
        (tmp_path / "main.py").write_text(CODE.replace('db.table("others").select("totl").execute()', "pass"))
        monkeypatch.chdir(tmp_path)
        assert cli.run(["update", "--source", "migrations"]) == 0
        return tmp_path

    @staticmethod
    def migrate(root: Path, number: int, sql: str) -> None:
        (root / f"supabase/migrations/2026010100000{number}_m.sql").write_text(sql)

    @pytest.mark.parametrize(
        "sql",
        [
            "alter table orders rename totl to total;",
            'alter table if exists only public."orders" rename column totl to total;',
            "alter table orders rename totl to tmp; alter table orders rename tmp to total;",
            "begin; alter table orders rename totl to total; commit;",
        ],
    )
    def test_a_rename_is_one(self, replayed: Path, capsys: pytest.CaptureFixture[str], sql: str) -> None:
        self.migrate(replayed, 2, sql)
        capsys.readouterr()
        assert cli.run(["check", "--source", "migrations"]) == 1
        assert "renamed from totl" in capsys.readouterr().out
        assert cli.run(["update", "--rewrite-uses", "--source", "migrations"]) == 1
        assert (replayed / "schemas/rows.py").read_text() == ROWS.replace("totl", "total")
        assert '.order("total")' in (replayed / "main.py").read_text()
        assert cli.run(["update", "--rewrite-uses", "--source", "migrations"]) == 1  # a person's part is left

    @pytest.mark.parametrize(
        "sql",
        [
            "alter table orders drop totl; alter table orders add total text;",
            "alter table orders rename totl to tmp; alter table orders drop tmp; alter table orders add total text;",
            "create schema app; create table app.orders (totl text); alter table app.orders rename totl to total;"
            " alter table public.orders drop totl; alter table public.orders add total text;",
            "create table others (totl text); alter table others rename totl to total;"
            " alter table orders drop totl; alter table orders add total text;",
        ],
    )
    def test_what_is_no_rename_is_none(self, replayed: Path, capsys: pytest.CaptureFixture[str], sql: str) -> None:
        self.migrate(replayed, 2, sql)
        capsys.readouterr()
        cli.run(["check", "--source", "migrations"])
        shown = capsys.readouterr().out
        assert "renamed from" not in shown
        assert "Removed columns: totl" in shown
