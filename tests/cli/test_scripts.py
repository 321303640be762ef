"""The scripts: output to the letter, files by name, usage."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command_project import DRIFT, HINT, IN_SYNC, OWN_HINT, REPOSITORY, SCHEMA, SYNC, Project, project, script

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["project"]  # fixture


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
        project.write("supabase/migrations/1_a.sql", "this is not SQL;\n")
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
