"""What the tool was asked to do, in the order in which it was asked: a row is a promise, a command, and what it prints.

Each row runs in a repository that ``init`` has set up, on a real database, as a process of its own. The whole story,
from a push to the database to a commit that passes, is in test_story.py.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from conftest import script_in
from doubles import postgrest as double_of
from doubles.postgrest import Double, serving
from schema_sync.cli import run as command
from schema_sync.setup.doctor import VARIABLES
from sources.doors import doors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Database
    from sources.doors import Doors

__all__ = ["doors"]

REPOSITORY = Path(__file__).parents[1]

SCHEMA = """
create type project_status as enum ('active', 'archived', 'pending', 'on_hold');
create type flag as enum ('enabled', 'disabled', '');
create table organizations (
  id uuid primary key, name text not null, code varchar(8), billing_cycle text, max_members integer
);
create table new_feature_table (a int primary key, b int, c int, d int, e int);
create table judged (
  id int primary key, disjoint int not null, narrow numeric not null, wide int not null,
  refused text, filled text default 'x', admitted text not null
);
create view billed as select id, billing_cycle from organizations;
"""
ENUMS = """\
from enum import Enum


class ProjectStatus(str, Enum):
    ACTIVE = "active"
    ARCHIVED = "archived"
    GONE = "gone"


class BillingPlanType(str, Enum):
    # Enum: public.billing_plan
    FREE = "free"
"""
ENTITIES = """\
from typing import Literal, Optional, TypedDict


class OrganizationRow(TypedDict):
    id: str
    name: str
    code: Optional[str]
    legacy_code: str


class JudgedRow(TypedDict):
    id: int
    disjoint: str
    narrow: Literal[1, 2]
    wide: float
    refused: str
    filled: str
    admitted: Optional[str]


class LostRow(TypedDict):
    id: str
"""


class Done(NamedTuple):
    code: int
    out: str
    err: str


class Project(NamedTuple):
    """A repository that ``init`` has set up, with classes that a database has left behind."""

    root: Path
    environment: dict[str, str]

    def run(self, line: str, **variables: str) -> Done:
        """Run *line* as one types it; python3 is this one."""
        program, *arguments = shlex.split(line)
        started = [sys.executable, *arguments]
        if program == "schema-sync":
            started = [sys.executable, "-m", "schema_sync", *arguments]
        done = subprocess.run(
            started,
            cwd=self.root,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def made(root: Path, monkeypatch: pytest.MonkeyPatch, **variables: str) -> Project:
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert command(["-q", "init"]) == 0
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "HOME": str(root.parent), **variables}
    project = Project(root, environment)
    project.write("schemas/enums.py", ENUMS)
    project.write("schemas/database/entities.py", ENTITIES)
    return project


@pytest.fixture
def project(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Project:
    database.run(SCHEMA)
    return made(tmp_path / "repository", monkeypatch, SUPABASE_DB_URL=database.dsn)


@pytest.fixture
def api(project: Project, database: Database) -> Iterator[Project]:
    """The same with the quick start's variables alone: PostgREST."""
    with serving(Double(dsn=database.dsn)) as double:
        variables = {"SUPABASE_URL": double.url, "SUPABASE_SERVICE_KEY": double_of.SERVICE_KEY}
        yield project._replace(environment={**project.environment, "SUPABASE_DB_URL": "", **variables})


# ---- files the user expects

INITIALIZED = (
    *("scripts/sync_schema.py", "scripts/mcp_schema_query.py", "scripts/query_db_schema.py"),
    *("scripts/pre-commit-schema-check.sh", "tests/test_schema_sync.py", ".github/workflows/schema-check.yml"),
)
OWN = (
    *INITIALIZED,
    *("scripts/schema_sync_config.json", "examples/schemas/schema_version.py"),
    *("README.md", "docs/SCHEMA_SYNC_README.md", "SCHEMA_SYNC_QUICKSTART.md", "SCHEMA_SYNC_IMPLEMENTATION.md"),
)


@pytest.mark.parametrize("path", OWN)
def test_this_repository_has(path: str) -> None:
    assert (REPOSITORY / path).stat().st_size


@pytest.mark.parametrize("path", INITIALIZED)
def test_init_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert (made(tmp_path / "repository", monkeypatch).root / path).stat().st_size


def test_the_configuration_stands_with_the_scripts_where_a_repository_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/sync_schema.py").write_bytes((REPOSITORY / "scripts/sync_schema.py").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert command(["-q", "init"]) == 0
    assert json.loads((tmp_path / "scripts/schema_sync_config.json").read_text())["source"] == "auto"
    assert not (tmp_path / "schema-sync.toml").exists()


def test_update_writes_the_python_side_wherever_it_is_called(project: Project) -> None:
    done = project._replace(root=project.root / "scripts").run("python3 sync_schema.py --update")
    assert "✓ Updated ../schemas/schema_version.py\n" in done.out
    for path in ("schema_version.py", "enums.py", "database/entities.py"):
        ast.parse((project.root / "schemas" / path).read_text())
    assert not (project.root / "scripts/schemas").exists()


