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
