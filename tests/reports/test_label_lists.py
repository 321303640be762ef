"""Labels and names in a list: bare, and in quotes where the list could be misread."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli
from schema_sync.rules.findings import label_text, listed, name_text

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

ENUMS = """\
from enum import Enum


class Mood(str, Enum):
    GOOD = "good"
    NOTHING = ""
    TWO = "x, y"
"""
ROW = """\
from typing import TypedDict


class PeopleRow(TypedDict):
    id: int
"""
TEXT = """\
[HIGH] ENUM: mood
  Change: modified
  Added values: ' padded ', 'a, b', 'a''; b', it's
  Removed values: '', 'x, y'

[HIGH] ENUM: answer
  Change: added
  Values: '', yes, Other (say which)

[MEDIUM] TABLE: people
  Change: modified
  Added columns: "a, b", "c (d)", plain
"""


@pytest.mark.parametrize(
    "label", ["pending", "on_hold", "it's", 'say "x"', "Other (say which)", "a b", "naïve", "→"]
)
def test_normal_labels_are_bare(label: str) -> None:
    assert label_text(label) == label


@pytest.mark.parametrize(
    ("label", "shown"),
    [("", "''"), ("a, b", "'a, b'"), (" a", "' a'"), ("a\u00a0", "'a\u00a0'"), ("'", "''''"), ("'a'", "'''a'''")],
)
def test_others_are_quoted_as_in_sql(label: str, shown: str) -> None:
    assert label_text(label) == shown


def test_two_lists_never_look_alike() -> None:
    lists = [("a", "b"), ("a, b",), ("a", "", "b"), ("'a'", "b"), ("'a', b",), ("a'", "'b"), ("",), ("''",), ()]
    assert len({listed(labels) for labels in lists}) == len(lists)
    assert name_text('a"') == 'a"'
    assert name_text('"a"') == '"""a"""'


def test_all_reports_and_documents_show_them(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database.run("create type mood as enum (' padded ', 'a, b', 'a''; b', 'it''s', 'good')")
    database.run("create type answer as enum ('', 'yes', 'Other (say which)')")
    database.run('create table people (id int not null, "a, b" int, "c (d)" int, plain int)')
    for path, text in {"schemas/enums.py": ENUMS, "schemas/database/entities.py": ROW}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert cli.run(["check", "--source", database.dsn, "--output", "report.md"]) == 1
    assert TEXT in capsys.readouterr().out
    assert "added: Values: ''" in unescape((tmp_path / "report.md").read_text())
    assert cli.run(["docs", "pages", "--source", database.dsn]) == 0
    assert "\n1. `''`\n2. `yes`\n" in (tmp_path / "pages/enums.md").read_text()
