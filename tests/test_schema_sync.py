"""The core suite: names both ways, types, drift, severity, generated code, hashing, edge cases.

``pytest tests/test_schema_sync.py -v`` needs no database; the tests beside it run the whole on a real one.
"""

from __future__ import annotations

import ast
from typing import Any

import msgspec
import pytest

from comparing import TD, catalog, enum, pg, q, rules, run, table
from generated_code import GENERATED, HOSTILE, LAYOUTS, WRITTEN, generated
from schema_sync.mapping import names
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.overrides import Overrides
from schema_sync.mapping.types import Manner, column_type
from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, Constraint, Facet, ObjectIdentity
from schema_sync.model.snapshot import decode_snapshot, encode_snapshot, fingerprint, portable, without_expressions


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
        assert [str(b.object) for b in report.bindings] == [f"public.{bound}"]

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
        assert [str(b.object) for b in report.bindings] == [f"public.{bound}"]


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
        assert str(column_type(pg(sql), catalog()).written) == expected
        assert str(column_type(pg(sql, 1), catalog()).written) == f"list[{expected}]"

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
        assert str(column_type(pg(sql), catalog(), manner=Manner(wire="native")).written) == expected

    @pytest.mark.parametrize("key", ["numeric", "decimal", "pg_catalog.numeric"])
    def test_overrides(self, key: str) -> None:
        found = column_type(pg("numeric", 1), catalog(), overrides=Overrides({key: "decimal.Decimal"}))
        assert found.written == parse_type("list[decimal.Decimal]")


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

    def test_severity_is_the_users(self) -> None:
        schema = catalog(table("pets", "id int4"), table("users", "id int4"), enums=[enum("size", "s")])
        comparison = run(schema, "", severity={"table-undeclared": "low", "enum-undeclared": "off"})
        assert {r[2] for r in rules(comparison)} == {"LOW"}
        assert comparison.report.suppressed == 1


class TestGeneratedCode:
    def test_is_this_text(self) -> None:
        _, files = generated(GENERATED, {})
        assert {path: content.decode() for path, content in files.items()} == WRITTEN

    @pytest.mark.parametrize("layout", LAYOUTS)
    @pytest.mark.parametrize("schema", [GENERATED, HOSTILE], ids=["plain names", "hostile names"])
    def test_compiles_and_reads_back_without_a_finding(self, schema: Catalog, layout: str) -> None:
        found, files = generated(schema, {}, **LAYOUTS[layout])
        assert found.findings
        for path, content in files.items():
            compile(content, path, "exec", dont_inherit=True)
        again, after = generated(schema, files, **LAYOUTS[layout])
        assert [(f.rule, str(f.subject)) for f in again.findings] == []
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
        assert (again.findings, same) == ((), files)


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
