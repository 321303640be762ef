"""The example's story: in sync up to its second migration, as its records say; the last migration moved the database.

One query is wrong from the start.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from schema_sync import cli
from schema_sync.codebase import records
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

EXAMPLE = Path(__file__).parents[1] / "examples"
LAST = "supabase/migrations/20261118080000_billing.sql"
RECORDS = ("schemas/schema_version.py", "schemas/schema_lock.json")


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "example"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(copy)
    return copy


def test_before_the_last_migration_an_update_would_write_nothing(
    example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (example / LAST).unlink()
    project = projects.open_project(example)
    outcome = checks.check(project)
    report = outcome.report
    assert [finding.rule for finding in report.findings] == ["unknown-column"]  # which no update mends
    assert updates.plan(project, outcome).contents == {}
    content = (example / RECORDS[0]).read_bytes()
    assert records.version_value(content, "DB_HASH") == report.db_hash
    figures = {}
    exec(content, figures)
    assert (figures["TABLES_COUNT"], figures["ENUMS_COUNT"]) == (report.tables, report.enums)
    assert figures["SCHEMA_VERSION"] == figures["LAST_SYNC"][:10]
    assert "20260210143000" < re.sub(r"\D", "", figures["LAST_SYNC"])[:14] < "20261118080000"


def test_all_classes_that_differ_were_moved_by_the_database(example: Path) -> None:
    findings = checks.check(projects.open_project(example)).report.findings
    assert {finding.moved for finding in findings if finding.use is None} == {"database"}
    assert len(findings) == 10


def test_an_update_records_the_new_state(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = [(example / path).read_bytes() for path in RECORDS]
    assert cli.run(["-q", "update"]) == 1
    assert [(example / path).read_bytes() != old for path, old in zip(RECORDS, before, strict=True)] == [
        True,
        True,
    ]
    code = example / "app/projects.py"
    code.write_text(code.read_text().replace('"create_at"', '"created_at"'))
    capsys.readouterr()
    assert cli.run(["check"]) == 0
    assert "mismatch" not in capsys.readouterr().err
