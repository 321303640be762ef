"""PostgREST beside a connection and the lock: the same findings, and nothing known is lost."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from postgrest_project import CASES, PEOPLE, RICH, door

import laws
from doubles.postgrest import Double
from schema_sync.model.catalog import Facet
from schema_sync.model.snapshot import decode_lock, fingerprint

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["door"]  # fixture


@pytest.fixture
def atoms(tmp_path: Path, database: Database) -> Path:
    database.run((CASES / "atoms/schema.sql").read_text())
    shutil.copytree(CASES / "atoms/schemas", tmp_path / "schemas")
    return tmp_path


class TestAtoms:
    @pytest.mark.parametrize("version", [12, 14, 16])
    def test_the_same_findings_as_through_a_connection(
        self, atoms: Path, database: Database, door: Double, version: int
    ) -> None:
        door.version = version
        full = laws.check(atoms, database.dsn)
        part = laws.check(atoms, "postgrest")
        shown = {e.name.name for e in part.fetched.catalog.enums}
        expected = [f for f in full.report.findings if f.subject.kind != "enum" or f.subject.name in shown]
        assert part.report.findings == tuple(expected)
        assert len(expected) > 80
        unshown = {f.subject.name for f in full.report.findings} - {f.subject.name for f in expected}
        assert unshown == {"action_type", "property_type"}, "enum types that no column shows"
        assert part.report.tables == full.report.tables

    def test_what_was_not_looked_at_is_said(self, atoms: Path, door: Double) -> None:
        report = laws.check(atoms, "postgrest").report
        said = "\n".join(f"{note.what}: {note.why}" for note in report.not_checked)
        for words in ("enum types that no column shows", "generated columns", "composite types", "no privilege"):
            assert words in said
        assert [note.what for note in report.not_checked if "PropertyType" in note.what] == []

    def test_an_update_and_then_the_lock_agree(self, atoms: Path, database: Database, door: Double) -> None:
        laws.update(atoms, "postgrest")
        laws.assert_stable(atoms, "postgrest")
        left = laws.check(atoms, "postgrest").report
        assert laws.check(atoms, "lock").report.findings == left.findings
        assert laws.check(atoms, "lock").report.not_checked
        assert Counter(f.rule for f in laws.check(atoms, database.dsn).report.findings) == Counter(
            [*(f.rule for f in left.findings), "enum-undeclared", "enum-undeclared"]
        )


def lock_of(root: Path) -> Any:
    return decode_lock((root / "schemas/schema_lock.json").read_bytes(), path="lock")


class TestTheLock:
    """A partial source never makes less of a full lock."""

    def test_nothing_changes_where_it_shows_nothing_new(
        self, tmp_path: Path, database: Database, door: Double
    ) -> None:
        for version in (12, 14, 16):
            door.version = version
            database.run(
                "drop schema public cascade; create schema public; grant usage on schema public to public;"
            )
            database.run(RICH + "grant select on all tables in schema public to service_role;")
            laws.update(tmp_path, database.dsn)
            before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
            outcome = laws.check(tmp_path, "postgrest")
            assert outcome.report.db_hash == lock_of(tmp_path).db_hash
            assert not any("database changed" in note for note in outcome.notes)
            assert not outcome.report.findings
            assert not laws.update(tmp_path, "postgrest").contents
            assert {path: path.read_bytes() for path in before} == before

    def test_kinds_of_relations_stay(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(
            RICH + "create foreign data wrapper nowhere; create server away foreign data wrapper nowhere;"
            "create foreign table far (id int not null, name text) server away;"
            "create view simple as select id, name from people; create view names as select name from people;"
            "create materialized view kept as select id from people; create table split (a int) partition by list (a)"
        )
        laws.update(tmp_path, database.dsn)
        kinds = [(r.name.name, r.kind) for r in lock_of(tmp_path).catalog.relations]
        assert laws.check(tmp_path, "postgrest").report.db_hash == lock_of(tmp_path).db_hash
        assert not laws.update(tmp_path, "postgrest").contents
        database.run("drop view names; create table names (name text not null)")
        laws.update(tmp_path, "postgrest")
        assert dict(kinds)["names"] == "view"
        assert [(r.name.name, r.kind) for r in lock_of(tmp_path).catalog.relations] == [
            (name, "table" if name == "names" else kind) for name, kind in kinds
        ]

    def test_a_change_is_laid_over_what_is_known(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(RICH)
        laws.update(tmp_path, database.dsn)
        full = lock_of(tmp_path).catalog
        database.run("alter table people add nick text not null; alter type mood add value 'glad'")
        laws.update(tmp_path, "postgrest")
        laws.assert_stable(tmp_path, "postgrest")
        lock = lock_of(tmp_path)
        assert Facet.IDENTITY not in lock.catalog.covers
        assert lock.db_hash == fingerprint(lock.catalog) != fingerprint(full)
        people = lock.catalog.relations_by_name[PEOPLE]
        assert people.columns[:-1] == full.relations_by_name[PEOPLE].columns
        assert people.columns[-1].name == "nick"
        assert people.constraints == full.relations_by_name[PEOPLE].constraints
        assert lock.catalog.domains == full.domains
        assert lock.catalog.composites == full.composites
        assert [e.name.name for e in lock.catalog.enums] == ["mood", "unused"]
        assert lock.catalog.enums[0].labels == ("sad", "so so", "happy", "glad")
        assert lock.catalog.enums[0].comment == "how one feels"
        assert not laws.check(tmp_path, "lock").report.findings
        assert not laws.check(tmp_path, database.dsn).report.findings

    def test_a_full_source_then_makes_it_full_again(
        self, tmp_path: Path, database: Database, door: Double
    ) -> None:
        database.run(RICH)
        laws.update(tmp_path, "postgrest")
        assert Facet.IDENTITY not in lock_of(tmp_path).catalog.covers
        outcome = laws.check(tmp_path, database.dsn)
        assert not any("database changed" in note for note in outcome.notes), (
            "a part is not compared with the whole"
        )
        laws.update(tmp_path, database.dsn)
        assert Facet.IDENTITY in lock_of(tmp_path).catalog.covers

    def test_what_it_cannot_see_is_no_removal(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(RICH)
        laws.update(tmp_path, database.dsn)
        (tmp_path / "schemas/schema_lock.json").unlink()
        report = laws.check(tmp_path, "postgrest").report
        assert not report.findings
        assert any("Unused, which maps to public.unused" in note.what for note in report.not_checked)

    def test_what_was_seen_to_be_gone_stays_gone(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(RICH)
        laws.update(tmp_path, database.dsn)
        database.run("drop type unused")
        laws.update(tmp_path, database.dsn)
        for source in ("postgrest", "lock"):
            (finding,) = laws.check(tmp_path, source).report.findings
            assert finding.rule == "enum-removed"
