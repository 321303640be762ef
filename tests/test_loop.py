"""The main loop on hand-written code: nine changes of the database, seen, mended, pruned; nothing else moves."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from conftest import Database
    from schema_sync.usecases.check import Outcome
    from schema_sync.usecases.update import Plan

SCHEMA = """
create type mood as enum ('sad', 'happy');
create type shade as enum ('dark', 'light');
create table people (id uuid primary key, name text not null, nick text, born date not null, score text, code text);
create table pets (id bigint primary key, owner uuid references people, kind text);
create table relics (id int primary key);
"""

ENUMS = '''\
"""Hand-written."""

from enum import Enum


class Mood( str,Enum ):   # how people feel

    SAD   = 'sad'
    HAPPY = 'happy'   # the usual

    def is_good(self) -> bool:
        return self is Mood.HAPPY


class Shade(str, Enum):
    """Enum: public.shade"""
    DARK = 'dark'
    LIGHT = 'light'


class PageSize(Enum):
    SMALL = 10
    LARGE = 100
'''

ENTITIES = '''\
# rows of the database
from __future__ import annotations
from typing import Optional , TypedDict


class PersonRow( TypedDict , total = False ):
    """Table: people"""

    id   : str
    name : str          # as they like to be called
    nick : Optional[ str ]
    # the day, not the hour
    born : str
    score: Optional[str];  code: Optional[str]



class PetRow(TypedDict):
    id: int   # keep this
    owner: str | None

    kind: str | None
    # end of pets


class RelicRow(TypedDict):
    id: int


def label(person: PersonRow) -> str:
    return person["name"]
'''

CHANGES = """
alter table people add column email text not null default '';
alter table people drop column code;
alter table people alter column score type integer using score::integer;
alter table people alter column born drop not null;
update people set nick = '' where nick is null; alter table people alter column nick set not null;
alter type mood add value 'calm' before 'happy';
create type size as enum ('s', 'm');
create table toys (id int primary key, pet bigint references pets, size size not null);
drop table relics;
drop type shade;
"""

FOUND = {
    ("column-undeclared", "people", "email", "MEDIUM"),
    ("column-removed", "people", "code", "CRITICAL"),
    ("column-type-mismatch", "people", "score", "HIGH"),
    ("column-nullability-mismatch", "people", "born", "HIGH"),
    ("column-nullability-mismatch", "people", "nick", "LOW"),
    ("enum-label-undeclared", "mood", "calm", "HIGH"),
    ("enum-undeclared", "size", None, "HIGH"),
    ("table-undeclared", "toys", None, "HIGH"),
    ("table-removed", "relics", None, "CRITICAL"),
    ("enum-removed", "shade", None, "CRITICAL"),
}


@pytest.fixture
def root(tmp_path: Path, database: Database) -> Path:
    (tmp_path / "schemas" / "database").mkdir(parents=True)
    for folder in ("schemas", "schemas/database"):
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "schemas/enums.py").write_bytes(ENUMS.encode())
    (tmp_path / "schemas/database/entities.py").write_bytes(ENTITIES.encode())
    database.run(SCHEMA)
    return tmp_path


def check(root: Path, database: Database) -> Outcome:
    return checks.check(projects.open_project(root, source=database.dsn))


def update(root: Path, database: Database, *, prune: bool = False) -> Plan:
    project = projects.open_project(root, source=database.dsn)
    planned = updates.plan(project, checks.check(project), prune=prune)
    updates.write(project, planned)
    return planned


def found(outcome: Outcome) -> set[tuple[str, str, str | None, str]]:
    findings = outcome.report.findings
    rows = [(f.rule, f.subject.name, f.subject.column or f.subject.label, f.severity.name) for f in findings]
    assert len(set(rows)) == len(rows)
    return set(rows)


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]


def test_code_that_fits_is_left_alone(root: Path, database: Database) -> None:
    assert not found(check(root, database))
    planned = update(root, database)
    assert sorted(planned.contents) == ["schemas/schema_lock.json", "schemas/schema_version.py"]
    assert (root / "schemas/enums.py").read_bytes() == ENUMS.encode()


def test_nine_changes_are_seen_mended_and_pruned(root: Path, database: Database) -> None:
    update(root, database)
    database.run(CHANGES)

    outcome = check(root, database)
    assert found(outcome) == FOUND
    assert {f.moved for f in outcome.report.findings} == {"database"}

    kept = update(root, database).kept
    removals = {"column-removed", "table-removed", "enum-removed"}
    assert {f.rule for f in kept} == removals
    assert found(check(root, database)) == {row for row in FOUND if row[0] in removals}

    assert changed_lines(ENUMS, (root / "schemas/enums.py").read_text()) == [
        "+    CALM = 'calm'",
        "+",
        "+",
        "+class Size(str, Enum):",
        '+    """Enum: public.size"""',
        "+",
        "+    S = 's'",
        "+    M = 'm'",
    ]
    assert changed_lines(ENTITIES, (root / "schemas/database/entities.py").read_text()) == [
        "-    nick : Optional[ str ]",
        "+    nick : str",
        "-    born : str",
        "-    score: Optional[str];  code: Optional[str]",
        "+    born : Optional[str]",
        "+    score: Optional[int];  code: Optional[str]",
        "+    email: str",
        "+",
        "+",
        "+class ToyRow(TypedDict):",
        '+    """Table: public.toys"""',
        "+",
        "+    id: int",
        "+    pet: Optional[int]",
        "+    size: str",
    ]
    assert_stable(root, database)

    assert not update(root, database, prune=True).kept
    assert not found(check(root, database))
    text = (root / "schemas/database/entities.py").read_text()
    assert "    score: Optional[int]\n    email: str\n" in text
    assert "RelicRow" not in text
    assert text.endswith("    size: str\n")
    assert 'def label(person: PersonRow) -> str:\n    return person["name"]\n' in text
    assert "Shade" not in (root / "schemas/enums.py").read_text()
    assert "class PageSize(Enum):\n    SMALL = 10\n    LARGE = 100\n" in (root / "schemas/enums.py").read_text()
    assert_stable(root, database)


def assert_stable(root: Path, database: Database) -> None:
    """A second update changes no byte."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert not update(root, database).contents
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_kept_removal_stays_red_from_the_lock_alone(root: Path, database: Database) -> None:
    update(root, database)
    database.run("drop table relics; drop type shade; alter table people drop column code")
    update(root, database)

    offline = checks.check(projects.open_project(root, source="lock"))
    rules = sorted((f.rule, f.moved) for f in offline.report.findings)
    assert rules == [("column-removed", "code"), ("enum-removed", "database"), ("table-removed", "database")]


