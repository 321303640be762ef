"""What is not understood, or left out on purpose, is said: it is neither missing nor gone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import casefile
import laws
from schema_sync.errors import WriteError

if TYPE_CHECKING:
    from conftest import Database

FIELD = Path(__file__).parent.parent / "cases" / "field"
NOTES = {
    "type-ignore": [],
    "markers-of-others": [],
    "markers-in-place": [],
    "markers-in-prose": [
        "UserRow, which has a marker for 'dictionary': there is no such table, view or composite type,"
        " and without a schema it may be prose",
        "SettingsRow, which has a marker for 'dictionary': there is no such table, view or composite type,"
        " and without a schema it may be prose",
        "Level, which has a marker for 'ordinal': there is no such enum type, and without a schema it may be prose",
        "Shape, which has a marker for 'isometric': it is not one for an Enum",
        "Cached: functions are not configured to be looked at",
    ],
    "enum-values": [],
    "enum-auto": [
        "Mood, which maps to public.mood: the value of SAD cannot be determined from its source",
        "Grade, which maps to public.grade: its values are no strings",
        "Rank, which maps to public.rank: its _generate_next_value_ is not written as a method",
    ],
    "enum-constants": [
        "Source, which maps to public.source: the value of WEB cannot be determined from its source",
    ],
    "enum-tuples": [
        "Shape, which maps to public.shape: its values are no strings",
        "Size, which maps to public.size: its values are objects of a dataclass",
        "Tier, which maps to public.tier: its __new__ makes the values of its members",
    ],
    "enum-not-told-annotates": [
        "Progress, which maps to public.ticket_state: the value of NEW cannot be determined from its source",
    ],
    "functional-enum": [],
    "functional-forms": [
        "F, which maps to public.f: its values are no strings",
        "G, which maps to public.g: the value of its names cannot be determined from its source",
        "H, which maps to public.h: the value of its names cannot be determined from its source",
    ],
    "kinds-not-read": [
        "WorkRow, which a marker binds to public.works: a msgspec.Struct is not read",
        "VoneRow, which a marker binds to public.vones: a pydantic.v1.BaseModel is not read",
    ],
    "not-read-classes": [
        "A, which a marker binds to public.a: an attrs.define class is not read",
        "B, which a marker binds to public.b: an attr.s class is not read",
        "C, which a marker binds to public.c: a typing.NamedTuple is not read",
        "D, which a marker binds to public.d: a typing.Protocol is not read",
        "E, which a marker binds to public.e: a peewee.Model is not read",
        "F, which a marker binds to public.f: a django.db.models.Model is not read",
        "G, which a marker binds to public.g: a somewhere.Base is not read",
        "Tone, which a marker binds to public.tone: a plain class is not read",
        "H, which a marker binds to public.h: a plain class is not read",
    ],
    "not-read-calls": [
        "a, which a marker binds to public.a: what sqlalchemy.Table makes is not read",
        "B, which a marker binds to public.b: what collections.namedtuple makes is not read",
        "C, which a marker binds to public.c: what typing.NamedTuple makes is not read",
        "D, which a marker binds to public.d: what dataclasses.make_dataclass makes is not read",
        "Shelf, which the configuration binds to public.e: a plain class is not read",
    ],
    "left-out": [
        "EventsOfA, which maps to public.events_a: a partition, whose rows are those of its parent",
        "StatRow, which maps to public.pg_stat_statements: it belongs to an extension",
    ],
    "left-out-names": [
        "EventsARow, which maps to public.events_a: a partition, whose rows are those of its parent",
        "Leaf, which maps to public.events_a1: a partition, whose rows are those of its parent",
        "Thing, which maps to private.things: schema private is not among those compared",
        "Info, which maps to extensions.pg_stat_statements_info: it belongs to an extension",
    ],
    "left-out-by-configuration": [
        "SchemaMigrationRow, which maps to public.schema_migrations: exclude-tables leaves it out",
        "Tone, which maps to public.tone: exclude-enums leaves it out",
        "GoneRow, which maps to public.legacy_gone: exclude-tables leaves it out",
    ],
    "initvar": [],
    "sqlalchemy-classic": [],
    "sqlalchemy-not-told": [
        "A, which maps to public.a: its base FarBase is not in the scanned files",
        "B, which maps to public.b: its columns are read from the database when the program runs",
        "C, which maps to public.c: what id is cannot be determined from its source",
        "D, which maps to public.d: the arguments of one of its columns cannot be determined from its source",
        "F, which maps to public.f: the name of its table cannot be determined from its source",
    ],
}


@pytest.mark.parametrize("case", NOTES)
def test_notes(case: str, tmp_path: Path, database: Database) -> None:
    laid = casefile.load(FIELD / f"{case}.case")
    lay(laid.before, tmp_path)
    (tmp_path / "schema-sync.toml").write_text(laid.configuration)
    database.run(laid.database)
    report = laws.check(tmp_path, database.dsn).report
    said = [f"{note.what.partition(': ')[2]}: {note.why}" for note in report.not_checked]
    assert said == NOTES[case]


def test_a_model_that_is_read_and_not_edited_says_so(tmp_path: Path, database: Database) -> None:
    laid = casefile.load(FIELD / "sqlalchemy-classic.case")
    lay(laid.before, tmp_path)
    database.run(laid.database)
    findings = laws.check(tmp_path, database.dsn).report.findings
    assert [finding.edits for finding in findings] == [(), ()]
    assert all(f.message.endswith("SQLAlchemy classes are read, not edited: mend it by hand.") for f in findings)


UNPARSED = '''"""Rows."""
from enum import Enum
from typing import TypedDict

print "no Python of these days"

class Status(Enum):
    NEW = "new"

class UserRow(TypedDict):
    id: int

class Crate(TypedDict):
    """A crate.

    Table: public.boxes
    """

    id: int

class Odd(TypedDict):
    # Table: odds
    id: int

class Holder:
    class ThingRow(TypedDict):
        id: int

PairRow = TypedDict("PairRow", {"id": int})
'''


def test_what_a_file_without_a_syntax_tree_declares_is_not_checked(tmp_path: Path, database: Database) -> None:
    for table in ("users", "boxes", "odds", "things", "pairs", "others"):
        database.run(f"create table {table} (id int primary key)")
    database.run("create type status as enum ('new', 'open')")
    lay({"schemas/models.py": UNPARSED}, tmp_path)
    report = laws.check(tmp_path, database.dsn).report
    assert [(f.rule, f.subject.name) for f in report.findings] == [("table-undeclared", "others")]
    said = [note.what.partition(": ")[2] for note in report.not_checked]
    assert said == [
        "Status, which its name binds to public.status",
        "UserRow, which its name binds to public.users",
        "Crate, which a marker binds to public.boxes",
        "Odd, which a marker binds to public.odds",
        "ThingRow, which its name binds to public.things",
        "PairRow, which its name binds to public.pairs",
    ]
    assert not report.in_sync
    with pytest.raises(WriteError, match=r"models\.py:5:1: Missing parentheses"):
        laws.update(tmp_path, database.dsn)


@pytest.mark.parametrize("source", ["snapshot", "lock"])
def test_other_sources_know_what_is_left_out(source: str, tmp_path: Path, database: Database) -> None:
    laid = casefile.load(FIELD / "left-out-names.case")
    lay(laid.before, tmp_path)
    database.run(laid.database)
    laws.update(tmp_path, database.dsn)
    (tmp_path / "saved.json").write_bytes(laws.assert_snapshot_round_trips(tmp_path, database.dsn))
    report = laws.check(tmp_path, "snapshot:saved.json" if source == "snapshot" else "lock").report
    assert not report.findings
    assert len(report.not_checked) == len(NOTES["left-out-names"])


def test_a_lock_names_only_what_the_code_stands_for(tmp_path: Path, database: Database) -> None:
    database.run("create table a (id int not null) partition by list (id)")
    for number in range(3):
        database.run(f"create table a_{number} partition of a for values in ({number})")
    lay(
        {
            "schemas/models.py": 'from typing import TypedDict\nclass One(TypedDict):\n    """Table: public.a_1"""\n'
        },
        tmp_path,
    )
    laws.update(tmp_path, database.dsn)
    lock = (tmp_path / "schemas/schema_lock.json").read_text()
    assert "a_1" in lock
    assert "a_0" not in lock
    assert "pg_stat_statements" not in lock


def lay(files: dict[str, str], root: Path) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


FUNCTIONS = '''
from typing import TypedDict


class GreetArgs(TypedDict):
    """Function: greet"""

    who: str


class Outcome(TypedDict):
    """Result: success"""

    done: bool


class UserRow(TypedDict):
    """Result: row"""

    id: int


class Gone(TypedDict):
    """Function: public.gone"""
'''


def test_a_bare_marker_of_a_function_that_there_is_not_is_a_note(tmp_path: Path, database: Database) -> None:
    database.run("create table users (id int primary key)")
    database.run("create function greet(who text) returns text language sql as 'select who'")
    lay({"schemas/models.py": FUNCTIONS, "schema-sync.toml": 'functions = ["*"]\n'}, tmp_path)
    report = laws.check(tmp_path, database.dsn).report
    assert [(f.rule, f.subject.name) for f in report.findings] == [
        ("function-removed", "gone"),
        ("function-undeclared", "greet"),
    ]
    said = [f"{note.what.partition(': ')[2]}: {note.why}" for note in report.not_checked]
    assert said == [
        "Outcome: it says to map to a function success, which there is not; with its schema it counts",
        "UserRow: it says to map to a function row, which there is not; with its schema it counts",
    ]
    assert {bound.declaration.name: str(bound.object) for bound in report.bindings}["UserRow"] == "public.users"


def test_a_class_that_is_read_keeps_its_shapes_beside_one_that_is_not(tmp_path: Path, database: Database) -> None:
    database.run("create table users (id int primary key)")
    source = (
        "from typing import TypedDict\n\n\nclass UserRow(TypedDict):\n    id: int\n\n\n"
        'class Users:\n    """Table: public.users"""\n'
    )
    lay({"schemas/models.py": source, "schema-sync.toml": 'shapes = ["row", "insert"]\n'}, tmp_path)
    found = laws.check(tmp_path, database.dsn).report.findings
    assert [finding.rule for finding in found] == ["shape-undeclared"]
