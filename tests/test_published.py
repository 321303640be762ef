"""What an update writes into an empty folder compiles, imports, type-checks and is in sync, by bench/published.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

REPOSITORY = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"


def published(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPOSITORY / "bench" / "published.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_code_for_every_kind_of_object_type_checks() -> None:
    schemas = ("--schema", "public", "--schema", "billing", "--schema", "Odd Schema")
    result = published(str(CASES / "everything.sql"), *schemas)
    assert result.returncode == 0, result.stderr
    heading, row = result.stdout.splitlines()
    assert heading.split()[:3] == ["schema", "tables", "enums"]
    assert row.split()[:3] == ["everything.sql", "18", "3"]
    assert row.split().count("ok") == 6


def test_a_schema_that_cannot_be_written_is_said_to_fail(tmp_path: Path) -> None:
    (tmp_path / "none.sql").write_text("select 1;\n")
    result = published(str(tmp_path / "none.sql"), "--schema", "missing")
    assert result.returncode == 1
    assert "FAILS" in result.stdout
    assert "schema 'missing' does not exist" in result.stderr
