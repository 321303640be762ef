"""A real schema of 38 tables against classes that were written by hand for it."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schema_sync import cli
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from conftest import Database
    from schema_sync.model.findings import Report

CASE = Path(__file__).parent / "cases" / "atoms"
EXPECTED = json.loads((CASE / "expected.json").read_text())

# Looked at one by one: to_json sends these text columns as strings and these integer columns as integers.
TYPE_FINDINGS = {
    ("columns", "position", "wide"),
    ("requirements", "position", "wide"),
    ("table_rows", "position", "wide"),
    ("rag_embeddings", "quality_score", "wide"),
    ("documents", "embedding", "disjoint"),
    ("embedding_cache", "embedding", "disjoint"),
    ("organizations", "embedding", "disjoint"),
    ("projects", "embedding", "disjoint"),
    ("rag_embeddings", "embedding", "disjoint"),
    ("requirements", "embedding", "disjoint"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(CASE / "schemas", tmp_path / "schemas")
    return tmp_path


def check(root: Path, database: Database) -> Report:
    database.run((CASE / "schema.sql").read_text())
    return checks.check(projects.open_project(root, source=database.dsn)).report


def by_rule(report: Report) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for finding in report.findings:
        found[finding.rule].append(finding)
    return found


def test_finds_exactly_what_differs_with_no_configuration(project: Path, database: Database) -> None:
    report = check(project, database)
    found = by_rule(report)

    assert Counter(b.role for b in report.bindings) == {"row": 37, "enum": 24}
    assert [name for name, _ in report.unmatched] == EXPECTED["unbound_enums"]
    assert sorted(f.subject.name for f in found.pop("enum-undeclared")) == EXPECTED["enums_only_in_db"]
    assert [f.subject.name for f in found.pop("table-undeclared")] == EXPECTED["tables_only_in_db"]

    labels = found.pop("enum-label-removed")
    assert {f.subject.name for f in labels} == set(EXPECTED["enums"])
    assert [f.subject.label for f in labels] == EXPECTED["enums"]["entity_type"]["removed"]

    nullable: dict[str, list[str]] = defaultdict(list)
    for finding in found.pop("column-nullability-mismatch"):
        assert finding.detail == "null possible"
        nullable[finding.subject.name].append(finding.subject.column)
    assert {k: sorted(v) for k, v in nullable.items()} == {
        k: sorted(v) for k, v in EXPECTED["nullable_in_db_only"].items()
    }
    assert sum(map(len, nullable.values())) == 70

    types = found.pop("column-type-mismatch")
    assert {(f.subject.name, f.subject.column, f.fact("fit")) for f in types} == TYPE_FINDINGS
    assert not found, "no column is missing or undeclared, no table or enum is gone"


def test_names_alone_bind_all_but_what_no_name_could_tell(project: Path, database: Database) -> None:
    for file in project.rglob("*.py"):
        text, count = re.subn(r'(?m)^    """Database[^"]*"""\n', "", file.read_text())
        file.write_text(text)
        assert count or file.name == "__init__.py"
    report = check(project, database)
    found = by_rule(report)

    assert Counter(b.how for b in report.bindings) == {"name": 61}
    assert [name for name, _ in report.unmatched] == EXPECTED["unbound_enums"]
    (lost,) = found["table-removed"]
    assert lost.declaration == "TestRow"
    assert lost.message.endswith("[bindings] TestRow = 'public.test_req'")
    assert sorted(f.subject.name for f in found["table-undeclared"]) == ["excalidraw_element_links", "test_req"]


def test_the_advice_for_that_one_settles_it(project: Path, database: Database) -> None:
    for file in project.rglob("*.py"):
        file.write_text(re.sub(r'(?m)^    """Database[^"]*"""\n', "", file.read_text()))
    (project / "schema-sync.toml").write_text('[bindings]\nTestRow = "public.test_req"\n')
    found = by_rule(check(project, database))

    assert "table-removed" not in found
    assert len(found["column-nullability-mismatch"]) == 70


def test_the_details_are_short(
    project: Path, database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings of one rule in one class stand in a line, with all their places."""
    database.run((CASE / "schema.sql").read_text())
    monkeypatch.chdir(project)
    assert cli.run(["diff", "--source", database.dsn]) == 0
    details = capsys.readouterr().out.partition("\nWhat an update would write:\n")[0].splitlines()
    assert len(details) <= 120
    assert (
        "  schemas/database/entities.py:360, 361, 364: high column-nullability-mismatch:"
        " created_at, updated_at, is_deleted can be null, but AssignmentsRow refuses None." in details
    )
