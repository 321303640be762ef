"""The core suite: names both ways, types, assignability, drift, severity, generated code, hashing, edge cases.

``pytest tests/test_schema_sync.py -v`` needs no database; the tests beside it run the whole on a real one.
"""

from __future__ import annotations

import ast
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_sync.codebase.reader import read_sources
from schema_sync.codebase.writer import apply
from schema_sync.compare.assignability import judge, resolve
from schema_sync.compare.comparison import Comparison, compare
from schema_sync.compare.expected import is_junction, quoted
from schema_sync.compare.markers import marker, parse_object, unquoted
from schema_sync.compare.options import Homes, Options, Reading
from schema_sync.compare.policy import Policy
from schema_sync.errors import BindingError, MigrationError, SourceError, mask
from schema_sync.mapping import names
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.types import ANY_JSON, column_type, sql_name
from schema_sync.model.catalog import (
    ALL_FACETS,
    Catalog,
    Column,
    CompositeType,
    Constraint,
    DomainType,
    EnumType,
    Facet,
    ObjectIdentity,
    QName,
    Relation,
    TypeRef,
)
from schema_sync.model.declarations import Location, PyType, union
from schema_sync.model.findings import Finding, Severity, Subject
from schema_sync.model.pairs import ExpectedItem
from schema_sync.model.snapshot import (
    FORMAT_VERSION,
    Lock,
    decode_lock,
    decode_snapshot,
    encode_lock,
    encode_snapshot,
    fingerprint,
    portable,
    without_expressions,
)
from schema_sync.reports.escaping import code, markdown, printable
from schema_sync.sources.modifiers import modifier_text
from schema_sync.sources.queries import catalog_queries, quote_literal

if TYPE_CHECKING:
    from collections.abc import Iterable

HOMES = Homes(
    enums="s/enums.py",
    entities="s/entities.py",
    relationships="s/relationships.py",
    functions="s/functions.py",
    aliases="s/aliases.py",
)
OPTIONS = Options(schemas=("public",), homes=HOMES)


def q(name: str, schema: str = "public") -> QName:
    return QName(schema=schema, name=name)


def pg(name: str, dims: int = 0, modifier: str | None = None) -> TypeRef:
    return TypeRef(name=q(name, "pg_catalog"), dims=dims, modifier=modifier)


def table(
    name: str, *columns: str | Column, kind: Any = "table", constraints: Iterable[Constraint] = ()
) -> Relation:
    """A table; a column is ``name type`` or ``name type?`` (nullable)."""
    made = []
    for rank, text in enumerate(columns, start=1):
        if isinstance(text, Column):
            made.append(text)
            continue
        column, _, kind_name = text.partition(" ")
        ref = (
            pg(kind_name.rstrip("?"))
            if "." not in kind_name
            else TypeRef(name=q(kind_name.rstrip("?").split(".")[1]))
        )
        made.append(Column(name=column, rank=rank, type=ref, nullable=kind_name.endswith("?")))
    return Relation(name=q(name), kind=kind, columns=tuple(made), constraints=tuple(constraints))


def catalog(*relations: Relation, enums: Iterable[EnumType] = (), **more: Any) -> Catalog:
    return Catalog(schemas=("public",), covers=ALL_FACETS, relations=relations, enums=tuple(enums), **more)


def enum(name: str, *labels: str) -> EnumType:
    return EnumType(name=q(name), labels=labels)


def run(
    schema: Catalog, python: str, *, lock: Lock | None = None, source: str = "dsn", **options: Any
) -> Comparison:
    codebase = read_sources({"s/all.py": python})
    assert not codebase.unreadable
    policy = Policy(severity=options.pop("severity", {}), review=())
    chosen = msgspec.structs.replace(OPTIONS, **options)
    return compare(
        schema, codebase, options=chosen, policy=policy, lock=lock, reading=Reading(kind=source, describe="x")
    )


