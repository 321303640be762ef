"""``list`` shows which classes map to tables, views and enums."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from conftest import Database

CODE = """\
from enum import Enum
from typing import TypedDict


class Mood(Enum):
    SAD = "sad"


class PeopleRow(TypedDict):
    id: int


class PeopleInsert(TypedDict):
    id: int
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema-sync.toml").write_text('include = ["app/**/*.py"]\n')
    (tmp_path / "app").mkdir()
    (tmp_path / "app/db.py").write_text(CODE)
    return tmp_path


def test_the_classes_and_their_places(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.run("create type mood as enum ('sad'); create table people (id int); create view v as select 1 as x")
    (project / "app/broken.py").write_text("class (:\n")
    people = "PeopleRow app/db.py:9, PeopleInsert app/db.py:13"
    for what, classes in (("tables", [people]), ("enums", ["Mood app/db.py:5"]), ("views", [None])):
        assert cli.run(["list", what, "--source", database.dsn, "--format", "json"]) == 0
        assert [row["class"] for row in json.loads(capsys.readouterr().out)["rows"]] == classes
    assert cli.run(["list", "tables", "--source", database.dsn]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].endswith(f"  {people}")
    assert "not shown: classes in app/broken.py: " in err


def test_an_ambiguous_class_is_told_and_the_list_stands(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.run('create table "People" (id int); create table people (id int)')
    assert cli.run(["list", "tables", "--source", database.dsn]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 4
    assert "not shown: classes: " in err
    assert "PeopleRow" in err
