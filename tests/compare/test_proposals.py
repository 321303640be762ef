"""Which classes that nothing binds look like a table, and which do not."""

from __future__ import annotations

import time

import msgspec
import pytest

from comparing import OPTIONS, catalog, enum, q, rules, run, table
from schema_sync.codebase.reader import read_sources
from schema_sync.compare.compare import compare
from schema_sync.compare.proposals import propose
from schema_sync.model.catalog import Catalog, Relation
from schema_sync.model.findings import Proposal, Report
from schema_sync.model.options import Reading

HEAD = "from dataclasses import dataclass\nfrom typing import *\nfrom pydantic import BaseModel, Field\n"
ORDERS = table("orders", "id int4", "user_id int4", "status text", "total int4", "note text?", "code text?")
FIELDS = "    id: int\n    user_id: int\n    status: str\n    total: int\n"
OWN = "".join(f"    own_{number}: int\n" for number in range(9))


def proposed(python: str, *relations: Relation, **options: object) -> tuple[Proposal, ...]:
    return in_catalog(catalog(*(relations or (ORDERS,))), {"s/all.py": HEAD + python}, **options)


def in_catalog(schema: Catalog, sources: dict[str, str], **options: object) -> tuple[Proposal, ...]:
    codebase = read_sources(sources)
    chosen = msgspec.structs.replace(OPTIONS, **options)  # type: ignore[arg-type]
    report = compare(schema, codebase, options=chosen, lock=None, reading=Reading(kind="dsn", describe="x"))
    return propose(report, codebase, schema, chosen)


def of_all(python: str, *relations: Relation) -> tuple[tuple[Proposal, ...], float]:
    """Return what is proposed for the classes of *python* if none is bound, and how many seconds that took."""
    codebase = read_sources({"s/all.py": HEAD + python})
    report = Report(unbound=codebase.rows, source_kind="dsn", source="x", db_hash="")
    before = time.perf_counter()
    found = propose(report, codebase, catalog(*relations), OPTIONS)
    return found, time.perf_counter() - before


def seen(*arguments: str | Relation, **options: object) -> list[tuple[str, tuple[str, ...], str]]:
    python, *relations = arguments
    assert isinstance(python, str)
    found = proposed(python, *(r for r in relations if isinstance(r, Relation)), **options)
    return [
        (p.key, tuple(each.name for each in p.objects), f"{p.columns} of {len(p.declaration.items)}")
        for p in found
    ]


@pytest.mark.parametrize("head", ["class Thing(BaseModel)", "class Thing(TypedDict)", "@dataclass\nclass Thing"])
def test_a_class_of_any_kind_whose_fields_are_columns(head: str) -> None:
    assert seen(f"{head}:\n{FIELDS}") == [("Thing", ("orders",), "4 of 4")]
    [proposal] = proposed(f"{head}:\n{FIELDS}")
    assert proposal.binding == ("Thing", "partial:public.orders")


@pytest.mark.parametrize(
    ("columns", "own", "fits"),
    [(4, 0, True), (4, 1, True), (4, 2, False), (6, 2, True), (6, 3, False), (3, 0, False)],
)
def test_four_fields_and_three_in_four_have_to_be_columns(columns: int, own: int, fits: bool) -> None:
    fields = [*(FIELDS + "    note: str\n    code: str\n").splitlines(), *OWN.splitlines()]
    lines = fields[:columns] + fields[6 : 6 + own]
    assert bool(seen("class Thing(BaseModel):\n" + "\n".join(lines) + "\n")) is fits


def test_inherited_fields_count_and_a_base_is_not_proposed_beside_its_subclass() -> None:
    python = f"class Base(BaseModel):\n{FIELDS}class Thing(Base):\n    note: str\n"
    assert seen(python) == [("Thing", ("orders",), "5 of 5")]


def test_the_base_of_a_class_that_is_compared_is_not_proposed() -> None:
    python = f"class Base(BaseModel):\n{FIELDS}class OrderOut(Base):\n    note: str\n"
    assert seen(python) == []
    assert seen(python + f"class Other(BaseModel):\n{FIELDS}") == [("Other", ("orders",), "4 of 4")]


def test_aliases_are_the_names_of_columns() -> None:
    python = f'class Thing(BaseModel):\n{FIELDS}    text: str = Field(alias="note")\n'
    assert seen(python) == [("Thing", ("orders",), "5 of 5")]


def test_the_table_with_most_of_the_fields_is_meant() -> None:
    other = table("carts", "id int4", "user_id int4", "status text", "total int4")
    python = f"class Thing(BaseModel):\n{FIELDS}    note: str\n"
    assert seen(python, ORDERS, other) == [("Thing", ("orders",), "5 of 5")]


ALIKE = [table(name, "id int4", "user_id int4", "status text", "total int4") for name in ("a", "b", "carts", "d")]


def test_a_tie_names_both_and_binds_none() -> None:
    [proposal] = proposed(f"class Thing(BaseModel):\n{FIELDS}", *ALIKE[:2])
    assert proposal.objects == (q("a"), q("b"))
    assert proposal.stated == ("partial:public.a", "partial:public.b")
    assert proposal.binding is None


def test_fields_that_any_table_has_tell_nothing() -> None:
    assert len(proposed(f"class Thing(BaseModel):\n{FIELDS}", *ALIKE[:3])) == 1
    assert proposed(f"class Thing(BaseModel):\n{FIELDS}", *ALIKE) == ()