def rules(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [
        (f.rule, ".".join(filter(None, (f.subject.name, f.subject.column, f.subject.label))), f.severity.name)
        for f in comparison.report.findings
    ]


TD = "from typing import *\nfrom enum import Enum\n"


class TestNames:
    @pytest.mark.parametrize(
        ("relation", "expected"),
        [
            ("organizations", "OrganizationRow"),
            ("properties", "PropertyRow"),
            ("table_rows", "TableRowRow"),
            ("billing_cache", "BillingCacheRow"),
            ("requirements_closure", "RequirementsClosureRow"),
            ("people", "PersonRow"),
            ("statuses", "StatusRow"),
            ("news", "NewsRow"),
            ("UserRole", "UserRoleRow"),
            ("USERS", "UserRow"),
            ("user-role", "UserRoleRow"),
            ("1digit", "Table1digitRow"),
            ("!!!", "TableRow"),
            ("class", "ClassRow"),
            ("naïve", "NaïveRow"),
        ],
    )
    def test_row_classes(self, relation: str, expected: str) -> None:
        assert names.row_class_stem(relation, {}) + names.ROW_SUFFIX == expected

    @pytest.mark.parametrize(
        ("enum_name", "expected"),
        [
            ("organization_type", "OrganizationType"),
            ("project_status", "ProjectStatus"),
            ("billing_plan", "BillingPlan"),
            ("Mixed Enum", "MixedEnum"),
            ("1enum", "Enum1enum"),
            ("enum", "EnumEnum"),
            ("none", "NoneEnum"),
            ("type", "Type"),
            ("???", "EnumEnum"),
        ],
    )
    def test_enum_classes(self, enum_name: str, expected: str) -> None:
        assert names.enum_class_name(enum_name) == expected

    @pytest.mark.parametrize(
        ("label", "taken", "expected"),
        [
            ("active", (), "ACTIVE"),
            ("in progress", (), "IN_PROGRESS"),
            ("a-b", {"A_B"}, "A_B_D44362"),
            ("a b", {"A_B", "A_B_2"}, "A_B_C8687A"),
            ("a b", {"A_B", "A_B_C8687A"}, "A_B_C8687A0"),
            ("", (), "EMPTY"),
            ("#", (), "VALUE"),
            ("1st", (), "VALUE_1ST"),
            ("class", (), "CLASS"),
            ("__init__", (), "INIT"),
            ("ÀÉ", (), "ÀÉ"),
            ("日本", (), "日本"),
            ("PG-13", (), "PG_13"),
            ("\U00010916", (), "VALUE"),
        ],
    )
    def test_members(self, label: str, taken: set[str], expected: str) -> None:
        assert names.member_name(label, taken) == expected

    @pytest.mark.parametrize(("label", "expected"), [("on hold", "on_hold"), ("class", "class_"), ("mro", "mro_")])
    def test_members_in_lower_case(self, label: str, expected: str) -> None:
        assert names.member_name(label, (), upper=False) == expected

    @given(st.text(max_size=12), st.booleans())
    def test_every_label_gets_an_identifier(self, label: str, upper: bool) -> None:
        first = names.member_name(label, (), upper=upper)
        second = names.member_name(label, {first}, upper=upper)
        assert first != second
        for name in (first, second):
            assert name.isidentifier()
            compile(f"from enum import Enum\nclass E(Enum):\n    {name} = 1\n", "x", "exec")

    @given(st.text(min_size=1, max_size=20))
    def test_every_object_gets_a_class_name(self, name: str) -> None:
        for made in (names.row_class_stem(name, {}) + names.ROW_SUFFIX, names.enum_class_name(name)):
            compile(f"class {made}: pass", "x", "exec")

    @pytest.mark.parametrize(
        ("name", "writable"),
        [
            ("id", True),
            ("from", False),
            ("1st", False),
            ("a b", False),
            ("__x", False),
            ("__x__", True),
            ("ﬁ", False),
        ],
    )
    def test_keys_that_a_class_can_hold(self, name: str, writable: bool) -> None:
        assert names.is_key(name) is writable

    def test_exceptions_to_the_plural(self) -> None:
        assert names.row_class_stem("gooses", {"goose": "gooses"}) + names.ROW_SUFFIX == "GooseRow"
        assert (1, "goose") in set(names.relation_keys("gooses", {"goose": "gooses"}))
        assert (1, "gooses") in set(names.relation_keys("goose", {"goose": "gooses"}))

    @pytest.mark.parametrize(
        ("class_name", "tables", "bound"),
        [
            ("TableRowsRow", ["table_rows"], "table_rows"),
            ("TableRowRow", ["table_rows"], "table_rows"),
            ("TableRow", ["table_rows"], "table_rows"),
            ("TableRow", ["table_rows", "tables"], "tables"),
            ("MCPSessionsRow", ["mcp_sessions"], "mcp_sessions"),
            ("OAuthClientRow", ["oauth_clients"], "oauth_clients"),
            ("RAGEmbeddingRow", ["rag_embeddings"], "rag_embeddings"),
            ("UserRow", ["user", "users"], "user"),
            ("UsersRow", ["user", "users"], "users"),
            ("UserInsert", ["users"], "users"),
            ("UserUpdate", ["users"], "users"),
            ("PublicUserRow", ["users"], "users"),
            ("User", ["users"], "users"),
        ],
    )
    def test_row_classes_back(self, class_name: str, tables: list[str], bound: str) -> None:
        schema = catalog(*(table(name, "id int4") for name in sorted(tables)))
        report = run(schema, f"{TD}class {class_name}(TypedDict):\n    id: int\n").report
        assert [b.object for b in report.bindings] == [f"public.{bound}"]

    @pytest.mark.parametrize(
        ("class_name", "enums", "bound"),
        [
            ("BillingPlan", ["billing_plan"], "billing_plan"),
            ("BillingPlanType", ["billing_plan"], "billing_plan"),
            ("BillingPlanEnum", ["billing_plan"], "billing_plan"),
            ("UserRole", ["user_role_type"], "user_role_type"),
            ("TestType", ["test", "test_type"], "test_type"),
            ("Statuses", ["status"], "status"),
        ],
    )
    def test_enum_classes_back(self, class_name: str, enums: list[str], bound: str) -> None:
        schema = catalog(enums=[enum(name, "a") for name in sorted(enums)])
        report = run(schema, f"{TD}class {class_name}(str, Enum):\n    A = 'a'\n").report
        assert [b.object for b in report.bindings] == [f"public.{bound}"]

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
        assert [(b.object, b.how) for b in report.bindings] == [("public.test_req", how)]

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
            assert [(b.object, b.how) for b in report.bindings] == [("public.test_req", "config")]

    def test_a_tie_is_an_error_that_the_lock_settles(self) -> None:
        schema = catalog(table("user_role", "id int4"), table("userrole", "id int4"))
        python = f"{TD}class UserRoleRow(TypedDict):\n    id: int\n"
        with pytest.raises(BindingError, match=r"public\.user_role or public\.userrole"):
            run(schema, python)
        lock = made_lock(schema, {"s/all.py:UserRoleRow": "public.userrole"})
        assert [b.object for b in run(schema, python, lock=lock).report.bindings] == ["public.userrole"]

    def test_several_classes_for_one_table(self) -> None:
        python = f"{TD}class TestReqRow(TypedDict):\n    id: int\n\nclass TestReqInsert(TypedDict):\n    id: int\n"
        report = run(catalog(table("test_req", "id int4")), python).report
        assert [(b.declaration, b.shape) for b in report.bindings] == [
            ("TestReqRow", "row"),
            ("TestReqInsert", "insert"),
        ]

    def test_a_composite_type(self) -> None:
        attributes = table("x", "street text?", "zip int4?").columns
        schema = catalog(composites=(CompositeType(name=q("address"), attributes=attributes),))
        python = f'{TD}class Address(TypedDict):\n    """Type: address"""\n    street: Optional[str]\n'
        comparison = run(schema, python)
        assert rules(comparison) == [("column-undeclared", "address.zip", "MEDIUM")]
        assert comparison.report.bindings[0].shape == "composite"
        assert not run(schema, "").report.findings, "nothing asks for a class yet"

    @given(st.text(min_size=1, max_size=10).filter(lambda s: "\0" not in s))
    def test_a_quoted_name_reads_back(self, name: str) -> None:
        assert unquoted(quoted(name)) == name
        parsed = parse_object(f"{quoted('public')}.{quoted(name)}")
        assert parsed is not None
        assert (parsed.schema, parsed.name) == ("public", name)


class TestTypes:
    @pytest.mark.parametrize(
        ("sql", "expected"),
        [
            ("uuid", "str"),
            ("text", "str"),
            ("varchar", "str"),
            ("int2", "int"),
            ("int4", "int"),
            ("int8", "int"),
            ("bool", "bool"),
            ("timestamptz", "str"),
            ("timestamp", "str"),
            ("date", "str"),
            ("json", "dict[str, Any]"),
            ("jsonb", "dict[str, Any]"),
            ("numeric", "float"),
            ("float8", "float"),
            ("bytea", "str"),
            ("interval", "str"),
            ("inet", "str"),
            ("tsvector", "str"),
            ("oid", "str"),
            ("int2vector", "list[int]"),
            ("int4range", "str"),
            ("unheard_of", "str"),
            ("unknown", "Any"),
        ],
    )
    def test_json(self, sql: str, expected: str) -> None:
        assert str(column_type(pg(sql), catalog(), wire="json", overrides={}).written) == expected
        assert str(column_type(pg(sql, 1), catalog(), wire="json", overrides={}).written) == f"list[{expected}]"

    @pytest.mark.parametrize(
        ("sql", "expected"),
        [
            ("uuid", "uuid.UUID"),
            ("numeric", "decimal.Decimal"),
            ("timestamptz", "datetime.datetime"),
            ("bytea", "bytes"),
        ],
    )
    def test_native(self, sql: str, expected: str) -> None:
        assert str(column_type(pg(sql), catalog(), wire="native", overrides={}).written) == expected

    def test_enums_domains_composites_and_extensions(self) -> None:
        schema = catalog(
            table("t"),
            enums=[enum("mood", "sad", "ok")],
            domains=(
                DomainType(name=q("d"), base=TypeRef(name=q("mood"))),
                DomainType(name=q("tags"), base=pg("text", 1)),
            ),
            composites=(CompositeType(name=q("address")),),
        )
        seen = {
            name: column_type(TypeRef(name=q(name)), schema, wire="json", overrides={})
            for name in ("mood", "d", "tags", "address", "t", "hstore", "vector", "citext")
        }
        assert {name: str(found.written) for name, found in seen.items()} == {
            "mood": "str",
            "d": "str",
            "tags": "list[str]",
            "address": "dict[str, Any]",
            "t": "dict[str, Any]",
            "hstore": "dict[str, str | None]",
            "vector": "str",
            "citext": "str",
        }
        assert seen["d"].values == PyType(name="Literal", literals=("sad", "ok"))

    @pytest.mark.parametrize("key", ["numeric", "decimal", "pg_catalog.numeric"])
    def test_overrides(self, key: str) -> None:
        found = column_type(pg("numeric", 1), catalog(), wire="json", overrides={key: "decimal.Decimal"})
        assert found.written == parse_type("list[decimal.Decimal]")

    @pytest.mark.parametrize(
        ("ref", "expected"),
        [
            (pg("int4"), "integer"),
            (pg("varchar", 0, "20"), "varchar(20)"),
            (pg("numeric", 1, "12,4"), "numeric(12,4)[]"),
            (TypeRef(name=q("mood")), "public.mood"),
        ],
    )
    def test_sql_names(self, ref: TypeRef, expected: str) -> None:
        assert sql_name(ref) == expected

    @pytest.mark.parametrize(
        ("name", "typmod", "expected"),
        [
            ("varchar", -1, None),
            ("varchar", 24, "20"),
            ("bpchar", 9, "5"),
            ("numeric", (12 << 16 | 4) + 4, "12,4"),
            ("numeric", (3 << 16 | 0x7FE) + 4, "3,-2"),
            ("timestamptz", 3, "3"),
            ("bit", 4, "4"),
            ("vector", 1536, "1536"),
            ("interval", 0x7FFF << 16 | 3, "3"),
            ("interval", (1 << 10 | 1 << 11) << 16 | 0xFFFF, "hour to minute"),
            ("interval", 0x7FFF << 16 | 0xFFFF, None),
        ],
    )
    def test_modifiers(self, name: str, typmod: int, expected: str | None) -> None:
        assert modifier_text(name, typmod) == expected

    @pytest.mark.parametrize("text", ["1", "f()", "a +", "", "x[1:2]", "'str'", "lambda: 1"])
    def test_what_is_no_type(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no"):
            parse_type(text)

    def test_unions_are_flat_with_none_last(self) -> None:
        none, one, two = PyType(name="None"), PyType(name="int"), PyType(name="str")
        assert str(union(none, union(one, none), two, one)) == "int | str | None"
        assert union(one) == one
        assert union(one, none).without_none == one
        assert none.without_none == none


def expected_item(values: str | PyType, written: str | None = None) -> ExpectedItem:
    made = values if isinstance(values, PyType) else parse_type(values)
    chosen = parse_type(written or str(values))
    return ExpectedItem(key="k", type=chosen, values=made, nullable=False, database_type="x")


LABELS = PyType(name="Literal", literals=("a", "b"))


class TestAssignability:
    @pytest.mark.parametrize(
        ("item", "annotation", "fit"),
        [
            (expected_item("str"), "str", "same"),
            (expected_item("str"), "Any", "same"),
            (expected_item("str"), "object", "same"),
            (expected_item("str"), "Unknown", "same"),
            (expected_item("str"), "int", "disjoint"),
            (expected_item("str"), "None", "disjoint"),
            (expected_item("str"), "Union[int, str]", "wide"),
            (expected_item("str"), "Literal['a']", "narrow"),
            (expected_item("str"), "uuid.UUID", "disjoint"),
            (expected_item("int"), "float", "wide"),
            (expected_item("int"), "bool", "narrow"),
            (expected_item("bool"), "int", "wide"),
            (expected_item("bool"), "Literal[True, False]", "same"),
            (expected_item("float"), "int", "narrow"),
            (expected_item("datetime.datetime"), "datetime.date", "wide"),
            (expected_item("list[str]"), "list", "same"),
            (expected_item("list[str]"), "List[str]", "same"),
            (expected_item("list[str]"), "Sequence[str]", "same"),
            (expected_item("list[str]"), "list[Optional[str]]", "same"),
            (expected_item("list[int]"), "list[list[int]]", "same"),
            (expected_item("list[int]"), "list[float]", "wide"),
            (expected_item("list[str]"), "list[int]", "narrow"),
            (expected_item("list[str]"), "tuple[str, ...]", "disjoint"),
            (expected_item("list[str]"), "str", "disjoint"),
            (expected_item("dict[str, str | None]"), "Mapping[str, str]", "same"),
            (expected_item("dict[str, str | None]"), "dict[str, int]", "narrow"),
            (expected_item(LABELS, "str"), "str", "same"),
            (expected_item(LABELS, "str"), "Literal['a', 'b']", "same"),
            (expected_item(LABELS, "str"), "Literal['a', 'b', 'c']", "wide"),
            (expected_item(LABELS, "str"), "Literal['a']", "narrow"),
            (expected_item(LABELS, "str"), "Literal['x']", "disjoint"),
            (expected_item(LABELS, "str"), "Bound", "same"),
            (expected_item(LABELS, "str"), "Other", "disjoint"),
            (expected_item(LABELS, "str"), "int", "disjoint"),
            (expected_item(PyType(name="list", args=(LABELS,)), "list[str]"), "list[Bound]", "same"),
            (expected_item(ANY_JSON, "dict[str, typing.Any]"), "dict", "same"),
            (expected_item(ANY_JSON, "dict[str, typing.Any]"), "list[Payload]", "same"),
            (expected_item(ANY_JSON, "dict[str, typing.Any]"), "Payload", "same"),
            (expected_item(ANY_JSON, "dict[str, typing.Any]"), "Union[str, int, float, bool, None]", "same"),
            (expected_item(ANY_JSON, "dict[str, typing.Any]"), "uuid.UUID", "disjoint"),
            (expected_item(ANY_JSON, "dict[str, typing.Any]"), "list[datetime.date]", "disjoint"),
            (
                expected_item(PyType(name="list", args=(ANY_JSON,)), "list[dict[str, typing.Any]]"),
                "list[dict]",
                "same",
            ),
            (expected_item("int | str"), "int", "narrow"),
            (expected_item("int | str"), "Union[str, int]", "same"),
        ],
    )
    def test_judge(self, item: ExpectedItem, annotation: str, fit: str) -> None:
        python = (
            f"{TD}import uuid, datetime\nfrom elsewhere import Unknown\n"
            "class Bound(str, Enum):\n    A = 'a'\nclass Other(str, Enum):\n    A = 'z'\n"
            "class Payload(TypedDict):\n    x: int\n"
            f"class R(TypedDict):\n    k: {annotation}\n"
        )
        codebase = read_sources({"m.py": python})
        declared = next(row for row in codebase.rows if row.name == "R").items[0].type
        assert judge(item, resolve(declared, codebase.by_id, {"m.py:Bound": ("a", "b")})) == fit


FLOAT = PyType(name="|", args=(PyType(name="float"), PyType(name="Literal", literals=("NaN",))))
ADDRESS = PyType(name="dict", args=(PyType(name="str"), PyType(name="typing.Any")), literals=("public.address",))
MAYBE = {name: PyType(name="|", args=(PyType(name=name), PyType(name="None"))) for name in ("int", "str")}


def exact_item(
    values: PyType, loose: PyType | None = None, *, exact: bool = True, narrowed: bool = False
) -> ExpectedItem:
    return ExpectedItem(
        key="k",
        type=values,
        values=values,
        loose=loose,
        nullable=False,
        exact=exact,
        narrowed=narrowed,
        database_type="x",
    )


INTS = exact_item(PyType(name="list", args=(MAYBE["int"],)))
MOODS = exact_item(LABELS, PyType(name="str"))
HSTORE = exact_item(PyType(name="dict", args=(PyType(name="str"), MAYBE["str"])))
JSONS = exact_item(PyType(name="list", args=(ANY_JSON,)))


class TestExactAssignability:
    """Nulls within containers, NaN as text, labels, and which composite a class stands for."""

    @pytest.mark.parametrize(
        ("item", "annotation", "fit"),
        [
            (exact_item(FLOAT), "float", "narrow"),
            (exact_item(FLOAT), "Union[float, Literal['NaN']]", "same"),
            (exact_item(FLOAT), "Union[float, str]", "wide"),
            (exact_item(FLOAT), "Literal['NaN']", "narrow"),
            (exact_item(PyType(name="float"), exact=False), "float", "same"),
            (INTS, "list[int]", "narrow"),
            (INTS, "list[Optional[int]]", "same"),
            (INTS, "list[list[int]]", "narrow"),
            (INTS, "list[list[Optional[int]]]", "same"),
            (INTS, "list[Union[int, None, list[Optional[int]]]]", "wide"),
            (INTS, "list[Optional[str]]", "narrow"),
            (INTS, "list[Optional[float]]", "wide"),
            (INTS, "list", "same"),
            (INTS, "list[Any]", "same"),
            (HSTORE, "dict[str, str]", "narrow"),
            (HSTORE, "dict[str, Optional[str]]", "same"),
            (JSONS, "list[dict[str, Any]]", "same"),
            (MOODS, "str", "same"),
            (MOODS, "Bound", "same"),
            (MOODS, "Literal['a', 'b']", "same"),
            (MOODS, "Literal['a']", "narrow"),
            (exact_item(ADDRESS), "Address", "same"),
            (exact_item(ADDRESS), "Parcel", "narrow"),
            (exact_item(ADDRESS), "Other", "same"),
            (exact_item(ADDRESS), "dict[str, Any]", "same"),
            (exact_item(PyType(name="str"), exact=False, narrowed=True), "Literal['a']", "same"),
            (exact_item(PyType(name="str"), exact=False, narrowed=True), "Literal[1]", "disjoint"),
            (exact_item(PyType(name="str"), exact=False, narrowed=True), "int", "disjoint"),
        ],
    )
    def test_judge(self, item: ExpectedItem, annotation: str, fit: str) -> None:
        python = (
            f"{TD}class Bound(str, Enum):\n    A = 'a'\n"
            "class Address(TypedDict):\n    x: int\nclass Parcel(TypedDict):\n    x: int\n"
            "class Other(TypedDict):\n    x: int\n"
            f"class R(TypedDict):\n    k: {annotation}\n"
        )
        codebase = read_sources({"m.py": python})
        declared = next(row for row in codebase.rows if row.name == "R").items[0].type
        composites = {"m.py:Address": "public.address", "m.py:Parcel": "public.parcel"}
        assert judge(item, resolve(declared, codebase.by_id, {"m.py:Bound": ("a", "b")}, composites)) == fit


class TestDrift:
    def test_in_sync(self) -> None:
        schema = catalog(table("users", "id uuid", "age int4?"), enums=[enum("mood", "sad", "ok")])
        python = (
            f"{TD}class UserRow(TypedDict):\n    id: str\n    age: Optional[int]\n"
            "class Mood(str, Enum):\n    SAD = 'sad'\n    OK = 'ok'\n    FINE = OK\n"
        )
        assert run(schema, python).report.in_sync

    def test_each_rule(self) -> None:
        schema = catalog(
            table("active", "id int4", kind="view"),
            table("pets", "id int4"),
            table(
                "users", "id uuid", "age int4?", "born date?", "nick text", "code int4", "extra text", "opt text?"
            ),
            enums=[enum("mood", "sad", "ok", "new"), enum("order", "a", "b", "c"), enum("size", "s")],
        )
        python = f"""{TD}
class UserRow(TypedDict):
    id: str
    born: str
    nick: Optional[str]
    code: str
    extra: NotRequired[str]
    opt: Optional[str]
    gone: int
class GoneRow(TypedDict):
    id: int
class Mood(str, Enum):
    SAD = 'sad'
    OK = 'ok'
    OLD = 'old'
class Order(str, Enum):
    B = 'b'
    A = 'a'
    C = 'c'
class Lost(Enum):
    '''Enum: public.lost'''
"""
        assert sorted(rules(run(schema, python))) == [
            ("column-not-required", "users.extra", "LOW"),
            ("column-nullability-mismatch", "users.born", "HIGH"),
            ("column-nullability-mismatch", "users.nick", "LOW"),
            ("column-removed", "users.gone", "CRITICAL"),
            ("column-type-mismatch", "users.code", "HIGH"),
            ("column-undeclared", "users.age", "MEDIUM"),
            ("enum-label-removed", "mood.old", "HIGH"),
            ("enum-label-undeclared", "mood.new", "HIGH"),
            ("enum-order-mismatch", "order", "LOW"),
            ("enum-removed", "lost", "CRITICAL"),
            ("enum-undeclared", "size", "HIGH"),
            ("table-removed", "gones", "CRITICAL"),
            ("table-undeclared", "pets", "HIGH"),
            ("view-undeclared", "active", "LOW"),
        ]

    def test_total_false_is_a_style(self) -> None:
        python = f"{TD}class UserRow(TypedDict, total=False):\n    id: NotRequired[str]\n"
        assert run(catalog(table("users", "id uuid")), python).report.in_sync

    def test_a_json_null_may_hide_in_a_json_column(self) -> None:
        python = f"{TD}class UserRow(TypedDict):\n    a: Optional[dict]\n    b: Optional[int]\n"
        assert rules(run(catalog(table("users", "a jsonb", "b int4")), python)) == [
            ("column-nullability-mismatch", "users.b", "LOW")
        ]

    def test_any_is_no_surplus_none(self) -> None:
        python = f"{TD}class UserRow(TypedDict):\n    a: Any\n"
        for column in ("a int4", "a int4?"):
            assert run(catalog(table("users", column)), python).report.in_sync

    def test_an_undeclared_column_that_inserts_must_give_breaks_writes(self) -> None:
        columns = (
            Column(name="a", rank=1, type=pg("int4")),
            Column(name="b", rank=2, type=pg("int4"), has_default=True),
            Column(name="c", rank=3, type=pg("int4"), identity="always"),
        )
        python = f"{TD}class UserRow(TypedDict):\n    pass\n"
        found = run(catalog(table("users", *columns)), python).report.findings
        assert [(f.subject.column, f.impact) for f in found] == [("a", "writes"), ("b", "none"), ("c", "none")]

    def test_a_key_that_no_class_can_hold_is_left_to_a_person(self) -> None:
        python = f"{TD}class UserRow(TypedDict):\n    pass\n"
        (finding,) = run(catalog(table("users", "from int4")), python).report.findings
        assert not finding.edits
        assert "functional form" in finding.message

    def test_types_and_nulls_of_inherited_items_are_left_to_a_person(self) -> None:
        python = f"{TD}class Base(TypedDict):\n    id: int\n    gone: str\nclass UserRow(Base):\n    pass\n"
        found = run(catalog(table("users", "id uuid?")), python).report.findings
        assert len(found) == 3
        assert [e.declaration for f in found for e in f.edits] == ["Base"]  # the removal

    def test_a_missing_first_migration_is_one_finding(self) -> None:
        classes = "".join(f"class T{n}Row(TypedDict):\n    id: int\n" for n in range(3))
        schema = catalog(table("t0", "id int4"))
        assert rules(run(schema, TD + classes, source="migrations")) == [
            ("initial-migration-missing", "public", "CRITICAL")
        ]
        assert [r[0] for r in rules(run(schema, TD + classes))] == ["table-removed", "table-removed"]
        kept = run(catalog(table("t0", "id int4"), table("t1", "id int4")), TD + classes, source="migrations")
        assert [r[0] for r in rules(kept)] == ["table-removed"]

    def test_excluded_objects_are_neither_asked_for_nor_gone(self) -> None:
        schema = catalog(
            table("audit_log", "id int4"), table("users", "id int4"), enums=[enum("internal_kind", "a")]
        )
        python = f"{TD}class AuditLogRow(TypedDict):\n    wrong: str\n"
        comparison = run(schema, python, exclude_tables=("audit_*", "public.users"), exclude_enums=("internal_*",))
        assert comparison.report.in_sync
        assert (comparison.report.tables, comparison.report.enums) == (0, 0)

    def test_severity_is_the_users(self) -> None:
        schema = catalog(table("pets", "id int4"), table("users", "id int4"), enums=[enum("size", "s")])
        comparison = run(schema, "", severity={"table-undeclared": "low", "enum-undeclared": "off"})
        assert {r[2] for r in rules(comparison)} == {"LOW"}
        assert comparison.report.suppressed == 1

    def test_the_order_of_input_never_shows(self) -> None:
        parts = [
            "class UserRow(TypedDict):\n    id: int\n",
            "class PetRow(TypedDict):\n    name: int\n",
            "class Mood(Enum):\n    A = 'x'\n",
        ]
        schema = catalog(table("pets", "id int4"), table("users", "id uuid"), enums=[enum("mood", "a")])
        seen = set()
        for order in itertools.permutations(range(3)):
            sources = {f"s/{'abc'[n]}{n}.py": TD + parts[n] for n in order}
            report = compare(
                schema,
                read_sources(sources),
                options=OPTIONS,
                policy=Policy(),
                lock=None,
                reading=Reading(kind="dsn", describe="x"),
            ).report
            seen.add(tuple((f.rule, f.subject.name, f.fingerprint) for f in report.findings))
        assert len({tuple(sorted(s)) for s in seen}) == 1

    def test_new_classes_get_distinct_names(self) -> None:
        schema = catalog(table("user-role", "a int4"), table("user_role", "a int4"), table("userRole", "a int4"))
        found = run(schema, "").report.findings
        assert [f.fact("class_name") for f in found] == ["UserRole874848Row", "UserRole310134Row", "UserRoleRow"]

    def test_new_classes_shadow_nothing_in_their_file(self) -> None:
        schema = catalog(table("users", "a int4"), table("pets", "a int4"), table("toys", "a int4"))
        taken = {HOMES.entities: "from x import UserRow\nPetRow = 1\ndef ToyRow(): ...\n"}
        report = compare(
            schema,
            read_sources(taken),
            options=OPTIONS,
            policy=Policy(),
            lock=None,
            reading=Reading(kind="dsn", describe="x"),
        ).report
        assert [f.fact("class_name") for f in report.findings] == ["Pet821e32Row", "Toy27d08eRow", "User144475Row"]

    def test_a_class_for_a_schema_that_is_not_compared_is_unseen_not_gone(self) -> None:
        python = f'{TD}class UserRow(TypedDict):\n    """Table: auth.users"""\n    id: int\n'
        report = run(catalog(), python).report
        assert report.in_sync
        assert [note.why for note in report.not_checked] == ["schema auth is not among those compared"]


WRITTEN = {
    "s/enums.py": '''"""Database enums."""

from enum import Enum


class OrganizationType(str, Enum):
    """Enum: public.organization_type"""

    PERSONAL = "personal"
    IN_REVIEW = "in review"
    EMPTY = ""
    A_B = 'a"b'
''',
    "s/entities.py": '''"""Database rows."""

from typing import Any, Optional, TypedDict


class OrganizationRow(TypedDict):
    """Table: public.organizations"""

    id: str
    name: str
    plan: Optional[str]
    seats: int
    score: float
    active: bool
    born: Optional[str]
    tags: list[str]
    settings: Optional[dict[str, Any]]


class PropertyRow(TypedDict):
    """Table: public.properties"""

    id: int
''',
    "s/relationships.py": '''"""Database rows."""

from typing import TypedDict


class MemberRow(TypedDict):
    """Table: public.members"""

    organization: str
    property: int
''',
}
TAGS = Column(name="tags", rank=8, type=pg("text", dims=1))
SETTINGS = Column(name="settings", rank=9, type=pg("jsonb"), nullable=True)


def foreign(column: str, target: str) -> Constraint:
    return Constraint(
        kind="foreign", name=column, columns=(column,), references=q(target), referenced_columns=("id",)
    )


GENERATED = catalog(
    table(
        "members",
        "organization uuid",
        "property int4",
        constraints=[
            Constraint(kind="primary", name="p", columns=("organization", "property")),
            foreign("organization", "organizations"),
            foreign("property", "properties"),
        ],
    ),
    table(
        *(
            "organizations",
            "id uuid",
            "name varchar",
            "plan public.organization_type?",
            "seats int8",
            "score numeric",
        ),
        *("active bool", "born timestamptz?", TAGS, SETTINGS),
    ),
    table("properties", "id int4"),
    enums=[enum("organization_type", "personal", "in review", "", 'a"b')],
)
HOSTILE = catalog(
    table('x"""\nimport os  # ', "class int4", 'a"b text', "\\n json?", "tab\tname text", "\u202eid uuid"),
    table("Ünïcode", "größe numeric", "_private text", "__dunder text"),
    enums=[
        enum(
            'e"""',
            "\n",
            '"""',
            "\\",
            "{x}",
            "%s",
            "None",
            "class",
            "ß",
            "'; import os; '",
            "\u2028",
            "mro",
            "a",
            "A",
        ),
        enum("empty"),
    ],
)
LAYOUTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "exact": {"precision": "exact"},
    "enums": {"enum_columns": "enum"},
    "literals": {"enum_columns": "literal"},
    "native": {"wire": "native"},
    "pydantic": {"target": "pydantic"},
    "writes": {"shapes": ("row", "insert", "update")},
}


def generated(schema: Catalog, before: dict[str, bytes], **options: Any) -> tuple[Comparison, dict[str, bytes]]:
    """Compare *schema* with the files *before*; return that, and the files after an update of all that was found."""
    chosen = msgspec.structs.replace(OPTIONS, **options)
    policy, reading = Policy(severity={}, review=()), Reading(kind="dsn", describe="x")
    found = compare(schema, read_sources(before), options=chosen, policy=policy, lock=None, reading=reading)
    edits = [edit for finding in found.report.findings for edit in finding.edits]
    return found, before | apply({edit.path: before.get(edit.path) for edit in edits}, edits)


class TestGeneratedCode:
    def test_is_this_text(self) -> None:
        _, files = generated(GENERATED, {})
        assert {path: content.decode() for path, content in files.items()} == WRITTEN

    @pytest.mark.parametrize("layout", LAYOUTS)
    @pytest.mark.parametrize("schema", [GENERATED, HOSTILE], ids=["plain names", "hostile names"])
    def test_compiles_and_reads_back_without_a_finding(self, schema: Catalog, layout: str) -> None:
        found, files = generated(schema, {}, **LAYOUTS[layout])
        assert found.report.findings
        for path, content in files.items():
            compile(content, path, "exec", dont_inherit=True)
        again, after = generated(schema, files, **LAYOUTS[layout])
        assert [(f.rule, str(f.subject)) for f in again.report.findings] == []
        assert after == files

    def test_hostile_names_are_data(self) -> None:
        _, files = generated(HOSTILE, {})
        for content in files.values():
            tree = ast.parse(content)
            imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
            assert imported <= {"enum", "typing"}
            assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import)]
        scope: dict[str, Any] = {}
        exec(files["s/enums.py"], scope)  # that it can be run is what is tested
        hostile = next(kind for kind in scope.values() if 'e"""' in (getattr(kind, "__doc__", None) or ""))
        assert tuple(member.value for member in hostile) == HOSTILE.enums[0].labels

    @pytest.mark.parametrize(
        ("schema", "before", "after"),
        [
            (
                catalog(enums=[enum("mood", "sad", "ok")]),
                'class Mood(Enum):\n    OK = "ok"\n',
                '    SAD = "sad"\n    OK = "ok"\n',
            ),
            (
                catalog(table("users", "id uuid", "age int4?")),
                "class UserRow(TypedDict):\n    id: str  # the key\n",
                "    id: str  # the key\n    age: Optional[int]\n",
            ),
            (
                catalog(table("users", "id uuid?")),
                "class UserRow(TypedDict):\n    id: int | str\n\n    def own(self): ...\n",
                "    id: str | None\n\n    def own(self): ...\n",
            ),
        ],
        ids=["label", "column", "type"],
    )
    def test_an_edit_is_read_back(self, schema: Catalog, before: str, after: str) -> None:
        path = "s/entities.py"
        _, files = generated(schema, {path: (TD + before).encode()})
        assert after in files[path].decode()
        again, same = generated(schema, files)
        assert (again.report.findings, same) == ((), files)


