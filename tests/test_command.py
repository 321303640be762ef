"""The command as people type it: output to the letter, exit codes, clear errors, nothing imported in vain."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from conftest import script_in
from schema_sync import cli
from schema_sync.rules.registry import DRIFT_RULES

if TYPE_CHECKING:
    from conftest import Database

REPOSITORY = Path(__file__).parents[1]
SYNC = "sync_schema.py"
VARIABLES = [name for name in os.environ if name.startswith("SUPABASE_")] + ["DATABASE_URL"]

SCHEMA = """
create type project_status as enum ('active', 'archived', 'pending', 'on_hold');
create table organizations (id uuid primary key, name text not null, billing_cycle text, max_members integer);
create table new_feature_table (a int primary key, b int, c int, d int, e int);
"""
ENUMS = """\
from enum import Enum


class ProjectStatus(str, Enum):
    ACTIVE = "active"
    ARCHIVED = "archived"
"""
ENTITIES = """\
from typing import TypedDict


class OrganizationRow(TypedDict):
    id: str
    name: str
"""

DRIFT = """\
Atoms MCP Schema Synchronization

Checking for schema drift...

Schema Differences:

[HIGH] ENUM: project_status
  Change: modified
  Added values: pending, on_hold

[MEDIUM] TABLE: organizations
  Change: modified
  Added columns: billing_cycle, max_members

[HIGH] TABLE: new_feature_table
  Change: added
  Columns: 5

⚠️  Schema drift detected!
Run with --diff for details or --update to sync
"""
HINT = "Run with --diff for details or --update to sync"
OWN_HINT = "Run `schema-sync diff` for details or `schema-sync update` to sync"
IN_SYNC = """\
Atoms MCP Schema Synchronization

Checking for schema drift...

✓ No schema differences found

✓ Schemas are in sync
"""


class Project:
    """A project folder, and the command run in it."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(list(arguments))
        out, err = self._capture.readouterr()
        return code, out, err


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    made = Project(tmp_path, capsys)
    made.write("scripts/schema_sync_config.json", '{"title": "Atoms MCP"}')
    made.write("schemas/enums.py", ENUMS)
    made.write("schemas/database/entities.py", ENTITIES)
    return made


