"""``# schema-sync: ignore[rule] reason``: in queries, on items and on classes; and comments that turn nothing off."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

TABLES = """
create type mood as enum ('sad', 'ok');
create table orders (id int primary key, total int not null, mood mood);
"""
ROWS = '''from enum import Enum
from typing import TypedDict


class Mood(Enum):
    """Enum: public.mood"""

    SAD = "sad"
    OK = "ok"
    GLAD = "glad"


class OrderRow(TypedDict):
    """Table: public.orders"""

    id: int
    total: str
    gone: int
'''
QUERY = """from supabase import create_client

db = create_client("url", "key")
rows = (
    db.table("orders")
    .select("id, totl")
    .eq("idd", 1)
    .execute()
)
"""


@pytest.fixture
def project(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    database.run(TABLES)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/rows.py").write_text(ROWS)
    (tmp_path / "main.py").write_text(QUERY)
    (tmp_path / "schema-sync.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
    return tmp_path


def mark(path: Path, line: str, comment: str) -> None:
    """Put *comment* behind the one *line* of the file."""
    text = path.read_text()
    assert text.count(f"{line}\n") == 1
    path.write_text(text.replace(f"{line}\n", f"{line}  # schema-sync: {comment}\n"))


def checked(capsys: pytest.CaptureFixture[str]) -> tuple[set[str], dict[str, Any], str]:
    """Return the rules that find something, the report, and what is said of it."""
    capsys.readouterr()
    cli.run(["check", "--format", "json", "--source", "dsn"])
    shown = capsys.readouterr()
    report = json.loads(shown.out)
    return {finding["rule"] for finding in report["findings"]}, report, shown.err


ALL = {"enum-label-removed", "column-undeclared", "column-removed", "column-type-mismatch", "unknown-column"}


def test_each_finding_has_a_place_for_the_comment(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = project / "schemas/rows.py"
    assert checked(capsys)[0] == ALL
    mark(rows, '    GLAD = "glad"', "ignore[enum-label-removed] comes next week")
    assert checked(capsys)[0] == ALL - {"enum-label-removed"}
    mark(rows, "    total: str", "ignore[column-type-mismatch]")
    assert checked(capsys)[0] == ALL - {"enum-label-removed", "column-type-mismatch"}
    mark(rows, "class OrderRow(TypedDict):", "ignore[column-removed, column-undeclared]")
    assert checked(capsys)[0] == {"unknown-column"}
    mark(project / "main.py", '    .eq("idd", 1)', "ignore")
    found, report, err = checked(capsys)
    assert found == set()
    assert report["in_sync"]
    assert report["suppressed"] == 6
    assert "turns nothing off" not in err
    assert cli.run(["check"]) == 0


def test_an_update_leaves_what_is_ignored(project: Path) -> None:
    rows = project / "schemas/rows.py"
    mark(rows, "    total: str", "ignore[column-type-mismatch]")
    before = rows.read_text()
    cli.run(["update"])
    assert "    total: str  # schema-sync: ignore[column-type-mismatch]\n" in rows.read_text()
    assert "    mood: Optional[str]\n" in rows.read_text()
    assert rows.read_text() != before


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        ("    total: str", "ignore[column-removed]"),
        ("    id: int", "ignore[column-type-mismatch]"),
        ("from enum import Enum", "ignore"),
        ("class Mood(Enum):", "ignore[column-removed]"),
    ],
)
def test_another_rule_or_line_is_not_meant(
    project: Path, capsys: pytest.CaptureFixture[str], line: str, comment: str
) -> None:
    mark(project / "schemas/rows.py", line, comment)
    found, _, err = checked(capsys)
    assert found == ALL
    number = next(n for n, text in enumerate(ROWS.splitlines(), 1) if text == line)
    rule = comment.partition("[")[2] or "*]"
    assert f"schemas/rows.py:{number}: ignore[{rule} turns nothing off" in err


def test_a_comment_that_turns_nothing_off_is_a_note(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["update", "--prune"])
    (project / "main.py").write_text(QUERY.replace("totl", "total").replace("idd", "id"))
    assert cli.run(["check"]) == 0
    mark(project / "main.py", "    .execute()", "ignore[unknown-column, unknown-table]")
    found, report, err = checked(capsys)
    assert (found, report["in_sync"]) == (set(), True)
    assert "main.py:8: ignore[unknown-column] turns nothing off" in err
    assert "main.py:8: ignore[unknown-table] turns nothing off" in err
    assert cli.run(["check"]) == 0


def test_nothing_is_said_of_comments_where_not_all_was_checked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.py").write_text(QUERY + 'db.table(name).select("id").execute()  # schema-sync: ignore\n')
    assert "turns nothing off" not in checked(capsys)[2]


def test_what_only_looks_like_a_comment_is_none(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = QUERY.replace('"id, totl"', '"id, totl,# schema-sync: ignore"')
    (project / "main.py").write_text(f"{text}\nDOC = '# schema-sync: ignore'\n")
    found, _, err = checked(capsys)
    assert "invalid-query" in found
    assert "turns nothing off" not in err
