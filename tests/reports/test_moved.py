"""Who moved since the last sync, the database or the code, in each report that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

ROWS = '''from typing import TypedDict


class UserRow(TypedDict):
    """Table: public.users"""

    id: int
    name: str
'''


@pytest.fixture
def project(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which the database has a column more than at the last sync, and the code a wrong type."""
    database.run("create table users (id int primary key, name text not null)")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/rows.py").write_text(ROWS)
    monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
    monkeypatch.chdir(tmp_path)
    assert cli.run(["update"]) == 0
    database.run("alter table users add column born date")
    (tmp_path / "schemas/rows.py").write_text(ROWS.replace("name: str", "name: int"))
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    capsys.readouterr()
    cli.run([*arguments])
    return capsys.readouterr()


@pytest.mark.usefixtures("project")
def test_diff_says_it_behind_each_finding(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = shown(capsys, "diff")
    lines = {line.rpartition(" (moved: ")[2]: line for line in out.splitlines() if " (moved: " in line}
    assert lines.keys() == {"database)", "code)"}
    assert "column-undeclared" in lines["database)"]
    assert "column-type-mismatch" in lines["code)"]


@pytest.mark.usefixtures("project")
def test_verbose_says_it_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = shown(capsys, "check", "-v")
    assert "moved: database: public.users (column-undeclared)\n" in err
    assert "moved: code: public.users (column-type-mismatch)\n" in err
    assert (out, "moved" in out) == (shown(capsys, "check")[0], False)


@pytest.mark.usefixtures("project")
def test_markdown_has_a_column_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = shown(capsys, "check", "--format", "markdown")
    heading, *rows = [
        line.split(" | ") for line in out.partition("Every finding")[2].splitlines() if " | " in line
    ]
    assert heading[4] == "Moved"
    assert {(row[2], row[4]) for row in rows} == {
        ("column-undeclared", "database"),
        ("column-type-mismatch", "code"),
    }


def test_html_has_it_beside_the_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = shown(capsys, "check", "--format", "html")
    assert (
        ">column-undeclared</a> · row <code>UserRow</code> · moved: database · <code>schema-sync update</code>"
        in out
    )
    assert (
        ">column-type-mismatch</a> · row <code>UserRow</code> · moved: code · <code>schema-sync update</code>"
        in out
    )
    (project / "schemas/schema_lock.json").unlink()
    assert "moved:" not in shown(capsys, "check", "--format", "html")[0], "nothing is known without a lock"