def script(name: str, *arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    return subprocess.run(
        [sys.executable, script_in(cwd, name), *arguments],
        cwd=cwd,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


class TestScripts:
    def test_the_two_outputs_to_the_letter_in_another_directory(
        self, project: Project, database: Database
    ) -> None:
        database.run(SCHEMA)
        drift = script(SYNC, "--check", cwd=project.root, DATABASE_URL=database.dsn)
        assert (drift.returncode, drift.stdout) == (1, DRIFT)
        assert "source: dsn" in drift.stderr

        update = script(SYNC, "--update", cwd=project.root, DATABASE_URL=database.dsn)
        assert update.returncode == 0
        assert "✓ Updated schemas/enums.py\n" in update.stdout
        assert "✓ Updated schemas/schema_version.py\n" in update.stdout

        synced = script(SYNC, "--check", cwd=project.root, DATABASE_URL=database.dsn)
        assert (synced.returncode, synced.stdout) == (0, IN_SYNC)

    def test_report_is_named_by_the_time(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        done = script(SYNC, "--report", cwd=project.root, DATABASE_URL=database.dsn)
        (path,) = project.root.glob("schema_drift_report_*.md")
        assert re.fullmatch(r"schema_drift_report_\d{8}_\d{6}\.md", path.name)
        assert (done.returncode, done.stdout) == (0, f"✓ Report written to {path.name}\n")
        text = path.read_text(encoding="utf-8")
        assert "| high | table public.new_feature_table | table-undeclared |" in text.replace(
            "<code>", ""
        ).replace("</code>", "")

    def test_the_version_module_can_be_imported(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        script(SYNC, "--update", cwd=project.root, DATABASE_URL=database.dsn)
        names = "SCHEMA_VERSION, LAST_SYNC, DB_HASH, TABLES_COUNT, ENUMS_COUNT, LAST_SYNC_DIFFERENCES"
        done = subprocess.run(
            [sys.executable, "-c", f"from schemas.schema_version import {names}; print({names})"],
            cwd=project.root,
            capture_output=True,
            text=True,
            check=True,
        )
        pattern = r"\d{4}-\d\d-\d\d \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d [0-9a-f]{64} 2 1 5\n"
        assert re.fullmatch(pattern, done.stdout)

    def test_the_catalog_as_json_is_a_source(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        done = script("query_db_schema.py", "--output", "schema.json", cwd=project.root, DATABASE_URL=database.dsn)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.endswith("\n✓ Snapshot written to schema.json\n")
        document = json.loads((project.root / "schema.json").read_text())
        assert [e["labels"] for e in document["catalog"]["enums"]] == [
            ["active", "archived", "pending", "on_hold"]
        ]

        code, out, _ = project.run("check", "--source", "snapshot:schema.json")
        assert (code, out) == (1, DRIFT.replace(HINT, OWN_HINT))

    @pytest.mark.parametrize("command", [("snapshot",), ("migrations", "check")])
    def test_a_file_that_cannot_be_written_is_told_before_any_work(
        self, project: Project, command: tuple[str, ...]
    ) -> None:
        project.write("supabase/migrations/1_a.sql", "this is no SQL;\n")
        code, out, err = project.run(*command, "--output", "gone/x.json")
        assert (code, out) == (2, "")
        assert err.startswith("Error: gone/x.json: there is no folder ")

    @pytest.mark.parametrize("name", ["sync_schema.py", "query_db_schema.py", "mcp_schema_query.py"])
    def test_without_the_package_one_line_says_how_to_install_it(self, tmp_path: Path, name: str) -> None:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(REPOSITORY / "scripts" / name), "--check"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "schema-sync is not installed: pip install supabase-schema-sync\n"

    @pytest.mark.parametrize(("arguments", "code"), [((), 2), (("--check", "--diff"), 2), (("--help",), 0)])
    def test_usage(self, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
        done = script(SYNC, *arguments, cwd=tmp_path)
        assert done.returncode == code
        assert "--check|--diff|--update|--report" in done.stdout + done.stderr
        assert done.stderr.endswith("Error: one of these commands is needed, and only one\n" if code else "")


@pytest.mark.parametrize("arguments", [("--help",), ("migrations", "--help")])
def test_the_list_of_commands_breaks_no_sentence_off(project: Project, arguments: tuple[str, ...]) -> None:
    code, out, _ = project.run(*arguments)
    assert code == 0
    assert "..." not in out.split("Commands:\n")[1]


class TestErrors:
    """A clear message, the documented exit code, no traceback."""

    def expect(self, project: Project, *arguments: str, code: int, says: str) -> str:
        got, out, err = project.run("check", *arguments)
        assert (got, out) == (code, "")
        assert says in err
        assert "Traceback" not in err
        return err

    def test_wrong_dsn(self, project: Project) -> None:
        self.expect(project, "--source", "postgresql://h:p@/x?nonsense=1", code=2, says="not a connection string")

    @pytest.mark.parametrize("dsn", ["postgresql://u:s3cr%zz@h/x", "postgresql://u:s3cr@et@127.0.0.1:1/x"])
    def test_a_password_that_is_not_escaped_is_not_shown(self, project: Project, dsn: str) -> None:
        code, _, err = project.run("check", "--source", dsn)
        assert code in {2, 3}
        assert "s3cr" not in err
        assert "et@" not in err

    def test_nothing_listens(self, project: Project) -> None:
        dsn = "postgresql://u:s3cret@127.0.0.1:1/x"
        err = self.expect(project, "--source", dsn, code=3, says="cannot connect to postgresql://u@127.0.0.1:1/x")
        assert "Connection refused. Is the server running" in err
        assert "s3cret" not in err

    def test_wrong_password(self, project: Project, database: Database, server: object) -> None:
        database.run("create role locked login password 'right'")
        [(path,)] = database.run("show hba_file")
        rules = Path(path).read_text()
        try:
            Path(path).write_text("local all locked scram-sha-256\n" + rules)
            database.run("select pg_reload_conf()")
            dsn = re.sub(r"user=\S+", "", database.dsn)
            err = self.expect(
                project,
                "--source",
                f"{dsn} user=locked password=wr0ng-one",
                code=3,
                says="password authentication failed",
            )
        finally:
            Path(path).write_text(rules)
            database.run("select pg_reload_conf()")
            database.run("drop role locked")
        assert "wr0ng-one" not in err

    def test_no_such_database(self, project: Project, database: Database) -> None:
        dsn = database.dsn.replace(database.name, "nowhere")
        self.expect(project, "--source", dsn, code=3, says='database "nowhere" does not exist')

    def test_unknown_schema(self, project: Project, database: Database) -> None:
        err = self.expect(
            project, "--source", database.dsn, "--schema", "pubic", code=2, says="schema 'pubic' does not exist"
        )
        assert "public" in err.split("It has:")[1]

    def test_the_schemas_of_a_replay_are_named_less_its_own(self, project: Project) -> None:
        project.write("supabase/migrations/1_a.sql", "create schema billing;\n")
        err = self.expect(project, "--schema", "biling", code=2, says="schema 'biling' does not exist")
        assert "billing" in err.split("It has:")[1]
        assert "schema_sync" not in err

    def test_nothing_configured(self, project: Project) -> None:
        err = self.expect(project, code=2, says="no source is configured")
        for word in ("SUPABASE_DB_URL", "DATABASE_URL", "supabase/migrations"):
            assert word in err
        ways = [line for line in err.splitlines() if line.startswith("  - ")]
        assert len(ways) == len(set(ways)) == 4

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ('{"titel": "x"}', "unknown key titel\nHint: Did you mean title?"),
            ('{"title": 5}', "Expected `str`, got `int` - at `title`"),
            ('{"title": ', "scripts/schema_sync_config.json: Expecting value"),
            ("[]", "expected an object of settings"),
            ('{"schemas": []}', "schemas names no schema"),
            ('{"source": "postgresql://u:hidden@h/d"}', "no place for secrets"),
            ('{"paths": {"enums": "../x.py"}}', "must be a relative path inside the project"),
            ('{"paths": {"lock": "lock.py"}}', "must end in .json"),
            ('{"paths": {"enum": "x.py"}}', "unknown key paths.enum\nHint: Did you mean paths.enums?"),
            ('{"types": {"numeric": "1 +"}}', "types.numeric: '1 +' is no Python type"),
            ('{"types": {"numeric": "f()"}}', "is no type expression"),
            ('{"severity": {"colum-removed": "low"}}', "Did you mean column-removed?"),
            ('{"severity": {"column-removed": "bad"}}', "'bad' is none of low, medium, high, critical, off"),
            ('{"precision": "exakt"}', "precision: 'exakt' is none of plain, exact\nHint: Did you mean exact?"),
            (
                '{"shapes": ["row", "inserts"]}',
                "shapes: 'inserts' is none of row, insert, update\nHint: Did you mean insert?",
            ),
            ('{"enum_columns": "x"}', "enum-columns: 'x' is none of str, enum, literal\n"),
            (
                '{"notify": {"min_severity": "x"}}',
                "notify.min-severity: 'x' is none of low, medium, high, critical",
            ),
            ('{"require_manual_review": ["zzz"]}', "no rule 'zzz'"),
            ('{"bindings": {"OrganizationRow": "a.b.c"}}', "is no object; write schema.name"),
        ],
    )
    def test_bad_configuration(self, project: Project, database: Database, text: str, says: str) -> None:
        project.write("scripts/schema_sync_config.json", text)
        err = self.expect(project, "--source", database.dsn, code=2, says=says)
        assert "hidden" not in err

    def test_a_configuration_that_is_not_there(self, project: Project) -> None:
        self.expect(
            project,
            "--config",
            "nope.toml",
            code=2,
            says="nope.toml: No such file or directory\nHint: Check the path given to --config.",
        )

    def test_a_configuration_that_was_found_and_cannot_be_read(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project.write("schema-sync.toml", "")
        opened = os.open

        def refused(path: Path, flags: int) -> int:
            if path.name == "schema-sync.toml":
                raise PermissionError(13, "Permission denied")
            return opened(path, flags)

        monkeypatch.setattr(os, "open", refused)  # permissions stop no superuser
        err = self.expect(project, code=2, says="schema-sync.toml: Permission denied")
        assert "--config" not in err

    @pytest.mark.parametrize(
        "arguments",
        [("chekc",), ("check", "--formt", "json"), ("update", "--force"), ("mcp", "--port", "8765")],
    )
    def test_usage(self, project: Project, arguments: tuple[str, ...]) -> None:
        code, out, err = project.run(*arguments)
        assert (code, out) == (2, "")
        assert "Error: " in err

    @pytest.mark.parametrize(
        ("source", "code", "says"),
        [
            ("snapsot:x", 2, "Did you mean snapshot?"),
            ("snapshot", 2, "which snapshot?"),
            ("snapshot:gone.json", 3, "gone.json: No such file or directory"),
            ("snapshot:broken.json", 3, "broken.json: not a readable snapshot"),
            ("lock", 3, "schemas/schema_lock.json: No such file or directory"),
            ("lock:x", 2, "lock takes no argument"),
            ("dsn", 2, "no connection string"),
            ("migrations:gone", 3, "gone cannot be read"),
        ],
    )
    def test_sources(self, project: Project, source: str, code: int, says: str) -> None:
        project.write("broken.json", "{}")
        self.expect(project, "--source", source, code=code, says=says)

    def test_a_migration_that_fails(self, project: Project) -> None:
        project.write("supabase/migrations/1_a.sql", "create table a (id int);\n\ncreate table b (id itn);\n")
        err = self.expect(project, code=3, says='supabase/migrations/1_a.sql:3: type "itn" does not exist')
        assert "create table b (id itn)" in err

    def test_what_a_replay_passes_over_is_said(self, project: Project) -> None:
        project.write("supabase/migrations/1_a.sql", "create role anon; create table a (id int);")
        _, _, err = project.run("snapshot")
        assert err == (
            "source: migrations, supabase/migrations (auto: supabase/migrations exists)\n"
            "supabase/migrations/1_a.sql:1: role anon is there in every Supabase project: its creation is passed over\n"
        )

    def test_two_tables_for_one_name(self, project: Project, database: Database) -> None:
        database.run("create table user_notes (id int); create table usernotes (id int)")
        project.write(
            "schemas/database/entities.py", ENTITIES + "\n\nclass UserNoteRow(TypedDict):\n    id: int\n"
        )
        err = self.expect(
            project,
            "--source",
            database.dsn,
            code=2,
            says="UserNoteRow could stand for public.user_notes or public.usernotes",
        )
        assert "[bindings] UserNoteRow = 'public.user_notes'" in err


class TestPythonThatDoesNotParse:
    def test_is_told_with_its_place_and_the_rest_counts(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.write("schemas/broken.py", "x = 1\nclass (:\n")
        code, out, err = project.run("check", "--source", database.dsn)
        assert code == 2
        assert "could not read schemas/broken.py:2:7: " in err
        assert "Added values: pending, on_hold" in out
        assert "Schemas are in sync" not in out

        code, out, err = project.run("update", "--source", database.dsn)
        assert (code, out) == (2, "")
        assert "schemas/broken.py:2:7" in err
        assert (project.root / "schemas/enums.py").read_text() == ENUMS

    def test_never_passes_as_in_sync(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.run("update", "--source", database.dsn)
        project.write("schemas/broken.py", "class (:\n")
        code, out, _ = project.run("check", "--source", database.dsn)
        assert code == 2
        assert out.endswith("⚠️  Not all files could be read\n")


class TestThinSchemas:
    def test_an_empty_database(self, tmp_path: Path, project: Project, database: Database) -> None:
        for file in (project.root / "schemas").rglob("*.py"):
            file.unlink()
        assert project.run("check", "--source", database.dsn)[:2] == (0, IN_SYNC)
        code, _, _ = project.run("update", "--source", database.dsn)
        assert code == 0
        assert project.run("check", "--source", "lock")[0] == 0

    def test_a_table_without_columns(self, project: Project, database: Database) -> None:
        database.run("create table bare (); create type nothing as enum ()")
        project.write("schemas/database/entities.py", "")
        code, out, _ = project.run("check", "--source", database.dsn)
        assert code == 1
        assert "[HIGH] TABLE: bare\n  Change: added\n  Columns: 0\n" in out
        assert project.run("update", "--source", database.dsn)[0] == 0
        assert (
            'class BareRow(TypedDict):\n    """Table: public.bare"""\n'
            in (project.root / "schemas/database/entities.py").read_text()
        )

    def test_missing_folders_are_made(self, tmp_path: Path, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.write("schema-sync.toml", "[paths]\nenums = 'app/models/enums.py'\n")
        project.write("schemas/enums.py", "")
        code, out, _ = project.run("update", "--source", database.dsn)
        assert code == 0
        assert (project.root / "app/__init__.py").read_bytes() == b""
        assert (project.root / "app/models/__init__.py").read_bytes() == b""
        assert "✓ Updated app/models/enums.py\n" in out
        assert project.run("check", "--source", database.dsn)[0] == 0


class TestFormats:
    def test_json_is_the_contract(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        code, out, _ = project.run("check", "--source", database.dsn, "--format", "json")
        document = json.loads(out)
        schema = json.loads((REPOSITORY / "src/schema_sync/reports/report.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(document)
        assert code == 1
        assert document["summary"] == {"critical": 0, "high": 3, "medium": 2, "low": 0, "tables": 2, "enums": 1}
        assert (
            document["findings"][2]["object"]
            == {
                "kind": "table",
                "schema": "public",
                "name": "organizations",
                "column": "billing_cycle",
            }
            or document["findings"]
        )
        assert database.dsn not in out

    def test_output_goes_to_a_file(self, project: Project, database: Database) -> None:
        code, out, _ = project.run("check", "--source", database.dsn, "--format", "markdown", "--output", "r.md")
        assert (code, out) == (1, "")
        assert (project.root / "r.md").read_text().startswith("# Atoms MCP Schema Synchronization\n")

    @pytest.mark.parametrize(("threshold", "code"), [("critical", 0), ("high", 1), ("never", 0)])
    def test_fail_on(self, project: Project, database: Database, threshold: str, code: int) -> None:
        database.run(SCHEMA)
        got, out, _ = project.run("check", "--source", database.dsn, "--fail-on", threshold)
        assert got == code
        assert ("✓" in out.splitlines()[-1]) == (code == 0)

    def test_dry_run_writes_nothing(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        code, out, _ = project.run("update", "--dry-run", "--source", database.dsn)
        assert code == 0
        assert "--- a/schemas/enums.py\n+++ b/schemas/enums.py\n" in out
        assert "+    PENDING = " in out
        assert (project.root / "schemas/enums.py").read_text() == ENUMS
        assert not (project.root / "schemas/schema_lock.json").exists()

    def test_hostile_names_stay_text(self, project: Project, database: Database) -> None:
        name = 'a`|*<b>\x1b[31m\u202e\n"""; import os'
        quoted = name.replace('"', '""')
        database.run(f'create table "{quoted}" (id int primary key, "{quoted}" int)')
        for form in ("text", "markdown"):
            _, out, err = project.run("check", "--source", database.dsn, "--format", form)
            assert not {"\x1b", "\u202e"} & set(out + err)
        assert "<b>" not in out
        assert project.run("update", "--source", database.dsn)[0] in {0, 1}
        text = (project.root / "schemas/database/entities.py").read_text()
        assert "\x1b" not in text
        compile(text, "entities.py", "exec")
        assert "table-undeclared" not in project.run("check", "--source", database.dsn, "--format", "json")[1]

    def test_a_binding_that_no_class_has_is_said(self, project: Project, database: Database) -> None:
        text = '{"bindings": {"OrganisationRow": "public.x", "ZZZ": "public.z"}}'
        project.write("scripts/schema_sync_config.json", text)
        _, out, err = project.run("check", "--source", database.dsn)
        where = "no such class in the scanned files"
        assert f"not checked: bindings.OrganisationRow: {where}; did you mean OrganizationRow?\n" in err
        assert f"not checked: bindings.ZZZ: {where}; remove the line, or widen include\n" in err
        assert "bindings" not in out

    @pytest.mark.parametrize(("enums", "made"), [("src/app/enums.py", ["src/app"]), ("a/b/c.py", ["a", "a/b"])])
    def test_which_folders_become_packages(
        self, project: Project, database: Database, enums: str, made: list[str]
    ) -> None:
        database.run(SCHEMA)
        project.write("schemas/enums.py", "")
        project.write("schema-sync.toml", f"[paths]\nenums = '{enums}'\n")
        before = {path.parent for path in project.root.rglob("__init__.py")}
        assert project.run("update", "--source", database.dsn)[0] == 0
        after = {path.parent for path in project.root.rglob("__init__.py")}
        assert after - before == {project.root / folder for folder in made}


class TestRemovals:
    def test_a_class_in_use_is_not_pruned(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.run("update", "--source", database.dsn)
        project.write(
            "schemas/uses.py", "from schemas.enums import ProjectStatus\n\nSTART = ProjectStatus.ACTIVE\n"
        )
        database.run("drop type project_status cascade")
        code, out, err = project.run("update", "--prune", "--source", database.dsn)
        assert (code, out) == (2, "")
        assert "schemas/uses.py:3 (ProjectStatus" in err

        code, out, _ = project.run("update", "--source", database.dsn)
        assert code == 1
        assert (
            "⚠️  Manual review: removed enum project_status still declared at schemas/enums.py:4"
            " (--prune removes it)\n" in out
        )
        code, _, _ = project.run("update", "--prune", "--force", "--source", database.dsn)
        assert code == 0
        assert "ProjectStatus" not in (project.root / "schemas/enums.py").read_text()

    def test_a_place_is_where_the_code_stands_before_and_after(self, project: Project, database: Database) -> None:
        database.run("create type mood as enum ('a', 'b', 'c')")
        project.write(
            "schemas/enums.py",
            'from enum import Enum\n\n\nclass Mood(str, Enum):\n    A = "a"\n    GONE = "gone"\n    C = "c"\n',
        )
        line = (
            "⚠️  Manual review: removed label mood.gone still declared at schemas/enums.py:{} (--prune removes it)"
        )
        _, out, _ = project.run("diff", "--source", database.dsn)
        assert line.format(6) in out
        _, out, _ = project.run("update", "--source", database.dsn)
        now = (project.root / "schemas/enums.py").read_text().splitlines().index('    GONE = "gone"') + 1
        assert now > 6
        assert line.format(now) in out

    def test_reexports_are_cleared(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.write(
            "schemas/__init__.py",
            "from schemas.database.entities import OrganizationRow\nfrom schemas.enums import ProjectStatus\n\n"
            '__all__ = ["OrganizationRow", "ProjectStatus"]\n',
        )
        project.run("update", "--source", database.dsn)
        database.run("drop type project_status cascade")
        assert project.run("update", "--prune", "--source", database.dsn)[0] == 0
        assert (project.root / "schemas/__init__.py").read_text() == (
            'from schemas.database.entities import OrganizationRow\n\n__all__ = ["OrganizationRow"]\n'
        )


class TestNotes:
    def test_what_else_there_is_to_say_goes_to_stderr(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.write("schemas/own.py", "from enum import Enum\n\n\nclass Sorting(Enum):\n    UP = 'up'\n")
        project.write("pyproject.toml", "[tool.schema-sync]\ntitle = 'X'\n")
        _, out, err = project.run("check", "-v", "--source", database.dsn)
        assert out.startswith("X Schema Synchronization\n")
        assert "scripts/schema_sync_config.json also configures schema-sync and is passed over" in err
        assert "1 class stands for nothing in the database (the application's own): Sorting" in err
        assert "bound by name: schemas/enums.py: ProjectStatus = public.project_status (enum)" in err
        assert project.run("-q", "check", "--source", database.dsn)[2] == ""

    def test_a_hash_that_moved_without_concern(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.run("update", "--source", database.dsn)
        database.run("comment on table organizations is 'tenants'")
        code, out, err = project.run("check", "--source", database.dsn)
        assert (code, out) == (0, IN_SYNC)
        assert "Schema hash mismatch: " in err

    def test_classes_for_inserts_are_checked_in_full(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.run("update", "--source", database.dsn)
        entities = project.root / "schemas/database/entities.py"
        insert = "\n\nclass OrganizationInsert(TypedDict, total=False):\n    id: int\n    gone: str\n"
        entities.write_text(entities.read_text() + insert)
        code, out, err = project.run("check", "--source", database.dsn)
        assert code == 1
        assert "  Removed columns: gone\n" in out
        assert "  Changed columns: id (int → str, required on insert)\n" in out
        assert "OrganizationInsert" not in err


class TestSchemas:
    def test_two_schemas_in_one_package(self, project: Project, database: Database) -> None:
        database.run(
            "create schema other; create type other.status as enum ('open'); create type status as enum ('a')"
        )
        database.run("create table items (s status); create table other.items (s other.status)")
        project.write("schema-sync.toml", 'schemas = ["public", "other"]\n')
        project.write("schemas/enums.py", "")
        project.write("schemas/database/entities.py", "")
        assert project.run("update", "--source", database.dsn)[0] == 0
        text = (project.root / "schemas/database/entities.py").read_text()
        assert "class ItemRow(TypedDict):" in text
        assert "class OtherItemRow(TypedDict):" in text
        assert project.run("check", "--source", database.dsn)[0] == 0

    def test_schemas_of_the_platform_stay_out_unless_asked_for(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        assert "ENUM: aal_level" not in project.run("check", "--source", database.dsn)[1]
        assert "ENUM: aal_level" in project.run("check", "--source", database.dsn, "--schema", "auth")[1]


def test_check_by_dsn_imports_nothing_slow_in_vain(project: Project, database: Database) -> None:
    code = (
        "import sys; from schema_sync.cli import run; run(['check', '-q']);"
        "print({m.partition('.')[0] for m in sys.modules}"
        " & {'libcst', 'rich', 'httpx', 'mcp', 'pgparse', 'jinja2'} or 'none')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.root,
        env={**os.environ, "DATABASE_URL": database.dsn},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "none"


def test_a_rule_is_called_by_a_fault() -> None:
    for id_ in DRIFT_RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", id_)


class TestBoundaries:
    def test_a_defect_exits_with_2_and_shows_no_password(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("postgresql://u:s3cret@h/d")

        monkeypatch.setattr("schema_sync.app.open_project", broken)
        code, out, err = project.run("check")
        assert (code, out) == (2, "")
        assert "defect of schema-sync" in err
        assert "s3cret" not in err

    def test_an_interruption(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("schema_sync.app.open_project", interrupted)
        code, out, err = project.run("check")
        assert (code, out, err.strip()) == (130, "", "Interrupted.")

    def test_a_reader_that_went_away(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        command = f'"{sys.executable}" -m schema_sync -q diff 2>errors | head -c 1; echo "${{PIPESTATUS[0]}}"'
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=project.root,
            env={**os.environ, "DATABASE_URL": database.dsn},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout in {"A0\n", "A141\n"}
        assert (project.root / "errors").read_text() == ""

    def test_a_terminal_without_unicode(self, project: Project, database: Database) -> None:
        done = script(SYNC, "--check", cwd=project.root, DATABASE_URL=database.dsn, PYTHONIOENCODING="latin-1")
        assert done.returncode == 1
        assert "\\u26a0\\ufe0f  Schema drift detected!" in done.stdout

    def test_it_runs_as_a_module(self) -> None:
        program = [sys.executable, "-m", "schema_sync", "--version"]
        done = subprocess.run(program, capture_output=True, text=True, check=True)
        assert done.stdout.startswith("schema-sync, version ")


def test_the_demo_ends_in_sync(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert cli.run(["demo"]) == 0
    out = capsys.readouterr().out
    commands = ("check", "diff", "update", "check")
    assert [line for line in out.splitlines() if line.startswith("$ ")] == [f"$ schema-sync {c}" for c in commands]
    assert out.rstrip().endswith("✓ Schemas are in sync\n(exit code 0)")
    readme = (REPOSITORY / "README.md").read_text()
    shown = readme[readme.index("Example Schema Synchronization") : readme.index("(exit code 1)")]
    assert shown in out