class TestJunctions:
    @staticmethod
    def key(kind: Any, *columns: str) -> Constraint:
        references = q("other") if kind == "foreign" else None
        return Constraint(kind=kind, name="k", columns=columns, references=references)

    @pytest.mark.parametrize(
        ("columns", "keys", "expected"),
        [
            (("a int4", "b int4"), [("primary", "a", "b"), ("foreign", "a"), ("foreign", "b")], True),
            (
                ("a int4", "b int4", "n int4"),
                [("primary", "a", "b", "n"), ("foreign", "a"), ("foreign", "b")],
                True,
            ),
            (("a int4", "b int4"), [("unique", "a", "b"), ("foreign", "a"), ("foreign", "b")], True),
            (("a int4", "b int4?"), [("unique", "a", "b"), ("foreign", "a"), ("foreign", "b")], False),
            (
                ("a int4", "b int4", "n int4"),
                [("unique", "a", "b", "n"), ("foreign", "a"), ("foreign", "b")],
                False,
            ),
            (("id int4", "a int4", "b int4"), [("primary", "id"), ("foreign", "a"), ("foreign", "b")], False),
            (("a int4", "b int4"), [("primary", "a", "b"), ("foreign", "a")], False),
        ],
    )
    def test_is_junction(self, columns: tuple[str, ...], keys: list[Any], expected: bool) -> None:
        relation = table("t", *columns, constraints=[self.key(*key) for key in keys])
        assert is_junction(relation) is expected
        (finding,) = run(catalog(relation), "").report.findings
        assert finding.at.path == (HOMES.relationships if expected else HOMES.entities)


