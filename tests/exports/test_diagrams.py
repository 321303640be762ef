"""docs: which tables a diagram of the overview shows, and what is said of the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from exported import SMALL, diagrams, run
from hypothesis import given
from hypothesis import strategies as st

from doubles.mermaid import faults
from schema_sync.exports import table_groups
from schema_sync.exports.mermaid import MOST_IN_A_ROW, Reference
from schema_sync.exports.table_groups import MOST_IN_A_GROUP
from schema_sync.model.catalog import Constraint, QName, Relation

if TYPE_CHECKING:
    from pathlib import Path

    from exported import Run

    from conftest import Database

__all__ = ["run"]  # fixture

HUB = 40
FAMILY = (
    "create table {0}_top (id int primary key); create table {0}_child (id int primary key references {0}_top);"
)


def overview(run: Run, database: Database, root: Path) -> str:
    code, _, err = run("docs", "db", "--source", database.dsn)
    assert code == 0, err
    return (root / "db/README.md").read_text()


class TestOverview:
    def test_starts_with_the_diagram_of_a_small_schema(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SMALL)
        page = overview(run, database, tmp_path)
        assert [line for line in page.splitlines() if line.startswith("## ")][:2] == ["## Diagram", "## Figures"]
        (drawn,) = re.findall(r"^```mermaid\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)
        assert '["loose"]' not in drawn
        assert "In it: [`left_side`](public/left_side.md), [`people`](public/people.md)," in page
        assert "Without foreign keys, so not drawn: [`loose`](public/loose.md).\n" in page

    @pytest.mark.thorough
    def test_parts_a_large_schema_by_what_is_connected(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run("create table hub (id int primary key);")
        for i in range(HUB):
            more = f", other int references of_hub_{i - 1}" if i % 4 else ""
            database.run(f"create table of_hub_{i} (id int primary key references hub{more});")
        database.run(FAMILY.format("x") + FAMILY.format("y"))
        page = overview(run, database, tmp_path)
        found = re.findall(r"^### (.*?)\n\n```mermaid\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)
        assert len(found) == 4
        assert f"{HUB + 5} tables have foreign keys: more than one diagram can show." in page
        assert found[0][0].startswith("[`hub`](public/hub.md), ")
        boxes = [dict(re.findall(r'^  (e\d+)\["(\w+)"\]', drawn, re.MULTILINE)) for _, drawn in found]
        assert MOST_IN_A_GROUP - 4 < max(map(len, boxes)) <= MOST_IN_A_GROUP
        with_columns = [re.findall(r'^  e\d+\["(\w+)"\] \{$', drawn, re.MULTILINE) for _, drawn in found]
        all_names = [name for each in with_columns for name in each]
        assert len(set(all_names)) == len(all_names) == HUB + 5
        for each in with_columns:  # a chain is not torn
            chains = {int(name.removeprefix("of_hub_")) // 4 for name in each if name.startswith("of_hub_")}
            assert sum(name.startswith("of_hub_") for name in each) == 4 * len(chains)
        keys = [
            (names[source], names[target])
            for (_, drawn), names in zip(found, boxes, strict=True)
            for source, target in re.findall(r"^  (e\d+) \S+ (e\d+) :", drawn, re.MULTILINE)
        ]
        assert len(keys) == len(set(keys)) == HUB + HUB * 3 // 4 + 2
        assert ["  direction LR\n" in drawn for _, drawn in found] == [True, True, True, False], [*map(len, boxes)]
        assert faults(diagrams(tmp_path / "db")) == []

    def test_says_why_there_is_none(
        self, run: Run, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database.run("create table alone (id int primary key)")
        assert "\nNo diagram: no table has a foreign key.\n" in overview(run, database, tmp_path)
        database.run(FAMILY.format("x") + FAMILY.format("y"))
        monkeypatch.setattr("schema_sync.exports.documents.MOST_GROUPED", 3)
        page = overview(run, database, tmp_path)
        assert "\nNo diagram: 4 tables have foreign keys, more than the 3 that diagrams show here." in page
        assert "```mermaid" not in page
        assert "```mermaid" in (tmp_path / "db/public/x_top.md").read_text()

    def test_of_tables_with_few_neighbours_grows_down(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run("create table t0 (id int primary key)")
        for i in range(1, MOST_IN_A_ROW + 1):
            database.run(f"create table t{i} (id int primary key references t0)")
        assert "  direction LR\n" not in overview(run, database, tmp_path)
        database.run("create table one_more (id int primary key references t0)")
        assert "  direction LR\n" in overview(run, database, tmp_path)
        assert "Too many for a diagram" not in (tmp_path / "db/public/t0.md").read_text()


def test_a_table_with_too_many_neighbours_has_no_diagram(run: Run, database: Database, tmp_path: Path) -> None:
    database.run("create table t0 (id int primary key)")
    for i in range(1, 17):
        database.run(f"create table t{i} (id int primary key references t0)")
    overview(run, database, tmp_path)
    assert "Too many for a diagram" in (tmp_path / "db/public/t0.md").read_text()


def table(number: int) -> QName:
    return QName(schema=f"s{number % 2}", name=f"t{number}")


@given(st.sets(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=120))
def test_groups_hold_each_table_once_and_can_be_read(edges: set[tuple[int, int]]) -> None:
    found = [
        Reference(
            source=Relation(name=table(source), kind="table"),
            key=Constraint(kind="foreign", name="k", references=table(target)),
            target=table(target),
        )
        for source, target in sorted(edges)
    ]
    tables = sorted({name for each in found for name in (each.source.name, each.target)})
    groups = table_groups.table_groups(tables, found)
    assert sorted(name for group in groups for name in group) == tables
    for group in groups:
        boxes = {*group, *(each.target for each in found if each.source.name in group)}
        assert len(boxes) <= MOST_IN_A_GROUP or len(group) == 1
        assert group == sorted(group)
