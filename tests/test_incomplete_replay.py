"""A replay that goes on after a failure: what it applied is compared, what it leaves open is not checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli
from schema_sync.reports.formats import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

ENTITIES = '''\
from typing import TypedDict


class UserRow(TypedDict):
    """Table: public.users"""

    id: int
    name: str


class DashboardRow(TypedDict):
    """Table: public.made_in_dashboard"""

    x: int


class GoneRow(TypedDict):
    """Table: public.gone"""

    x: int
'''
USERS = "create table users (id int primary key, name text not null);"
LOST = "alter table made_in_dashboard add column x int;"


class Folder:
    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def migrations(self, *texts: str) -> None:
        for number, text in enumerate(texts, start=1):
            self.write(f"supabase/migrations/{number}_m.sql", text)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(list(arguments))
        out, err = self._capture.readouterr()
        return code, out, err

    def check(self, *texts: str) -> tuple[int, list[str], list[str]]:
        """The exit code, findings as ``rule object``, and what was not checked."""
        self.migrations(*texts)
        code, out, _ = self.run("check", "--format", "json")
        report = json.loads(out)
        assert report["in_sync"] is False
        found = [
            f"{f['rule']} {'.'.join(filter(None, (f['object']['name'], f['object'].get('column'))))}"
            for f in report["findings"]
        ]
        return code, found, [note["what"] for note in report["not_checked"]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    for name in ("SUPABASE_DB_URL", "DATABASE_URL", "SUPABASE_URL", "SUPABASE_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    made = Folder(tmp_path, capsys)
    made.write("schema-sync.toml", 'source = "migrations"\non-migration-error = "continue"\n')
    made.write("schemas/database/entities.py", ENTITIES)
    return made


def test_the_default_stops(folder: Folder) -> None:
    folder.write("schema-sync.toml", 'source = "migrations"\n')
    folder.migrations(USERS, LOST)
    code, _, err = folder.run("check")
    assert code == 3
    assert 'supabase/migrations/2_m.sql:1: relation "made_in_dashboard" does not exist' in err


def test_what_is_certain_is_found_and_what_is_open_is_not_checked(folder: Folder) -> None:
    assert folder.check(USERS, LOST, "create table posts (id int primary key);") == (
        1,
        ["table-removed gone", "table-undeclared posts"],
        ["supabase/migrations/2_m.sql:1", "public.made_in_dashboard (table-removed)"],
    )


def test_nothing_certain_is_never_green(folder: Folder) -> None:
    gone = "create table gone (x int not null);"
    assert folder.check(USERS, gone, LOST)[:2] == (3, [])
    code, out, _ = folder.run("check", "-q")
    assert code == 3
    assert out.endswith(
        "⚠️  No drift in what could be compared: 2 of 3 statements of the migrations were applied\n"
    )
    assert "✓ Schemas are in sync" not in out


CALLS = """\
from supabase import create_client

db = create_client("url", "key")
for row in db.table("users").select("id, nam").execute().data:
    db.table("a").select("id").execute()
    db.table("b").select("id").execute()
    db.table("c").select("id").execute()
    db.rpc("d").execute()
