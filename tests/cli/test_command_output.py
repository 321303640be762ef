"""Formats, output files, thresholds and dry runs of the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from command_project import ENUMS, REPOSITORY, SCHEMA, Project, project

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["project"]  # fixture


class TestFormats:
    def test_json_is_the_contract(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        code, out, _ = project.run("check", "--source", database.dsn, "--format", "json")
        document = json.loads(out)
        schema = json.loads((REPOSITORY / "docs/schemas/report.schema.json").read_text())
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
