"""A day with the tool, as a user has it: the database moves, the hook stops the commit, an update mends it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from repositories import Repository, git_environment

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

FIRST = """
create type project_status as enum ('draft', 'active');
create table organizations (id uuid primary key, name text not null);
create table projects (id uuid primary key, organization_id uuid not null references organizations, status project_status);
"""
PUSHED = """
alter type project_status add value 'on_hold';
alter table organizations add column billing_cycle text;
create table invoices (id bigint primary key, amount numeric not null);
"""
HOOK = "../../scripts/pre-commit-schema-check.sh"


@pytest.mark.thorough
def test_from_a_push_to_a_commit(database: Database, tmp_path: Path) -> None:
    database.run(FIRST)
    made = Repository(tmp_path / "repository", "", git_environment(tmp_path) | {"SUPABASE_DB_URL": database.dsn})
    made.top.mkdir()
    made.git("init", "-q", "-b", "main")
    made.git("config", "user.email", "someone@example.org")
    made.git("config", "user.name", "Someone")
    (made.top / ".gitignore").write_text("__pycache__/\n")

    # Set up, with the hook, and in sync.
    assert made.run("schema-sync", "init").code == 0
    (made.top / ".git/hooks/pre-commit").symlink_to(HOOK)
    assert made.run(sys.executable, "scripts/sync_schema.py", "--update").code == 0
    made.git("add", "-A")
    assert made.commit().code == 0
    assert made.run(sys.executable, "scripts/sync_schema.py", "--check").code == 0

    # supabase db push: only the database moves, and the next commit has nothing to do with it.
    database.run(PUSHED)
    (made.top / "README.md").write_text("# Atoms\n")
    made.git("add", "README.md")
    code, said = made.commit()
    assert code == 1
    assert said.splitlines()[0] == "❌ Schema drift detected!"
    for line in (
        "[HIGH] ENUM: project_status",
        "  Added values: on_hold",
        "[MEDIUM] TABLE: organizations",
        "  Added columns: billing_cycle",
        "[HIGH] TABLE: invoices",
        "+    billing_cycle: Optional[str]",
    ):
        assert f"{line}\n" in said
    tested = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_schema_sync.py", "-v")
    code, said = made.run(*tested)
    assert code == 1
    assert "relation public.invoices FAILED" in said

    # Mended, tested and committed.
    code, said = made.run(sys.executable, "scripts/sync_schema.py", "--update")
    assert code == 0
    for path in ("schemas/database/entities.py", "schemas/enums.py", "schemas/schema_version.py"):
        assert f"✓ Updated {path}\n" in said
    made.git("add", "-A")
    code, said = made.run(*tested)
    assert code == 0
    assert "tests/test_schema_sync.py::schema-sync::relation public.invoices PASSED" in said
    assert made.commit().code == 0
    assert made.git("status", "--porcelain") == ""
    assert "TABLES_COUNT = 3" in made.git("show", "HEAD:schemas/schema_version.py")
