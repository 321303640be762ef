"""Every file of tests/cases that ends in .case: its expectations, and the laws that hold for all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import casefile
import laws
from schema_sync.errors import SchemaSyncError
from schema_sync.rules.registry import DRIFT_RULES

if TYPE_CHECKING:
    from conftest import Database

CASES = Path(__file__).parent / "cases"
FILES = sorted(path for path in CASES.rglob("*.case") if path.parent.name != "queries")
IDS = [str(path.relative_to(CASES).with_suffix("")) for path in FILES]

QUICK = 5  # of so many cases, the quick tests hold the laws against one

every_case = pytest.mark.parametrize("path", FILES, ids=IDS)
some_quickly = pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=() if number % QUICK == 0 else pytest.mark.thorough)
        for number, path in enumerate(FILES)
    ],
    ids=IDS,
)


@dataclass
class Run:
    """What a case did: the fields of the same names in Case, as they came out."""

    findings: list[str]
    after: dict[str, str]
    pruned: dict[str, str]
    refused: str = ""


def prepare(case: casefile.Case, root: Path, database: Database) -> None:
    """Lay out the database and the files; with a migration, sync first and then apply it."""
    database.run(case.database)
    for path, text in case.before.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    if case.configuration:
        (root / "schema-sync.toml").write_text(case.configuration)
    if case.migration:
        laws.update(root, database.dsn)
        database.run(case.migration)


def run(root: Path, dsn: str) -> Run:
    ran = Run([], {}, {})
    first = texts(root)
    try:
        ran.findings = [casefile.line(f) for f in laws.check(root, dsn).report.findings]
        laws.update(root, dsn)
        second = texts(root)
        ran.after = changed(first, second)
        laws.update(root, dsn, prune=True)
        ran.pruned = changed(second, texts(root))
    except SchemaSyncError as error:
        ran.refused = str(error.message) + "\n"
    return ran


def texts(root: Path) -> dict[str, str]:
    return {path: content.decode() for path, content in laws.python_files(root).items()}


def changed(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in new.items() if old.get(path) != text and (text or path in old)}


@every_case
def test_case(path: Path, tmp_path: Path, database: Database, pytestconfig: pytest.Config) -> None:
    case = casefile.load(path)
    prepare(case, tmp_path, database)
    ran = run(tmp_path, database.dsn)
    came_out = replace(case, findings=ran.findings, after=ran.after, pruned=ran.pruned, refused=ran.refused)
    if pytestconfig.getoption("--update-cases"):
        path.write_text(casefile.dump(came_out), "utf-8")
    assert casefile.dump(came_out) == path.read_text("utf-8")


@some_quickly
def test_laws(path: Path, tmp_path: Path, database: Database) -> None:
    case = casefile.load(path)
    root, copy = tmp_path / "root", tmp_path / "copy"
    root.mkdir()
    prepare(case, root, database)
    laws.assert_order_never_shows(root, database.dsn)
    laws.assert_snapshot_round_trips(root, database.dsn)
    if case.refused and not case.findings:
        return  # nothing can be compared
    shutil.copytree(root, copy)
    laws.assert_sources_agree(copy, database.dsn)
    laws.assert_update_mends(root, database.dsn)
    if not case.refused:
        laws.update(root, database.dsn, prune=True)
        left = laws.check(root, database.dsn).report.findings
        assert not [f for f in left if f.edits]
        laws.assert_stable(root, database.dsn)


@pytest.mark.parametrize("settings", ['precision = "exact"\n', 'enum-columns = "enum"\ncheck-literals = true\n'])
@every_case
def test_an_update_mends_whatever_types_are_asked_for(
    path: Path, tmp_path: Path, database: Database, settings: str
) -> None:
    case = casefile.load(path)
    if case.refused or any(line.partition(" ")[0] in case.configuration for line in settings.splitlines()):
        return
    case = replace(case, configuration=settings + case.configuration)
    prepare(case, tmp_path, database)
    laws.assert_update_mends(tmp_path, database.dsn)


def test_the_laws_hold_on_the_large_case(tmp_path: Path, database: Database) -> None:
    database.run((CASES / "atoms" / "schema.sql").read_text())
    for name in ("one", "two"):
        shutil.copytree(CASES / "atoms" / "schemas", tmp_path / name / "schemas")
    laws.assert_order_never_shows(tmp_path / "one", database.dsn)
    laws.assert_sources_agree(tmp_path / "one", database.dsn)
    laws.assert_update_mends(tmp_path / "two", database.dsn)


def test_every_rule_that_reads_a_database_has_a_case() -> None:
    found = {line.split()[1] for path in FILES for line in casefile.load(path).findings}
    elsewhere = {"initial-migration-missing"}  # speaks of a folder of migrations
    assert set(DRIFT_RULES) - elsewhere == found


@pytest.mark.parametrize("text", ["=== nonsense", "=== before", "=== findings x.py", "===  database", "====="])
def test_a_section_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.case"
    path.write_text(f"Prose.\n\n{text}\n")
    with pytest.raises(ValueError, match=r"x\.case:3: no section of a case"):
        casefile.load(path)


@every_case
def test_a_case_is_written_as_it_is_read(path: Path) -> None:
    assert casefile.dump(casefile.load(path)) == path.read_text("utf-8")


def test_expectations_are_not_rewritten_in_ci() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--update-cases",
        "--collect-only",
        "-p",
        "no:cacheprovider",
        __file__,
    ]
    result = subprocess.run(command, env={**os.environ, "CI": "true"}, capture_output=True, text=True, check=False)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "not where CI is set" in result.stderr
