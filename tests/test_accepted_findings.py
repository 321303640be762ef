"""The baseline: what is accepted does not count, what is new does; for queries and for classes alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

SCHEMA = "create table orders (id bigint primary key, total numeric not null, note text)"
QUERY = (
    "from supabase import Client\n\n\ndef load(db: Client):\n    db.table('orders').select('id, totl').execute()\n"
)
ROW = (
    'from typing import TypedDict\n\n\nclass OrderRow(TypedDict):\n    """Table: public.orders"""\n\n    id: int\n'
)
PATH = "schemas/schema_baseline.json"


@pytest.fixture
def source(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project with a query and a class that are wrong, in the current folder; returns the database."""
    database.run(SCHEMA)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/rows.py").write_text(ROW)
    (tmp_path / "app.py").write_text(QUERY)
    monkeypatch.chdir(tmp_path)
    return database.dsn


def rules(capsys: pytest.CaptureFixture[str], source: str) -> tuple[list[str], int]:
    cli.run(["check", "--format", "json", "--source", source])
    found = json.loads(capsys.readouterr().out)
    return sorted(finding["rule"] for finding in found["findings"]), found["suppressed"]


def test_only_new_findings_count(source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rules(capsys, source) == (["column-undeclared"] * 2 + ["unknown-column"], 0)
    assert cli.run(["baseline", "--source", source, "--reason", "before we began"]) == 0
    assert capsys.readouterr().out == f"✓ {PATH}: 3 accepted, 3 of them new, 0 dropped\n"
    assert rules(capsys, source) == ([], 3)
    assert cli.run(["check", "--source", source]) == 0
    assert f"accepted by {PATH}: 3 findings\n" in capsys.readouterr().err
    document = json.loads((tmp_path / PATH).read_text())
    assert document["format_version"] == 1
    entries = document["findings"]
    assert entries[0] == {
        "fingerprint": entries[0]["fingerprint"],
        "rule": "unknown-column",
        "object": "public.orders.totl",
        "path": "app.py",
        "function": "load",
        "reason": "before we began",
    }
    # Lines may move; a second mention is new.
    (tmp_path / "app.py").write_text("# moved\n" + QUERY)
    assert rules(capsys, source) == ([], 3)
    (tmp_path / "app.py").write_text(QUERY + QUERY.splitlines()[-1])
    assert rules(capsys, source) == (["unknown-column"], 3)


def test_an_update_leaves_them_alone(source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["baseline", "--source", source])
    assert cli.run(["update", "--source", source]) == 0
    assert (tmp_path / "schemas/rows.py").read_text() == ROW
    assert "Manual review" not in capsys.readouterr().out


def test_what_is_mended_is_dropped_on_request(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["baseline", "--source", source, "--reason", "old"])
    (tmp_path / "app.py").write_text(QUERY.replace("totl", "total"))
    before = (tmp_path / PATH).read_bytes()
    cli.run(["check", "--source", source])
    assert f"{PATH}: no longer found: 1; schema-sync baseline --prune drops them\n" in capsys.readouterr().err
    cli.run(["baseline", "--source", source])
    assert (tmp_path / PATH).read_bytes() == before
    capsys.readouterr()
    cli.run(["baseline", "--source", source, "--prune"])
    assert capsys.readouterr().out == f"✓ {PATH}: 2 accepted, 0 of them new, 1 dropped\n"
    assert {each["reason"] for each in json.loads((tmp_path / PATH).read_text())["findings"]} == {"old"}


def test_an_entry_expires(source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["baseline", "--source", source])
    document = json.loads((tmp_path / PATH).read_text())
    document["findings"][0]["expires"] = "2020-01-01"
    document["findings"][1]["expires"] = "2999-01-01"
    (tmp_path / PATH).write_text(json.dumps(document))
    capsys.readouterr()
    assert rules(capsys, source) == (["unknown-column"], 2)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format_version": 2}', '{"findings": [{}]}', "\ud800"])
def test_one_that_cannot_be_read_is_refused(
    source: str, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / PATH).write_bytes(content.encode("utf-8", "surrogatepass"))
    for command in ("check", "baseline", "update"):
        assert cli.run([command, "--source", source]) == 2
        assert f"{PATH}: not a readable baseline: " in capsys.readouterr().err
    assert (tmp_path / PATH).read_bytes() == content.encode("utf-8", "surrogatepass")
    assert (tmp_path / "schemas/rows.py").read_text() == ROW


def test_a_folder_in_its_place_is_refused(source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / PATH).mkdir()
    assert cli.run(["check", "--source", source]) == 2
    assert f"Error: {PATH}: " in capsys.readouterr().err


def test_nothing_is_dropped_where_not_everything_was_read(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["baseline", "--source", source])
    before = (tmp_path / PATH).read_bytes()
    (tmp_path / "schemas/rows.py").write_text("class (:\n")
    capsys.readouterr()
    assert cli.run(["baseline", "--source", source, "--prune"]) == 2
    assert "Error: not everything could be read" in capsys.readouterr().err
    assert (tmp_path / PATH).read_bytes() == before
