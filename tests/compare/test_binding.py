"""Which class belongs to which object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparing import TD, catalog, made_lock, q, rules, run, table
from schema_sync.codebase.reader import read_sources
from schema_sync.compare.markers import markers, parse_object, quoted, unquoted
from schema_sync.errors import BindingError
from schema_sync.model.catalog import CompositeType


class TestNames:
    @pytest.mark.parametrize("class_name", ["Priority", "DocumentType", "Role"])
    def test_an_enum_of_the_application_is_let_be(self, class_name: str) -> None:
        report = run(catalog(), f"{TD}class {class_name}(str, Enum):\n    A = 'a'\n").report
        assert report.in_sync
        assert [name for name, _ in report.unmatched] == [class_name]


class TestBinding:
    SCHEMA = catalog(table("test_req", "id int4"), table("tests_done", "id int4"))

    @pytest.mark.parametrize(
        ("body", "how"),
        [
            ('"""Table: public.test_req"""', "marker"),
            ('"""table: TEST_REQ."""', "marker"),
            ('"""Rows.\n\n    Database: "test_req"\n    """', "marker"),
            ("# Table: test_req", "marker"),
            ('"""Database row for test_req table."""', "docstring"),
            ('"""One of the public.test_req table, joined."""', "docstring"),
        ],
    )
    def test_markers(self, body: str, how: str) -> None:
        report = run(self.SCHEMA, f"{TD}class Anything(TypedDict):\n    {body}\n    id: int\n").report
        assert [(str(b.object), b.how) for b in report.bindings] == [("public.test_req", how)]

    @pytest.mark.parametrize(
        "doc", ["Table: a b", "Database: PostgreSQL 15", "test_req table or tests_done table", "the other table"]
    )
    def test_what_is_no_marker(self, doc: str) -> None:
        report = run(self.SCHEMA, f'{TD}class Anything(TypedDict):\n    """{doc}"""\n    id: int\n').report
        assert not report.bindings

    def test_the_configuration_wins_over_the_marker(self) -> None:
        python = f'{TD}class A(TypedDict):\n    """Table: tests_done"""\n    id: int\n'
        for key in ("A", "s/all.py:A"):
            report = run(self.SCHEMA, python, bindings={key: "test_req"}).report
            assert [(str(b.object), b.how) for b in report.bindings] == [("public.test_req", "config")]

    def test_a_tie_is_an_error_that_the_lock_settles(self) -> None:
        schema = catalog(table("user_role", "id int4"), table("userrole", "id int4"))
        python = f"{TD}class UserRoleRow(TypedDict):\n    id: int\n"
        with pytest.raises(BindingError, match=r"public\.user_role or public\.userrole"):
            run(schema, python)
        lock = made_lock(schema, {"s/all.py:UserRoleRow": "public.userrole"})
        assert [str(b.object) for b in run(schema, python, lock=lock).report.bindings] == ["public.userrole"]

    def test_several_classes_for_one_table(self) -> None:
        python = f"{TD}class TestReqRow(TypedDict):\n    id: int\n\nclass TestReqInsert(TypedDict):\n    id: int\n"
        report = run(catalog(table("test_req", "id int4")), python).report
        assert [(b.declaration.name, b.role) for b in report.bindings] == [
            ("TestReqRow", "row"),
            ("TestReqInsert", "insert"),
        ]

    def test_a_composite_type(self) -> None:
        attributes = table("x", "street text?", "zip int4?").columns
        schema = catalog(composites=(CompositeType(name=q("address"), attributes=attributes),))
        python = f'{TD}class Address(TypedDict):\n    """Type: address"""\n    street: Optional[str]\n'
        comparison = run(schema, python)
        assert rules(comparison) == [("column-undeclared", "address.zip", "MEDIUM")]
        assert comparison.report.bindings[0].role == "composite"
        assert not run(schema, "").report.findings, "nothing asks for a class yet"

    @given(st.text(min_size=1, max_size=10).filter(lambda s: "\0" not in s))
    def test_a_quoted_name_reads_back(self, name: str) -> None:
        assert unquoted(quoted(name)) == name
        parsed = parse_object(f"{quoted('public')}.{quoted(name)}")
        assert parsed is not None
        assert (parsed.schema, parsed.name) == ("public", name)


def test_a_marker_is_found_in_the_comments_too() -> None:
    codebase = read_sources({"a.py": f"{TD}class A(TypedDict):\n    # Table: x\n    id: int\n"})
    found = next(markers(codebase.rows[0]), None)
    assert found is not None
    assert (found.name, found.schema, found.kind) == ("x", None, "table")
