"""Names in queries, from the database to the report: each source, the lock, comments that silence, who moved."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from schema_sync import cli
from schema_sync.model.snapshot import decode_lock
from schema_sync.postgres.catalog_queries import catalog_queries

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

SCHEMA = """
create table orders (
    id uuid primary key default gen_random_uuid(), total numeric not null, owner uuid not null,
    status text not null default 'new' check (status in ('new', 'paid')), email text, note text
);
create unique index on orders (email);
create unique index on orders (note) where note is not null;
create function fill() returns trigger language plpgsql as $$ begin new.owner := gen_random_uuid(); return new; end $$;
create table filled (id int primary key, owner uuid not null);
create trigger fill before insert on filled for each row execute function fill();
create function add(a int, b int default 1) returns int language sql as 'select 1';
"""
CODE = """from supabase import create_client

db = create_client("url", "key")


def load():
    db.table("orders").select("id, totl, customers(name)").eq("status", "payed").execute()
    db.table("orders").insert({"status": "new"}).execute()
    db.table("orders").upsert({"email": "a", "total": 1, "owner": "b"}, on_conflict="email").execute()
    db.table("orders").upsert({"note": "a", "total": 1, "owner": "b"}, on_conflict="note").execute()
    db.table("filled").insert({"id": 1}).execute()
    db.rpc("add", {"a": 1, "c": 2}).execute()
    db.rpc("ad", {"a": 1}).execute()  # schema-sync: ignore[unknown-function] comes next week
    return [row["total"] for row in db.table("orders").select("id").execute().data]
