"""Classes for inserts and updates: what counts in which direction, and what a partial source cannot tell."""

from __future__ import annotations

import msgspec
import pytest

from comparing import PATHS, TD, catalog, pg, q, rules, run, table
from schema_sync.mapping.names import row_class_shape
from schema_sync.model.catalog import ALL_FACETS, Column, DomainType, Facet

NOTES = table("notes", "body text", "title text?", "rank int4")
ROW = f"{TD}class NoteRow(TypedDict):\n    body: str\n    title: Optional[str]\n    rank: int\n\n"


def insert(annotation: str, *, shape: str = "Insert", total: bool = True) -> list[tuple[str, str, str]]:
    """Return what is found of a column ``rank int4 not null`` that a class for writes has as *annotation*."""
    head = f"class Note{shape}(TypedDict{'' if total else ', total=False'}):\n"
    other = "    body: Required[str]\n" if shape == "Insert" else ""
    return rules(run(catalog(NOTES), f"{ROW}{head}{other}    rank: {annotation}\n"))


@pytest.mark.parametrize(
    ("annotation", "insert_finds", "update_finds"),
    [
        ("int", [], []),
        ("Any", [], []),
        ("Literal[1, 2]", [], []),
        ("float", ["column-type-mismatch MEDIUM"], ["column-type-mismatch MEDIUM"]),
        ("str", ["column-type-mismatch HIGH"], ["column-type-mismatch HIGH"]),
        ("Optional[int]", ["column-nullability-mismatch HIGH"], ["column-nullability-mismatch HIGH"]),
        ("NotRequired[int]", ["required-column-optional MEDIUM"], []),
    ],
)
def test_only_what_makes_a_write_fail_is_found(
    annotation: str, insert_finds: list[str], update_finds: list[str]
) -> None:
    assert [f"{rule} {severity}" for rule, _, severity in insert(annotation)] == insert_finds
    assert [f"{rule} {severity}" for rule, _, severity in insert(annotation, shape="Update")] == update_finds


def test_totality_counts() -> None:
    assert insert("int", total=False) == [("required-column-optional", "notes.rank", "MEDIUM")]
    assert insert("Required[int]", total=False) == []


def test_a_null_that_the_type_refuses_is_the_author_s_choice() -> None:
    python = f"{ROW}class NoteInsert(TypedDict):\n    body: str\n    title: str\n    rank: int\n"
    assert rules(run(catalog(NOTES), python)) == []


def test_columns_that_an_author_leaves_out_count_where_they_are_asked_for() -> None:
    python = f"{ROW}class NoteInsert(TypedDict):\n    body: str\n"
    needed = ("required-column-undeclared", "notes.rank", "HIGH")
    assert rules(run(catalog(NOTES), python)) == [needed]
    asked = rules(run(catalog(NOTES), python, shapes=("insert",)))
    assert asked == [("column-undeclared", "notes.title", "LOW"), needed]


def test_a_domain_s_default_counts() -> None:
    code = DomainType(name=q("code"), base=pg("text"), not_null=True, has_default=True)
    typed = Column(name="c", rank=1, type=msgspec.structs.replace(pg("code"), name=q("code")))
    python = f"{TD}class TRow(TypedDict):\n    c: str\n\nclass TInsert(TypedDict):\n    c: NotRequired[str]\n"
    assert rules(run(catalog(table("t", typed), domains=(code,)), python)) == []


def test_a_class_of_a_view_may_admit_what_a_trigger_mends() -> None:
    view = table("seen", "a int4", kind="view")
    python = f"{TD}class SeenRow(TypedDict):\n    a: int\n\nclass SeenInsert(TypedDict):\n    a: Optional[int]\n"
    assert rules(run(catalog(view), python)) == []


@pytest.mark.parametrize(
    ("name", "relation", "shape"),
    [
        ("UserInsert", "users", "insert"),
        ("UserUpdate", "users", "update"),
        ("UserRow", "users", "row"),
        ("User", "users", "row"),
        ("UserRoleInsert", "user_role", "insert"),
        ("UserRoleInsert", "user_role_insert", "row"),
        ("UserRoleInsertInsert", "user_role_insert", "insert"),
        ("LastUpdate", "last_updates", "row"),
        ("Update", "users", "update"),
    ],
)
def test_a_suffix_gives_the_shape_unless_it_is_the_relation_s(name: str, relation: str, shape: str) -> None:
    assert row_class_shape(name, relation, {}) == shape


def test_new_classes_are_called_after_the_row_class_and_stand_in_its_file() -> None:
    python = f'{TD}class Memo(TypedDict):\n    """Table: notes"""\n    body: str\n    title: Optional[str]\n    rank: int\n'
    found = run(catalog(NOTES), python, shapes=("insert", "update")).report.findings
    assert [(f.fact("class_name"), f.at.path) for f in found] == [
        ("MemoInsert", "s/all.py"),
        ("MemoUpdate", "s/all.py"),
    ]
    found = run(catalog(NOTES), "", shapes=("insert",)).report.findings
    assert {(f.fact("class_name"), f.at.path) for f in found} == {
        ("NoteInsert", PATHS.entities),
        ("NoteRow", PATHS.entities),
    }


class TestPartialSources:
    PYTHON = f"{ROW}class NoteInsert(TypedDict):\n    title: str\n"
    VIEW = f"{TD}class SeenRow(TypedDict):\n    a: int\n\nclass SeenInsert(TypedDict):\n    a: int\n"

    def test_what_an_insert_needs_is_unseen_not_free(self) -> None:
        covers = tuple(f for f in ALL_FACETS if f is not Facet.DEFAULTS)
        partial = msgspec.structs.replace(catalog(NOTES), covers=covers)
        report = run(partial, self.PYTHON, shapes=("insert", "update")).report
        assert not report.findings
        assert "which keys an insert needs" in {note.what for note in report.not_checked}
        assert "which keys an insert needs" not in {n.what for n in run(partial, ROW).report.not_checked}

    def test_what_a_view_takes_is_unseen_not_nothing(self) -> None:
        covers = tuple(f for f in ALL_FACETS if f is not Facet.WRITABILITY)
        view = msgspec.structs.replace(table("seen", "a int4", kind="view"), insertable=False, updatable=False)
        whole = catalog(view)
        assert rules(run(whole, self.VIEW)) == [("relation-not-writable", "seen", "HIGH")]
        report = run(msgspec.structs.replace(whole, covers=covers), self.VIEW, shapes=("update",)).report
        assert not report.findings
        assert [note.what for note in report.not_checked] == ["which views and foreign tables take writes"]