def made_lock(schema: Catalog, bindings: dict[str, str] | None = None, **more: Any) -> Lock:
    return Lock(
        format_version=FORMAT_VERSION, db_hash=fingerprint(schema), catalog=schema, bindings=bindings or {}, **more
    )


class TestLock:
    def test_a_class_that_the_lock_had_bound_is_a_removal(self) -> None:
        python = f"{TD}class Mood(str, Enum):\n    A = 'a'\nclass People(TypedDict):\n    id: int\n"
        assert run(catalog(), python).report.in_sync
        lock = made_lock(
            catalog(),
            {"s/all.py:Mood": "public.mood"},
            removed={"s/all.py:People": "public.folk", "s/all.py:X": "o.x"},
        )
        comparison = run(catalog(), python, lock=lock)
        assert rules(comparison) == [
            ("enum-removed", "mood", "CRITICAL"),
            ("table-removed", "folk", "CRITICAL"),
        ]
        assert comparison.removed == {"s/all.py:Mood": "public.mood", "s/all.py:People": "public.folk"}

    def test_who_moved(self) -> None:
        base = catalog(table("users", "id int4", "a int4", "b int4"))
        now = catalog(table("users", "id int4", "a text", "b int4", "c int4"))
        python = f"{TD}class UserRow(TypedDict):\n    id: bool\n    a: bool\n    b: int\n"
        found = run(now, python, lock=made_lock(base)).report.findings
        assert {f.subject.column: f.moved for f in found} == {"id": "code", "a": "both", "c": "database"}
        assert {f.moved for f in run(now, python).report.findings} == {"unknown"}

    def test_renames_need_the_same_database_and_table(self) -> None:
        identity = {"public.users": ObjectIdentity(oid=7, attnums={"mail": 1})}
        lock = made_lock(catalog(table("users", "mail text")), identity={"db": identity})
        python = f"{TD}class UserRow(TypedDict):\n    mail: str\n"

        def rename(oid: int = 7, database: str | None = "db", attnum: int = 1) -> list[str]:
            now = {"public.users": ObjectIdentity(oid=oid, attnums={"email": attnum})}
            schema = catalog(table("users", "email text"), database=database, identity=now)
            return sorted(rule for rule, _, _ in rules(run(schema, python, lock=lock)))

        assert rename() == ["column-renamed"]
        for other in (rename(oid=8), rename(database=None), rename(database="other"), rename(attnum=2)):
            assert other == ["column-removed", "column-undeclared"]

    def test_round_trip_and_refusals(self) -> None:
        lock = made_lock(catalog(table("users", "id int4")), {"a": "b"})
        content = encode_lock(lock)
        assert decode_lock(content, path="l") == lock
        with pytest.raises(SourceError, match="hash does not fit"):
            decode_lock(content.replace(b"int4", b"int8"), path="l")
        with pytest.raises(SourceError, match="written in format 9"):
            decode_lock(content.replace(b'"format_version": 1', b'"format_version": 9'), path="l")
        with pytest.raises(SourceError, match="not a readable lock"):
            decode_lock(b"<<<<<<< HEAD", path="l")


