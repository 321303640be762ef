"""Settings that are there by half, or contradict each other, and what a source with few rights leaves unsaid."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from msgspec.structs import replace

from doubles import postgrest as double_of
from doubles.postgrest import Double, serving
from schema_sync import cli
from schema_sync.errors import UsageError
from schema_sync.model.request import Request
from schema_sync.setup.doctor import VARIABLES
from schema_sync.sources import postgrest
from schema_sync.sources.auto import choose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Database

    Run = Callable[..., tuple[int, str, str]]

REF = "abcdefghijklmnopqrst"
OWN = f"https://{REF}.supabase.co"
ENUMS = 'from enum import Enum\n\n\nclass Mood(str, Enum):\n    """Enum: mood"""\n\n    GOOD = "good"\n'
ROWS = "from typing import TypedDict\n\n\nclass PersonRow(TypedDict):\n    id: int\n"
ANALYSIS = Path(__file__).parents[2] / "docs/schemas/analysis.schema.json"
UNSEEN = "not checked: enum types that no column shows"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, in a project in step with ``people`` and the enum ``mood``, which no column uses."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for path, text in {"schemas/enums.py": ENUMS, "schemas/database/entities.py": ROWS}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(list(arguments))
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def door(run: Run, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    database.run("create type mood as enum ('good', 'bad'); create table people (id int primary key)")
    with serving(Double(dsn=database.dsn)) as double:
        monkeypatch.setenv("SUPABASE_URL", double.url)
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", double_of.SERVICE_KEY)
        yield double


class TestCoverage:
    """``-q`` hides talk, never coverage."""

    @pytest.mark.usefixtures("door")
    @pytest.mark.parametrize("quiet", [(), ("-q",)])
    def test_what_was_not_checked_stands_behind_the_verdict(self, quiet: tuple[str, ...]) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "schema_sync", *quiet, "check"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
        behind = done.stdout.partition("✓ Schemas are in sync\n")[2]
        assert UNSEEN in behind
        assert all(line.startswith("not checked: ") for line in behind.splitlines())
        assert ("source: postgrest" in done.stdout) is (not quiet)

    @pytest.mark.usefixtures("door")
    @pytest.mark.parametrize("command", [("check",), ("diff",), ("update",), ("update", "--dry-run"), ("report",)])
    def test_of_all_that_compare(self, run: Run, command: tuple[str, ...]) -> None:
        code, _, err = run("-q", *command)
        assert code == 0
        assert UNSEEN in err
        assert all(line.startswith("not checked: ") for line in err.splitlines())

    @pytest.mark.usefixtures("door")
    @pytest.mark.parametrize("command", [("list", "enums"), ("snapshot",), ("docs", "pages")])
    def test_of_all_that_show(self, run: Run, command: tuple[str, ...]) -> None:
        code, _, err = run("-q", *command)
        assert code == 0
        assert "not shown: enums" in err
        assert all(line.startswith("not shown: ") for line in err.splitlines())

    @pytest.mark.usefixtures("door")
    def test_a_class_whose_type_may_be_hidden_is_not_called_the_applications_own(self, run: Run) -> None:
        assert "1 class matches no database object that the source shows: Mood" in run("check")[2]

    def test_rows_that_are_left_out(self, run: Run, database: Database) -> None:
        arguments = ("sql", "select generate_series(1, 3)", "--max-rows", "2", "--source", database.dsn)
        assert run("-q", *arguments)[2] == "there are more rows than the 2 shown (--max-rows)\n"

    def test_nothing_is_said_where_all_was_seen(self, run: Run, database: Database) -> None:
        database.run("create type mood as enum ('good'); create table people (id int primary key)")
        for command in (("check",), ("diff",), ("snapshot",), ("list", "enums"), ("docs", "pages"), ("update",)):
            assert run("-q", *command, "--source", database.dsn)[::2] == (0, "")


SCHEMA = """
create table keyless (a int not null, price numeric(10, 2) not null, name varchar(20), huge bigint);
create table parents (id int primary key, code text unique, parent int references parents, kind_only numeric);
create table children (id int primary key, a int, b int, parent int references parents);
"""


@pytest.mark.usefixtures("door")
class TestFigures:
    """``analyze`` claims nothing that rests on what PostgREST hides."""

    def test_hints(self, run: Run, database: Database) -> None:
        database.run(SCHEMA)
        code, out, _ = run("analyze", "--format", "json")
        found = json.loads(out)
        jsonschema.validate(found, json.loads(ANALYSIS.read_text()))
        hints = (
            "without_primary_key",
            "without_row_security",
            "without_policy",
            "foreign_keys_without_index",
            "unused_enums",
        )
        assert [found[hint] for hint in (*hints, "longest_chains")] == [None] * 6
        assert [each["column"] for each in found["inexact_columns"]] == ["huge"]
        assert found["self_references"] == [{"schema": "public", "name": "parents"}]
        assert [found["totals"][name] for name in ("enums", "constraints", "foreign_keys")] == [None] * 3
        assert (found["totals"]["tables"], found["totals"]["columns"]) == (4, 13)
        assert {each["constraints"] for each in found["relations"]} == {None}
        shown = [note["what"] for note in found["not_shown"]]
        assert "type modifiers, such as those of numeric(10,2)" in shown
        assert code == 0

    def test_for_people(self, run: Run, database: Database) -> None:
        database.run(SCHEMA)
        out = run("analyze")[1]
        for absent in (
            "primary key",
            "RLS",
            "without an index",
            "nothing uses",
            "chains",
            "numeric (",
        ):
            assert absent not in out.partition("Not shown")[0]
        assert "  type modifiers, such as those of numeric(10,2): the source postgrest does not show" in out

    def test_a_connection_still_sees_all(self, run: Run, database: Database) -> None:
        database.run(SCHEMA)
        found = json.loads(run("analyze", "--format", "json", "--source", database.dsn)[1])
        assert [each["name"] for each in found["without_primary_key"]] == ["keyless"]
        assert [each["column"] for each in found["inexact_columns"]] == ["huge", "kind_only"]
        assert len(found["longest_chains"]) > 0
        assert found["totals"]["foreign_keys"] == 2
        assert [note["why"] for note in found["not_shown"]] == ["no query of Supabase is in the code"]


class TestProjects:
    @pytest.mark.parametrize("project", ["other", "prj_abc123", "\U0001f600 $(x) {x}", f"{REF}x"])
    def test_an_option_that_names_another_is_refused(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, project: str
    ) -> None:
        monkeypatch.setenv("SUPABASE_URL", OWN)
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", double_of.SERVICE_KEY)
        code, out, err = run("check", "--project-id", project)
        assert (code, out) == (2, "")
        assert f"Error: SUPABASE_URL is of project {REF}, not {project}" in err

    def test_another_host_cannot_be_compared(self, run: Run, door: Double) -> None:
        code, out, err = run("-q", "check", "--project-id", "other\x1b[2J")
        assert (code, out) == (2, "")
        code, out, err = run("-q", "check", "--project-id", "other")
        assert (code, out.splitlines()[-1]) == (0, "✓ Schemas are in sync")
        assert (
            "not checked: whether SUPABASE_URL is of project other: the host of SUPABASE_URL names no project"
            in err
        )
        assert "whether SUPABASE_URL" not in run("check")[2]
        told = json.loads(run("check", "--project-id", "other", "--format", "json")[1])["not_checked"]
        assert "whether SUPABASE_URL is of project other" in [each["what"] for each in told]

    @pytest.mark.parametrize(
        ("variables", "option", "said"),
        [
            ({"SUPABASE_PROJECT_ID": REF}, "", []),
            ({}, REF.upper(), []),
            ({}, "", []),
            ({"SUPABASE_PROJECT_ID": "other"}, REF, []),
            ({"SUPABASE_PROJECT_ID": "other"}, "", ["project other, which SUPABASE_PROJECT_ID names"]),
            ({"SUPABASE_PROJECT_REF": "other"}, "", ["project other, which SUPABASE_PROJECT_REF names"]),
        ],
    )
    def test_a_variable_that_contradicts_the_address_is_told(
        self, tmp_path: Path, variables: dict[str, str], option: str, said: list[str]
    ) -> None:
        given = {"SUPABASE_URL": OWN, "SUPABASE_SERVICE_KEY": double_of.SERVICE_KEY, **variables}
        notes = postgrest.doubts(replace(asked(tmp_path, given), project=option))
        assert [note.what for note in notes] == said


def asked(root: Path, variables: dict[str, str]) -> Request:
    return Request(schemas=("public",), root=root, environment={"HOME": str(root), **variables}, lock="lock.json")


class TestHalves:
    @pytest.mark.parametrize(
        ("variables", "half"),
        [
            ({"SUPABASE_URL": OWN}, "SUPABASE_URL is set, but SUPABASE_SERVICE_KEY is not set"),
            ({"SUPABASE_SECRET_KEY": "k"}, "SUPABASE_SECRET_KEY is set, but SUPABASE_URL is not set"),
            ({"SUPABASE_ACCESS_TOKEN": "t"}, "SUPABASE_ACCESS_TOKEN is set, but SUPABASE_PROJECT_ID is not set"),
            ({"SUPABASE_PROJECT_REF": "x"}, "SUPABASE_PROJECT_REF is set, but SUPABASE_ACCESS_TOKEN is not set"),
            (
                {"SUPABASE_DB_PASSWORD": "p"},
                "SUPABASE_DB_PASSWORD is set, but there is no supabase/.temp/pooler-url (supabase link)"
                " and no SUPABASE_DB_URL",
            ),
            (
                {"SUPABASE_URL": OWN, "SUPABASE_PROJECT_ID": REF},
                "SUPABASE_PROJECT_ID is set, but SUPABASE_ACCESS_TOKEN is not set;"
                " SUPABASE_URL is set, but SUPABASE_SERVICE_KEY is not set",
            ),
        ],
    )
    def test_what_is_missing_is_named(self, tmp_path: Path, variables: dict[str, str], half: str) -> None:
        with pytest.raises(UsageError) as caught:
            choose("auto", asked(tmp_path, variables))
        assert caught.value.message == f"no source is configured; {half}"

    def test_files_count_as_variables_do(self, tmp_path: Path) -> None:
        (tmp_path / "supabase/.temp").mkdir(parents=True)
        (tmp_path / "supabase/.temp/pooler-url").write_text(
            "postgresql://postgres.x@a.pooler.supabase.com/postgres"
        )
        (tmp_path / ".env").write_text(f"SUPABASE_URL={OWN}\n")
        with pytest.raises(UsageError) as caught:
            choose("auto", asked(tmp_path, {}))
        assert caught.value.message == (
            "no source is configured; supabase/.temp/pooler-url exists, but SUPABASE_DB_PASSWORD is not set;"
            " SUPABASE_URL in .env is set, but SUPABASE_SERVICE_KEY is not set"
        )

    def test_doctor_says_so_too(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUPABASE_URL", OWN)
        found = run("doctor", "--format", "json")[1]
        assert "SUPABASE_URL is set, but SUPABASE_SERVICE_KEY is not set" in found


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize("command", [("sql", "select 1"), ("list", "indexes")])
def test_what_postgrest_cannot_run_has_two_ways_on(run: Run, command: tuple[str, ...]) -> None:
    code, out, err = run(*command)
    assert (code, out) == (2, "")
    assert "Error: the source postgrest runs no SQL\n" in err
    for name in ("SUPABASE_DB_URL", "SUPABASE_ACCESS_TOKEN with SUPABASE_PROJECT_ID"):
        assert name in err


@pytest.mark.parametrize("source", ["snapshot:saved.json", "migrations", "lock"])
def test_a_project_that_is_named_for_files_is_said_not_to_be_used(
    run: Run, database: Database, tmp_path: Path, source: str
) -> None:
    database.run("create type mood as enum ('good'); create table people (id int primary key)")
    sql = tmp_path / "supabase/migrations/1_a.sql"
    sql.parent.mkdir(parents=True)
    sql.write_text("create type mood as enum ('good'); create table people (id int primary key);")
    assert run("snapshot", "--output", "saved.json", "--source", database.dsn)[0] == 0
    assert run("update", "--source", database.dsn)[0] == 0
    code, _, err = run("check", "--project-id", "prj\x1b[2J", "--source", source)
    said = f"--project-id prj\\x1b[2J is not used: the source {source.partition(':')[0]} reads files\n"
    assert (code, said in err) == (0, True)
