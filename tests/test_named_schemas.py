"""Schemas that queries name and the configuration does not compare: they are read for names alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

SCHEMA = """
create table orders (id int primary key);
create schema app;
create type app.mood as enum ('sad', 'ok');
create table app.notes (
    id int primary key, body text, mood app.mood, stage text check (stage in ('new', 'old')), of_order int references orders
);
create function app.count_notes(since date) returns int language sql as 'select 1';
create schema "odd ""schema";
create table "odd ""schema".t (id int);
"""
CODE = """from supabase import create_client

db = create_client("url", "key")
db.table("orders").select("id").execute()
db.schema("app").table("notes").select("id, body").eq("mood", "ok").execute()
db.schema("app").table("notes").select("bdy").eq("mood", "glad").eq("stage", "none").execute()
db.schema("app").table("orders").select("id").execute()
db.schema("app").rpc("count_notes", {"since": "2026-01-01"}).execute()
db.schema("app").rpc("count_note", {"since": "2026-01-01"}).execute()
db.schema("nowhere").table("orders").select("id").execute()
db.schema("nowhere").rpc("f").execute()
db.schema('odd "schema').table("t").select("id, x").execute()
"""
EXPECTED = {
    ("unknown-column", 6),
    ("unknown-label", 6),
    ("unknown-table", 7),
    ("unknown-function", 9),
    ("unknown-table", 10),
    ("unknown-function", 11),
    ("unknown-column", 12),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "main.py").write_text(CODE)
    (tmp_path / "schema-sync.toml").write_text('[severity]\ntable-undeclared = "off"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(capsys: pytest.CaptureFixture[str], source: str) -> dict[str, Any]:
    capsys.readouterr()
    cli.run(["check", "--format", "json", "--source", source])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def places(found: dict[str, Any]) -> set[tuple[str, int]]:
    return {(f["rule"], f["use"]["line"]) for f in found["findings"] if f["use"]}


def test_they_are_read_for_names(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.run(SCHEMA)
    found = report(capsys, database.dsn)
    assert places(found) == EXPECTED
    assert found["not_checked"] == []
    assert found["summary"]["tables"] == 1
    near = {f["object"].get("column"): f["facts"].get("nearest") for f in found["findings"] if f["use"]}
    assert near["bdy"] == "body"


def test_the_hash_is_that_of_what_is_compared(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.run(SCHEMA)
    with_names = report(capsys, database.dsn)["db_hash"]
    (project / "main.py").unlink()
    assert report(capsys, database.dsn)["db_hash"] == with_names


def test_a_replay_and_the_lock_have_them_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "supabase/migrations").mkdir(parents=True)
    (project / "supabase/migrations/20260101000000_all.sql").write_text(SCHEMA)
    assert places(report(capsys, "migrations")) == EXPECTED
    cli.run(["update", "--source", "migrations"])
    lock = (project / "schemas/schema_lock.json").read_text()
    assert "check (" not in lock  # the text of a check may carry keys: only its values are kept
    found = report(capsys, "lock")
    assert places(found) == EXPECTED
    assert found["not_checked"] == []
    assert cli.run(["update", "--source", "migrations"]) == 1
    assert (project / "schemas/schema_lock.json").read_text() == lock


def test_what_the_lock_does_not_hold_is_not_checked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "supabase/migrations").mkdir(parents=True)
    (project / "supabase/migrations/20260101000000_all.sql").write_text(SCHEMA)
    (project / "main.py").write_text(CODE.partition("db.schema")[0])
    cli.run(["update", "--source", "migrations"])
    (project / "main.py").write_text(CODE)
    found = report(capsys, "lock")
    assert places(found) == set()
    assert {note["why"] for note in found["not_checked"]} == {
        "schema app is not read",
        "schema nowhere is not read",
        'schema odd "schema is not read',
    }


def test_the_clients_own_schema_is_public(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the configuration compares another one alone."""
    database.run(SCHEMA)
    (project / "schema-sync.toml").write_text('schemas = ["app"]\n[severity]\ntable-undeclared = "off"\n')
    (project / "main.py").write_text(CODE + 'db.table("orders").select("idd").execute()\n')
    found = report(capsys, database.dsn)
    assert {place for place in places(found) if place[1] > 6} >= {("unknown-column", 13)}
    assert found["not_checked"] == []


def test_uses_of_them_are_found(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.run(SCHEMA)
    assert cli.run(["uses", "app.notes.body", "--format", "json", "--source", database.dsn]) == 0
    uses = json.loads(capsys.readouterr().out)["uses"]
    assert [(use["name"], use["exists"], use["line"]) for use in uses] == [("app.notes.body", True, 5)]


def test_a_schema_that_the_api_does_not_serve(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.run(SCHEMA)
    (project / "supabase").mkdir()
    config = project / "supabase/config.toml"
    config.write_text('[api]\nschemas = ["public", "nowhere"]\n')
    found = report(capsys, database.dsn)
    hidden = {(rule, line) for rule, line in places(found) if line not in {10, 11}}
    assert hidden == {
        (f"unknown-{'function' if line in {8, 9} else 'table'}", line) for line in (5, 6, 7, 8, 9, 12)
    }
    messages = {f["use"]["line"]: f["message"] for f in found["findings"] if f["use"]}
    assert messages[5] == "the API does not serve schema app (api.schemas of supabase/config.toml)."
    assert messages[10] == "there is no schema nowhere."
    for silent in ("[api]\nport = 1\n", "[api]\nschemas = 'app'\n", "api = 3\n", ""):
        config.write_text(silent)
        assert places(report(capsys, database.dsn)) == EXPECTED
    config.write_text("[api")
    assert cli.run(["check", "--source", database.dsn]) == 2
    assert "supabase/config.toml cannot be read" in capsys.readouterr().err