class TestHash:
    SCHEMA = catalog(
        table(
            "users",
            Column(name="id", rank=1, type=pg("int4"), has_default=True, default="nextval('s')"),
            "name text?",
            constraints=[
                Constraint(kind="primary", name="pk", columns=("id",)),
                Constraint(kind="check", name="c", expression="id > 0"),
            ],
        ),
        enums=[enum("mood", "sad", "ok")],
        database="x",
        identity={"public.users": ObjectIdentity(oid=1)},
    )

    def replaced(self, **changes: Any) -> str:
        return fingerprint(msgspec.structs.replace(self.SCHEMA, **changes))

    def test_is_a_sha256(self) -> None:
        assert len(fingerprint(self.SCHEMA)) == 64
        assert int(fingerprint(self.SCHEMA), 16)

    def test_what_is_not_in_it(self) -> None:
        same = fingerprint(self.SCHEMA)
        assert fingerprint(portable(self.SCHEMA)) == same
        assert fingerprint(without_expressions(self.SCHEMA)) == same
        (users,) = self.SCHEMA.relations
        renamed = tuple(msgspec.structs.replace(c, name="other") for c in users.constraints)
        assert self.replaced(relations=(msgspec.structs.replace(users, constraints=renamed),)) == same

    @pytest.mark.parametrize(
        "change",
        [
            {"name": q("persons")},
            {"kind": "view"},
            {"comment": "people"},
            {"constraints": ()},
            {"columns": ()},
        ],
    )
    def test_what_is_in_it(self, change: dict[str, Any]) -> None:
        (users,) = self.SCHEMA.relations
        assert self.replaced(relations=(msgspec.structs.replace(users, **change),)) != fingerprint(self.SCHEMA)

    @pytest.mark.parametrize(
        "change",
        [
            {"type": pg("int8")},
            {"nullable": True},
            {"has_default": False},
            {"identity": "always"},
            {"generated": "stored"},
            {"comment": "c"},
            {"rank": 3},
            {"name": "key"},
        ],
    )
    def test_columns_are_in_it(self, change: dict[str, Any]) -> None:
        (users,) = self.SCHEMA.relations
        first, second = users.columns
        changed = msgspec.structs.replace(users, columns=(msgspec.structs.replace(first, **change), second))
        assert self.replaced(relations=(changed,)) != fingerprint(self.SCHEMA)

    def test_the_order_of_labels_is_in_it(self) -> None:
        assert self.replaced(enums=(enum("mood", "ok", "sad"),)) != fingerprint(self.SCHEMA)

    def test_a_partial_catalog_never_equals_a_full_one(self) -> None:
        partial = tuple(f for f in ALL_FACETS if f is not Facet.IDENTITY)
        assert self.replaced(covers=partial) != fingerprint(self.SCHEMA)

    def test_a_snapshot_round_trips(self) -> None:
        assert decode_snapshot(encode_snapshot(self.SCHEMA), path="x") == portable(self.SCHEMA)

    def test_a_column_is_a_line(self) -> None:
        wide = catalog(*(table(f"t{n}", *(f"c{m} int4" for m in range(9))) for n in range(3)))
        before = encode_snapshot(wide).decode().splitlines()
        relations = list(wide.relations)
        relations[1] = table("t1", *(f"c{m} int4" for m in range(8)), "c8 text")
        after = encode_snapshot(msgspec.structs.replace(wide, relations=tuple(relations))).decode().splitlines()
        assert sum(a != b for a, b in zip(before, after, strict=True)) == 2, "the hash and the column"


