"""What a comparison takes from the lock: removals, who moved, renames."""

from __future__ import annotations

from comparing import TD, catalog, made_lock, rules, run, table
from schema_sync.model.catalog import ObjectIdentity


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
        gone = {b.declaration.id: str(b.object) for b in comparison.report.bindings if not b.exists}
        assert gone == {"s/all.py:Mood": "public.mood", "s/all.py:People": "public.folk"}

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
