"""Drift in detail: what counts, what does not, and what is left to a person."""

from __future__ import annotations

import itertools

from comparing import OPTIONS, PATHS, TD, catalog, enum, pg, rules, run, table
from schema_sync.codebase.reader import read_sources
from schema_sync.compare.compare import compare
from schema_sync.model.catalog import Column
from schema_sync.model.options import Reading


class TestDrift:
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
                lock=None,
                reading=Reading(kind="dsn", describe="x"),
            )
            seen.add(tuple((f.rule, f.subject.name, f.fingerprint) for f in report.findings))
        assert len({tuple(sorted(s)) for s in seen}) == 1

    def test_new_classes_get_distinct_names(self) -> None:
        schema = catalog(table("user-role", "a int4"), table("user_role", "a int4"), table("userRole", "a int4"))
        found = run(schema, "").report.findings
        assert [f.fact("class_name") for f in found] == ["UserRole874848Row", "UserRole310134Row", "UserRoleRow"]

    def test_new_classes_shadow_nothing_in_their_file(self) -> None:
        schema = catalog(table("users", "a int4"), table("pets", "a int4"), table("toys", "a int4"))
        taken = {PATHS.entities: "from x import UserRow\nPetRow = 1\ndef ToyRow(): ...\n"}
        report = compare(
            schema,
            read_sources(taken),
            options=OPTIONS,
            lock=None,
            reading=Reading(kind="dsn", describe="x"),
        )
        assert [f.fact("class_name") for f in report.findings] == ["Pet821e32Row", "Toy27d08eRow", "User144475Row"]

    def test_a_class_for_a_schema_that_is_not_compared_is_unseen_not_gone(self) -> None:
        python = f'{TD}class UserRow(TypedDict):\n    """Table: auth.users"""\n    id: int\n'
        report = run(catalog(), python).report
        assert report.in_sync
        assert [note.why for note in report.not_checked] == ["schema auth is not among those compared"]