class TestFindings:
    FINDING = Finding(
        rule="column-removed",
        subject=Subject(kind="table", schema="public", name="users", column="x"),
        change="removed",
        facts=(("type", "str"),),
        message="m",
        impact="both",
        severity=Severity.CRITICAL,
        declaration="UserRow",
        at=Location(path="a.py", line=3),
    )

    @pytest.mark.parametrize(
        "change",
        [
            {"message": "other"},
            {"severity": Severity.LOW},
            {"at": Location(path="b.py", line=9)},
            {"moved": "code"},
        ],
    )
    def test_a_fingerprint_does_not_move_with_wording_severity_or_lines(self, change: dict[str, Any]) -> None:
        assert msgspec.structs.replace(self.FINDING, **change).fingerprint == self.FINDING.fingerprint

    @pytest.mark.parametrize("change", [{"rule": "x-y"}, {"facts": ()}, {"declaration": "Other"}])
    def test_a_fingerprint_moves_with_the_facts(self, change: dict[str, Any]) -> None:
        assert msgspec.structs.replace(self.FINDING, **change).fingerprint != self.FINDING.fingerprint

    def test_facts_by_name(self) -> None:
        assert self.FINDING.fact("type") == "str"
        assert self.FINDING.fact("other") is None


class TestEscaping:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("plain ✓ ⚠️ é", "plain ✓ ⚠️ é"),
            ("a\x1b[31mb", "a\\x1b[31mb"),
            ("a\nb\tc", "a\\nb\\tc"),
            ("\u202eabc", "\\u202eabc"),
            ("\U000e0041", "\\U000e0041"),
        ],
    )
    def test_printable(self, text: str, shown: str) -> None:
        assert printable(text) == shown

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("public.users", "public.users"),
            ("entity_type", "entity_type"),
            ("a|b", "a&#124;b"),
            ("`x`", "&#96;x&#96;"),
            ("<img src=x>", "&#60;img src&#61;x&#62;"),
            ("_a_", "&#95;a&#95;"),
            ("http://x.y", "<code>http&#58;&#47;&#47;x&#46;y</code>"),
            ("a\nb", "a&#92;nb"),
        ],
    )
    def test_markdown(self, text: str, shown: str) -> None:
        assert markdown(text) == shown
        assert code(text) == f"<code>{shown.removeprefix('<code>').removesuffix('</code>')}</code>"

    @pytest.mark.parametrize(
        "text",
        [
            "postgresql://me:{}@host:5432/db",
            "postgres://me:{}@host/db?sslmode=require",
            "host=h password={} dbname=x",
            "host=h password='{}' dbname=x",
            "password = {}",
        ],
    )
    @pytest.mark.parametrize("secret", ["s3cret", "p:a/ss", "p%40ss", "p@ss"])
    def test_mask(self, text: str, secret: str) -> None:
        masked = mask(f"before {text.format(secret)} after")
        assert secret not in masked
        assert masked.startswith("before ")
        assert masked.endswith(" after")

    def test_errors_are_masked_and_carry_their_place(self) -> None:
        error = MigrationError("failed", path="m.sql", line=3, statement="select 'postgresql://u:p4ss@h/d'")
        assert (error.path, error.line, error.exit_code) == ("m.sql", 3, 3)
        assert "p4ss" not in str(error)