# ---- commands, output, drift

CHECK, DIFF = "python3 scripts/sync_schema.py --check", "python3 scripts/sync_schema.py --diff"
QUERY = "python3 scripts/mcp_schema_query.py"


class Row(NamedTuple):
    """A command, its exit code, and what stands in its output."""

    line: str
    code: int
    shows: tuple[str, ...]


COMMANDS = (
    Row(CHECK, 1, ("⚠️  Schema drift detected!\nRun with --diff for details or --update to sync\n",)),
    Row(DIFF, 0, ("[HIGH] ENUM: project_status\n  Change: modified\n  Added values: pending, on_hold\n",)),
    Row("python3 scripts/sync_schema.py --report", 0, ("✓ Report written to schema_drift_report_20",)),
    Row("python3 scripts/sync_schema.py --update", 1, ("✓ Updated schemas/enums.py\n",)),
    Row(f"{QUERY} --export-docs db", 0, ("db/README.md",)),
    Row(f"{QUERY} --analyze", 0, ("3 tables", "1 view")),
    Row(f"{QUERY} --list-tables", 0, ("new_feature_table", "organizations")),
    Row(f"{QUERY} --list-enums", 0, ("project_status", "on_hold")),
    Row(f"{QUERY} --list-constraints", 0, ("organizations_pkey",)),
    Row(f'{QUERY} --execute-sql "select 6 * 7 as answer"', 0, ("answer", "42")),
    Row("python3 scripts/query_db_schema.py", 0, ('"name":"new_feature_table"',)),
)
BLOCKS = (
    "[HIGH] ENUM: flag\n  Change: added\n  Values: enabled, disabled, ''\n",
    "[CRITICAL] ENUM: billing_plan\n  Change: removed\n",
    "  Added values: pending, on_hold\n  Removed values: gone\n",
    "  Added columns: billing_cycle, max_members\n  Removed columns: legacy_code\n",
    "[HIGH] TABLE: new_feature_table\n  Change: added\n  Columns: 5\n",
    "[LOW] VIEW: billed\n  Change: added\n",
    "[CRITICAL] TABLE: losts\n  Change: removed\n",
)
SEVERITIES = (
    ("critical", "enum-removed", None),
    ("critical", "table-removed", None),
    ("critical", "column-removed", "legacy_code"),
    ("high", "table-undeclared", None),
    ("high", "enum-undeclared", None),
    ("high", "enum-label-undeclared", None),
    ("medium", "column-undeclared", "billing_cycle"),
    ("high", "column-type-mismatch", "disjoint"),
    ("medium", "column-type-mismatch", "narrow"),
    ("low", "column-type-mismatch", "wide"),
    ("high", "column-nullability-mismatch", "refused"),
    ("medium", "column-nullability-mismatch", "filled"),
    ("low", "column-nullability-mismatch", "admitted"),
    ("low", "view-undeclared", None),
)


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.line.partition("scripts/")[2])
def test_a_command(project: Project, row: Row) -> None:
    done = project.run(row.line)
    assert done.code == row.code, done.err
    for text in row.shows:
        assert text in done.out


def test_the_blocks_of_a_check(project: Project) -> None:
    out = project.run(CHECK).out
    for block in BLOCKS:
        assert block in out


def test_the_severities(project: Project) -> None:
    report = json.loads(project.run("schema-sync -q check --format json").out)
    found = {(f["severity"], f["rule"], f["object"].get("column")) for f in report["findings"]}
    assert found >= set(SEVERITIES)


def test_in_step_after_an_update_that_removes(project: Project) -> None:
    kept = project.run("schema-sync update")
    assert "⚠️  Manual review: removed column organizations.legacy_code still declared at schemas/" in kept.out
    assert project.run("schema-sync update --prune").code == 0
    done = project.run(CHECK)
    said = "Checking for schema drift...\n\n✓ No schema differences found\n\n✓ Schemas are in sync\n"
    assert (done.code, done.out.partition("\n\n")[2]) == (0, said)
    names = "SCHEMA_VERSION, LAST_SYNC, DB_HASH, TABLES_COUNT, ENUMS_COUNT, LAST_SYNC_DIFFERENCES"
    assert project.run(f"python3 -c 'from schemas.schema_version import {names}'").code == 0


def test_a_check_without_python_says_so_before_it_lists_every_table(project: Project) -> None:
    for path in (project.root / "schemas").rglob("*.py"):
        path.unlink()
    done = project.run("schema-sync -q check")
    assert done.err.startswith("no Python file in ./ matches include: schemas/**/*.py")
    assert "TABLE: organizations\n  Change: added" in done.out


# ---- the quick start with three variables