"""


def at(line: int, text: str) -> tuple[int, int]:
    """The place where *text* begins in a line of the code."""
    return line, CODE.splitlines()[line - 1].index(text) + 1


EXPECTED = {
    ("unknown-column", *at(7, "totl")),
    ("unknown-relationship", *at(7, "customers")),
    ("unknown-label", *at(7, '"payed"')),
    ("missing-required-key", *at(8, "{")),
    ("wrong-literal-type", *at(9, '"owner"')),
    ("wrong-literal-type", *at(10, '"owner"')),
    ("no-unique-constraint", *at(10, '"note")')),
    ("unknown-argument", *at(12, '"c"')),
    ("key-not-selected", *at(14, '"total"')),
}


@pytest.fixture
def project(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the code and no classes; rules on those are off."""
    database.run(SCHEMA)
    (tmp_path / "app").mkdir()
    (tmp_path / "app/main.py").write_text(CODE)
    quiet = ("table-undeclared", "view-undeclared", "function-undeclared", "enum-undeclared")
    rules = "\n".join(f'{rule} = "off"' for rule in quiet)
    (tmp_path / "schema-sync.toml").write_text(f"include = ['schemas/**/*.py']\n[severity]\n{rules}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(capsys: pytest.CaptureFixture[str], source: str, *options: str) -> dict[str, Any]:
    cli.run(["check", "--format", "json", "--source", source, *options])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def places(found: dict[str, Any]) -> set[tuple[str, int, int]]:
    return {(f["rule"], f["use"]["line"], f["use"]["column"]) for f in found["findings"]}


def test_each_rule_at_its_place(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    found = report(capsys, database.dsn)
    assert places(found) == EXPECTED
    assert found["suppressed"] == 1  # a call
    assert {f["use"]["function"] for f in found["findings"]} == {"load"}
    label = next(f for f in found["findings"] if f["rule"] == "unknown-label")
    assert label["object"] == {
        "kind": "table",
        "schema": "public",
        "name": "orders",
        "column": "status",
        "label": "payed",
    }
    assert label["facts"]["nearest"] == "paid"


def test_the_lock_finds_the_same(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["update", "--source", database.dsn]) == 1
    assert json.loads((project / "schemas/schema_lock.json").read_text())["format_version"] == 3
    capsys.readouterr()
    assert places(report(capsys, "lock")) == EXPECTED


def test_a_lock_of_the_first_format_leaves_open_what_it_does_not_hold(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["update", "--source", database.dsn])
    path = project / "schemas/schema_lock.json"
    lock = decode_lock(path.read_bytes(), path="lock")
    old = {"format_version": 1, "db_hash": lock.db_hash, "catalog": lock.catalog, "bindings": lock.bindings}
    path.write_bytes(msgspec.json.encode(old))
    capsys.readouterr()
    found = report(capsys, "lock")
    unseen = {"missing-required-key", "no-unique-constraint", "unknown-argument", "unknown-label"}
    assert places(found) == {place for place in EXPECTED if place[0] not in unseen}
    reasons = {note["why"] for note in found["not_checked"]}
    assert "the source does not show functions" in reasons
    assert "the source does not show unique indexes" in reasons
    assert "the source does not show the triggers that may fill columns" in reasons


def test_who_moved(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/main.py").write_text(
        CODE.split("    db.table", 1)[0] + "    db.table('orders').select('note, no')"
    )
    cli.run(["update", "--source", database.dsn])
    database.run("alter table orders drop column note")
    capsys.readouterr()
    moved = {f["object"]["column"]: f["moved"] for f in report(capsys, database.dsn)["findings"]}
    assert moved == {"note": "database", "no": "code"}


def test_off_and_files_of_choice(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    configured = (project / "schema-sync.toml").read_text()
    (project / "schema-sync.toml").write_text('queries = "off"\n' + configured)
    assert report(capsys, database.dsn)["findings"] == []
    (project / "schema-sync.toml").write_text("query-files = ['other/**/*.py']\n" + configured)
    assert report(capsys, database.dsn)["findings"] == []


def test_what_git_ignores_is_not_read(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    assert places(report(capsys, database.dsn)) == EXPECTED
    (project / ".gitignore").write_text("app/\n")
    assert report(capsys, database.dsn)["findings"] == []


def test_git_starts_no_program_of_the_repository(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    monitor = project / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch {project}/started\n")
    monitor.chmod(0o755)
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "config", "core.fsmonitor", str(monitor)], check=True)
    subprocess.run(["git", "ls-files", "--others"], check=True, capture_output=True)
    assert (project / "started").exists(), "git does not ask it: this test shows nothing"
    (project / "started").unlink()
    assert places(report(capsys, database.dsn)) == EXPECTED
    assert not (project / "started").exists()


def test_nothing_is_asked_of_a_project_without_queries(project: Path) -> None:
    assert "names" not in catalog_queries(("public",))
    assert {"names", "functions"} <= set(catalog_queries(("public",), names=True))


def test_a_file_that_is_not_python_is_not_checked(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "app/broken.py").write_text("db.table('orders').select(\n")
    notes = report(capsys, database.dsn)["not_checked"]
    assert {"what": "queries in app/broken.py:1:26", "why": "'(' was never closed"} in notes


def test_a_wrapper_of_the_projects_own(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    wrapper = "[[query-wrappers]]\ncall = 'http.select'\nparams = 'query'\n"
    configured = (project / "schema-sync.toml").read_text()
    (project / "schema-sync.toml").write_text(configured + wrapper)
    (project / "app/main.py").write_text(
        "import http\n\n\nasync def load(x):\n"
        '    return await http.select("orders", query={"select": "id,nope", "totl": f"eq.{x}", "order": "old.desc"})\n'
    )
    names = {f["object"]["column"] for f in report(capsys, database.dsn)["findings"]}
    assert names == {"nope", "totl", "old"}


def test_the_text_names_places(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--source", database.dsn]) == 1
    out = capsys.readouterr().out
    assert "[CRITICAL] QUERY: orders\n  Key not selected: total\n  app/main.py:14\n" in out
    assert "  Unknown column: totl (did you mean total?)\n  app/main.py:7\n" in out
    assert out.endswith("Run `schema-sync diff` for details; queries are mended by hand\n")


def test_uses_of_a_name(project: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    def uses(name: str) -> list[tuple[str, int, str, bool]]:
        assert cli.run(["uses", name, "--format", "json", "--source", database.dsn]) == 0
        found = json.loads(capsys.readouterr().out)["uses"]
        return [(each["name"], each["line"], each["call"], each["exists"]) for each in found]

    assert uses("filled") == [("public.filled", 11, "table", True)]
    assert {line for _, line, _, _ in uses("public.orders")} == {7, 8, 9, 10, 14}
    assert uses("orders.email") == [("public.orders.email", 9, "upsert", True)] * 2
    assert uses("orders.totl") == [("public.orders.totl", 7, "select", False)]
    assert uses("add.a") == [("public.add.a", 12, "rpc", True)]
    assert ("public.orders.total", 14, "", True) in uses("orders.total")
    assert uses("total") == []
    assert cli.run(["uses", "nobody", "--source", database.dsn]) == 0
    assert "no query uses nobody\n" in capsys.readouterr().err
    assert cli.run(["uses", "orders", "--source", database.dsn]) == 0
    shown = capsys.readouterr()
    assert "app/main.py:7:15   public.orders  table  load      certain" in shown.out
    assert cli.run(["uses", "a.b.c.d"]) == 2
    assert "not a name: 'a.b.c.d'" in capsys.readouterr().err


def test_other_formats_call_it_a_query(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["check", "--format", "markdown", "--source", database.dsn])
    assert "| critical | query of table <code>orders</code> | Key not selected: total; " in capsys.readouterr().out
    cli.run(["check", "--format", "html", "--source", database.dsn])
    assert '<span class="change">query, 8 findings</span>' in capsys.readouterr().out
    cli.run(["check", "--format", "sarif", "--source", database.dsn])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    regions = [each["locations"][0]["physicalLocation"]["region"] for each in run["results"]]
    assert {"startLine": 7, "startColumn": 36, "endLine": 7, "endColumn": 40} in regions


def test_inferred_findings_can_be_left_out(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(capsys, database.dsn, "--confidence", "certain")
    assert places(found) == {place for place in EXPECTED if place[0] != "key-not-selected"}
    assert found["suppressed"] == 2  # a call, and a key
    cli.run(["diff", "--source", database.dsn])
    assert "key-not-selected" in capsys.readouterr().out
    for command in ("diff", "report"):
        cli.run([command, "--source", database.dsn, "--confidence", "certain"])
    written = next(project.glob("schema_drift_report_*.md")).read_text()
    assert "key-not-selected" not in capsys.readouterr().out + written
    assert "unknown-column" in written