def test_a_name_that_mentions_the_table_breaks_a_tie() -> None:
    python = f"class CreateCartRequest(BaseModel):\n{FIELDS}"
    assert seen(python, *ALIKE[2:]) == [("CreateCartRequest", ("carts",), "4 of 4")]


def test_a_table_comes_before_its_view_and_a_view_with_more_before_the_table() -> None:
    same = table("all_orders", "id int4", "user_id int4", "status text", "total int4", kind="view")
    more = table("details", "id int4", "user_id int4", "status text", "total int4", "email text", kind="view")
    python = f"class Thing(BaseModel):\n{FIELDS}    email: str\n"
    assert seen(python, ORDERS, same) == [("Thing", ("orders",), "4 of 5")]
    assert seen(python, ORDERS, same, more) == [("Thing", ("details",), "5 of 5")]


def test_what_is_excluded_is_not_proposed() -> None:
    assert seen(f"class Thing(BaseModel):\n{FIELDS}", exclude_tables=("orders",)) == []


@pytest.mark.parametrize("name", ["OrderRow", "OrderOut"])
def test_what_is_bound_is_not_proposed(name: str) -> None:
    assert seen(f"class {name}(BaseModel):\n{FIELDS}") == []
    assert seen(f"class Thing(BaseModel):\n{FIELDS}", bindings={"Thing": "row:public.orders"}) == []


def test_a_class_whose_fields_are_not_known_is_not_proposed() -> None:
    assert seen(f"from elsewhere import Base\nclass Thing(Base, BaseModel):\n{FIELDS}") == []


def test_a_name_that_two_classes_have_is_told_by_its_file() -> None:
    python = f"{HEAD}class Thing(BaseModel):\n{FIELDS}"
    found = in_catalog(catalog(ORDERS), {"s/a.py": python, "s/b.py": python})
    assert [proposal.key for proposal in found] == ["s/a.py:Thing", "s/b.py:Thing"]
    bindings = dict(proposal.binding for proposal in found if proposal.binding)
    assert in_catalog(catalog(ORDERS), {"s/a.py": python, "s/b.py": python}, bindings=bindings) == ()


def test_an_empty_text_keeps_a_class_unbound() -> None:
    row = f"{HEAD}class OrderRow(TypedDict):\n{FIELDS}"
    assert [str(b.object) for b in run(catalog(ORDERS), row).report.bindings] == ["public.orders"]
    report = run(catalog(ORDERS), row, bindings={"OrderRow": ""}, require="declared").report
    assert (report.bindings, report.findings) == ((), ())
    assert seen(f"class Thing(BaseModel):\n{FIELDS}", bindings={"Thing": ""}) == []


def test_an_empty_text_keeps_an_enum_and_a_class_that_is_not_read_unbound() -> None:
    mood = catalog(enums=[enum("mood", "a", "b")])
    python = "from enum import Enum\nclass Mood(Enum):\n    A = 'a'\n"
    assert rules(run(mood, python)) == [("enum-label-undeclared", "mood.b", "HIGH")]
    assert run(mood, python, bindings={"Mood": ""}, require="declared").report.findings == ()
    marked = "import attrs\n@attrs.define\nclass Thing:\n    '''Table: public.orders'''\n"
    assert any("Thing" in note.what for note in run(catalog(ORDERS), marked).report.not_checked)
    assert run(catalog(ORDERS), marked, bindings={"Thing": ""}).report.not_checked == ()


@pytest.mark.parametrize(
    ("name", "is_read"), [("Thing", True), ("CreateOrderRequest", False), ("OrderForm", False)]
)
def test_a_partial_class_is_read_unless_its_name_says_that_it_is_written(name: str, is_read: bool) -> None:
    python = f"{HEAD}class {name}(BaseModel):\n{FIELDS}    note: str\n"
    found = rules(run(catalog(ORDERS), python, bindings={name: "partial:public.orders"}, require="declared"))
    assert found == ([("column-nullability-mismatch", "orders.note", "HIGH")] if is_read else [])


@pytest.mark.thorough
def test_many_tables_and_many_classes_take_as_long_as_there_are_of_both() -> None:
    common = ("id int4", "created_at timestamptz", "updated_at timestamptz", "name text")
    tables = [table(f"t{n}", *common, f"a{n} int4", f"b{n} text") for n in range(10_000)]
    classes = [
        f"class C{n}(BaseModel):\n    id: int\n    created_at: str\n    updated_at: str\n    name: str\n"
        + (f"    a{n}: int\n" if n % 2 else "")
        for n in range(1_000)
    ]
    found, seconds = of_all("".join(classes), *tables)
    assert seconds < 3  # each class against each table: minutes
    assert [(p.key, str(p.objects[0]), p.columns) for p in found] == [
        (f"C{n}", f"public.t{n}", 5) for n in range(1, 1_000, 2)
    ]


def test_fields_that_many_tables_have_are_told_apart_by_a_rare_one() -> None:
    common = ("id int4", "created_at timestamptz", "updated_at timestamptz", "name text")
    tables = [table(f"t{n}", *common, f"a{n % 1500} int4") for n in range(1_501)]
    fields = "    id: int\n    created_at: str\n    updated_at: str\n    name: str\n"
    wanted = {"a7": ("t7",), "a0": ("t0", "t1500"), "own": ()}
    for field, objects in wanted.items():
        found, _ = of_all(f"class Thing(BaseModel):\n{fields}    {field}: int\n", *tables)
        assert tuple(each.name for p in found for each in p.objects) == objects