API = (
    Row(CHECK, 1, ("not checked: enum types that no column shows",)),
    Row(f"{CHECK} -q", 1, ("not checked: enum types that no column shows",)),
    Row(f"{CHECK} --project-id prj_abc123", 1, ("prj_abc123",)),
    Row(f"{QUERY} --execute-sql 'select 1'", 2, ("SUPABASE_DB_URL", "SUPABASE_ACCESS_TOKEN")),
    Row(f"{QUERY} --analyze", 0, ("modifier",)),
)


@pytest.mark.parametrize("row", API, ids=lambda row: row.line.partition("scripts/")[2])
def test_through_postgrest(api: Project, row: Row) -> None:
    done = api.run(row.line)
    assert done.code == row.code, done.err
    for text in row.shows:
        assert text in done.out + done.err


def test_another_project_than_the_address_is_refused(project: Project) -> None:
    variables = {
        "SUPABASE_DB_URL": "",
        "SUPABASE_URL": "https://abcdefghijklmnopqrst.supabase.co",
        "SUPABASE_SERVICE_KEY": double_of.SECRET_KEY,
    }
    done = project.run(f"{CHECK} --project-id prj_abc123", **variables)
    assert (done.code, done.out) == (2, "")
    assert "prj_abc123" in done.err
    assert "abcdefghijklmnopqrst" in done.err


def test_half_of_a_source_names_the_other_half(project: Project) -> None:
    done = project.run(CHECK, SUPABASE_DB_URL="", SUPABASE_URL="https://abcdefghijklmnopqrst.supabase.co")
    assert done.code == 2
    assert (
        "SUPABASE_SERVICE_KEY" in done.err.partition("Hint:")[0] + done.err.partition("Hint:")[2].splitlines()[0]
    )


# ---- version tracking


def test_a_hash_that_moved_alone_is_said_and_diff_lists_what_changed(project: Project, database: Database) -> None:
    project.run("schema-sync update --prune")
    database.run("alter table organizations add unique (name)")
    done = project.run(CHECK)
    assert (done.code, "Schema hash mismatch" in done.err) == (0, True)
    assert "organizations" in project.run(DIFF).out


# ---- CI, hooks, notifications


def test_the_workflow(project: Project) -> None:
    text = (project.root / ".github/workflows/schema-check.yml").read_text()
    workflow = yaml.load(text, yaml.BaseLoader)
    assert set(workflow["on"]) == {"pull_request", "schedule", "workflow_dispatch"}
    assert workflow["on"]["schedule"] == [{"cron": "0 9 * * *"}]
    assert "**/*.sql" in workflow["on"]["pull_request"]["paths"]
    assert "secrets.SCHEMA_SYNC_NOTIFY_URLS" in text
    assert set(workflow["jobs"]) == {"drift", "migrations"}


def test_a_job_that_could_not_compare_says_what_is_missing(project: Project) -> None:
    variables = {"SUPABASE_DB_URL": "", "GITHUB_STEP_SUMMARY": str(project.root / "summary.md")}
    variables["GITHUB_OUTPUT"] = str(project.root / "output")
    done = project.run("schema-sync check --output report.md", **variables)
    assert (done.code, (project.root / "report.md").exists()) == (2, False)
    project.write("check.log", done.err)
    (project.root / "reports").mkdir()
    assert project.run("schema-sync github reports --no-comment --log check.log", **variables).code == 0
    for path in ("summary.md", "reports/report.md"):
        text = (project.root / path).read_text()
        assert "no source is configured" in text
        assert "SUPABASE_ACCESS_TOKEN" in text


def test_the_hook_says_first_that_there_is_drift(project: Project) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project.root, check=True)
    hook = project.root / "scripts/pre-commit-schema-check.sh"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**project.environment, "PATH": path}
    done = subprocess.run([hook], cwd=project.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, "the database alone has moved: nothing is staged"
    assert (done.stdout + done.stderr).startswith("❌ Schema drift detected!\n")


# ---- Supabase's MCP tools


def test_the_tools_are_what_lists_tables(doors: Doors, database: Database) -> None:
    """The real server, started as a process; its API is a double before a real database."""
    database.run(SCHEMA)
    with doors.source("stdio") as source:
        project = Project(doors.root, {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")})
        script_in(doors.root, "mcp_schema_query.py")
        done = project.run(f"{QUERY} --list-tables --source {source} --format csv")
    assert done.code == 0, done.err
    assert "by the tool list_tables" in done.err
    listed = [line.split(",")[1] for line in done.out.splitlines()[1:]]
    assert listed == ["judged", "new_feature_table", "organizations"]


@pytest.mark.parametrize("path", ["README.md", "SCHEMA_SYNC_QUICKSTART.md", "docs/SCHEMA_SYNC_README.md"])
def test_that_is_the_documented_way(path: str) -> None:
    assert {"--source", "mcp", "list_tables"} <= {*re.findall(r"[\w-]+", (REPOSITORY / path).read_text())}


def test_pytest_as_the_story_has_it(project: Project) -> None:
    done = project.run("python3 -m pytest -p no:cacheprovider tests/test_schema_sync.py -v")
    assert "table public.new_feature_table" in done.out or "relation public.new_feature_table" in done.out
    assert done.code == 1