"""


class TestMissingStart:
    """Migrations that do not create most of the tables in queries: that is said once."""

    @pytest.fixture(autouse=True)
    def _only_queries(self, folder: Folder) -> None:
        folder.write("schemas/database/entities.py", "")
        folder.write("main.py", CALLS)

    def test_one_finding(self, folder: Folder) -> None:
        folder.migrations(USERS, "create function d() returns int language sql as 'select 1';")
        code, out, _ = folder.run("check", "--format", "json")
        found = [(each["rule"], each["message"]) for each in json.loads(out)["findings"]]
        assert code == 1
        assert [rule for rule, _ in found if rule != "table-undeclared"] == [
            "initial-migration-missing",
            "unknown-column",
        ]
        assert any("3 of 4 tables that the code names are not created" in message for _, message in found)

    def test_with_statements_that_failed_it_is_not_checked(self, folder: Folder) -> None:
        _, found, notes = folder.check(USERS, LOST)
        assert found == ["table-undeclared users", "unknown-column users.nam"]
        assert any("3 of 4 tables that the code names" in note for note in notes)

    def test_what_is_open_is_named_once(self, folder: Folder) -> None:
        folder.write("main.py", CALLS + '    db.table("a").select("x").execute()\n')
        notes = folder.check(
            USERS, "create table b (id int); create table a (id int); alter table a add b_id nosuch;"
        )
        assert [note for note in notes[2] if "unknown" in note] == []
        notes = folder.check(USERS, "create table b (id int); create table a (id nosuch);")
        assert [note for note in notes[2] if "unknown" in note] == ["public.a (unknown-table, 2 times)"]

    def test_a_function_that_a_failed_statement_creates(self, folder: Folder) -> None:
        """Its arguments are those of one version or of the other."""
        folder.write("main.py", CALLS.replace('rpc("d")', 'rpc("d", {"p_name": "x"})'))
        first = "create function d(name text) returns int language sql as 'select 1';"
        later = "create or replace function d(p_name nosuch) returns int language sql as 'select 1';"
        found, notes = folder.check(USERS, first, later)[1:]
        assert not [each for each in found if "argument" in each]
        assert [note for note in notes if "argument" in note] == [
            "public.d.name (missing-argument)",
            "public.d.p_name (unknown-argument)",
        ]

    def test_fewer_are_wrong_names(self, folder: Folder) -> None:
        folder.migrations(USERS, "create table a (id int)")
        _, out, _ = folder.run("check", "--format", "json")
        rules = [each["rule"] for each in json.loads(out)["findings"]]
        assert rules.count("unknown-table") == 2
        assert "unknown-function" in rules


@pytest.mark.parametrize(
    ("text", "found", "open_"),
    [
        # in a transaction nothing of it stays, also what came before; what comes after it does
        ("begin; create table gone (x int not null); " + LOST + " commit;", [], {"gone", "made_in_dashboard"}),
        ("create table gone (x int not null); begin; " + LOST + " commit;", [], {"made_in_dashboard"}),
        ("begin; " + LOST + " rollback; create table gone (x int not null);", [], {"made_in_dashboard"}),
        ("begin; savepoint s; " + LOST + " rollback to s; create table gone (x int not null); commit;", [], {"made_in_dashboard"}),
        ("begin; " + LOST + " create table gone (x int not null);", [], {"gone", "made_in_dashboard"}),
        # whatever may have made it
        ("do $$ begin perform nosuch(); end $$;", [], {"gone", "made_in_dashboard"}),
        ("select nosuch();", [], {"gone", "made_in_dashboard"}),
        ("call nosuch();", [], {"gone", "made_in_dashboard"}),
        # a name in another case, quoted, in a comment of the statement, and one that only begins alike
        ('alter table "GONE" rename to made_in_dashboard;', [], {"gone", "made_in_dashboard"}),
        (LOST + " create index on gone_too (x);", ["table-removed gone"], {"made_in_dashboard"}),
        # no SQL at all
        (LOST + " nonsense gone;", [], {"gone", "made_in_dashboard"}),
        ("\\i made_in_dashboard.sql", [], {"gone", "made_in_dashboard"}),
    ],
)  # fmt: skip
def test_names_that_a_statement_without_effect_mentions(
    folder: Folder, text: str, found: list[str], open_: set[str]
) -> None:
    code, seen, notes = folder.check(USERS, text)
    assert seen == found
    assert code == (1 if found else 3)
    assert {note.split(" ")[0].removeprefix("public.") for note in notes if "(" in note} == open_


def test_columns_types_and_nulls_that_may_be_otherwise(folder: Folder) -> None:
    users = "create table users (id int primary key, name int);"
    rest = "create table made_in_dashboard (x int not null); create table gone (y int not null);"
    lost = "alter table users alter name set not null, alter name type text using lost; alter table gone rename y to lost.x;"
    code, found, notes = folder.check(users, rest, lost)
    assert found == ["column-undeclared gone.y"]
    assert code == 1
    assert [note for note in notes if "(" in note] == [
        "public.gone.x (column-removed)",
        "public.users.name (column-nullability-mismatch)",
        "public.users.name (column-type-mismatch)",
    ]


def test_an_update_writes_what_is_certain_and_removes_nothing(folder: Folder) -> None:
    folder.migrations(USERS, LOST, "create table posts (id int primary key);")
    code, out, _ = folder.run("update", "--prune")
    assert code == 1
    assert "✓ Updated schemas/database/entities.py" in out
    assert "removed table gone still declared" in out
    assert out.endswith("so the lock and the version were not written, and nothing was removed\n")
    text = (folder.root / "schemas/database/entities.py").read_text()
    assert "class PostRow(TypedDict):" in text
    assert "class GoneRow" in text
    assert not (folder.root / "schemas/schema_lock.json").exists()
    assert not (folder.root / "schemas/schema_version.py").exists()
    assert folder.run("snapshot", "--output", "s.json")[0] == 3


def test_a_base_file_in_front_of_a_folder(folder: Folder) -> None:
    folder.write("base.sql", "create table made_in_dashboard ();")
    folder.migrations(USERS, LOST, "create table gone (x int not null);")
    for source in ("migrations:base.sql,supabase/migrations", "migrations: base.sql , supabase/migrations"):
        code, out, err = folder.run("check", "--source", source, "--format", "json")
        assert [f["rule"] for f in json.loads(out)["findings"]] == ["column-nullability-mismatch"]
        assert "statements of the migrations" not in err
    code, _, err = folder.run("check", "--source", "migrations:nosuch.sql,supabase/migrations")
    assert code == 3
    assert "nosuch.sql" in err


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_says_so(folder: Folder, name: str) -> None:
    folder.migrations(USERS, LOST, "create table gone (x int not null);")
    code, out, err = folder.run("check", "--format", name)
    assert code == 3
    told = out if name != "jsonl" else out + err
    assert "2 of 3 statements" in told or "made_in_dashboard" in told


def test_a_finding_among_others_fails_first(folder: Folder) -> None:
    folder.migrations(USERS, LOST)
    assert folder.run("check", "--fail-on", "never")[0] == 3