def test_an_enum_that_only_its_name_bound_is_a_removal_once_the_lock_knew_it(
    root: Path, database: Database
) -> None:
    update(root, database)
    database.run("drop type mood")
    (finding,) = check(root, database).report.findings
    assert (finding.rule, finding.subject.name, finding.moved) == ("enum-removed", "mood", "database")
    update(root, database)
    (finding,) = check(root, database).report.findings
    assert (finding.rule, finding.moved) == ("enum-removed", "database")


def test_a_renamed_column_is_told_from_a_drop_and_an_add(root: Path, database: Database) -> None:
    update(root, database)
    database.run("alter table people rename column nick to alias")
    (finding,) = check(root, database).report.findings
    assert (finding.rule, finding.subject.column, finding.fact("renamed_from")) == (
        "column-renamed",
        "alias",
        "nick",
    )

    assert not update(root, database).kept
    assert "    alias : Optional[ str ]\n" in (root / "schemas/database/entities.py").read_text()
    assert_stable(root, database)


def test_without_a_lock_a_rename_is_a_removal_and_an_addition(root: Path, database: Database) -> None:
    database.run("alter table people rename column nick to alias")
    assert {row[0] for row in found(check(root, database))} == {"column-removed", "column-undeclared"}


def test_who_moved(root: Path, database: Database) -> None:
    update(root, database)
    entities = root / "schemas/database/entities.py"
    entities.write_text(ENTITIES.replace("name : str ", "name : int "))
    database.run("alter table pets alter column kind set not null")
    moved = {f.subject.column: f.moved for f in check(root, database).report.findings}
    assert moved == {"name": "code", "kind": "database"}

    database.run("alter table people alter column name type boolean using true")
    moved = {f.subject.column: f.moved for f in check(root, database).report.findings}
    assert moved == {"name": "both", "kind": "database"}


def test_pruning_a_class_that_the_configuration_binds(root: Path, database: Database) -> None:
    entities = root / "schemas/database/entities.py"
    entities.write_text(ENTITIES.replace("RelicRow", "Fossil"))
    config = root / "schema-sync.toml"
    config.write_text('[bindings]\nFossil = "relics"\n')
    update(root, database)
    database.run("drop table relics")

    assert not update(root, database, prune=True).kept
    assert "Fossil" not in entities.read_text()
    after = check(root, database)
    assert not found(after)
    assert [note.what for note in after.report.not_checked] == ["bindings.Fossil"]
