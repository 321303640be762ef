"""A project folder, the command and the scripts run in it, and what they print there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import script_in
from schema_sync import cli

REPOSITORY = Path(__file__).parents[2]
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