class TestQueries:
    def test_they_take_no_parameters_and_quote_schemas(self) -> None:
        queries = catalog_queries(("public", "o'r\\d"), functions=True)
        others = {"supabase_bootstrap", "replay_role"}
        assert set(queries) == {path.stem for path in SQL_FOLDER.glob("*.sql")} - others
        for text in queries.values():
            assert "__SCHEMAS__" not in text
            assert "%" not in text
        assert "'public',  E'o''r\\\\d'" in queries["relations"]

    def test_functions_are_asked_for_only_when_wanted(self) -> None:
        assert "functions" not in catalog_queries(("public",))

    def test_expressions_are_asked_for_only_when_wanted(self) -> None:
        assert "expressions" not in catalog_queries(("public",), expressions=False)

    @pytest.mark.parametrize(("text", "literal"), [("a", "'a'"), ("o'b", "'o''b'"), ("b\\s", " E'b\\\\s'")])
    def test_literals(self, text: str, literal: str) -> None:
        assert quote_literal(text) == literal


SQL_FOLDER = Path(__file__).parents[1] / "src/schema_sync/sources/sql"


def test_a_marker_is_found_in_the_comments_too() -> None:
    codebase = read_sources({"a.py": f"{TD}class A(TypedDict):\n    # Table: x\n    id: int\n"})
    found = marker(codebase.rows[0])
    assert found is not None
    assert (found.name, found.schema, found.kind) == ("x", None, "table")
