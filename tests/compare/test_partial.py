"""Which models and dataclasses a comparison binds, in which shape, and what it says of those that it does not."""

from __future__ import annotations

import msgspec
import pytest

from comparing import OPTIONS, catalog, enum, made_lock, q, rules, run, table
from schema_sync.errors import ConfigError
from schema_sync.mapping.names import api_shape
from schema_sync.model.catalog import Relation
from schema_sync.model.findings import Calls
from schema_sync.reports.base import View, coverage_line
from schema_sync.reports.formats import html, markdown
from schema_sync.reports.json_report import coverage

HEAD = "from dataclasses import dataclass\nfrom typing import *\nfrom pydantic import BaseModel\n"
ORDERS = table("orders", "id int4", "user_id int4", "status text", "total int4", "note text?", "code text?")
FIELDS = "    id: int\n    user_id: int\n    status: str\n    total: int\n"


def model(name: str, fields: str = FIELDS, base: str = "BaseModel") -> str:
    return f"{HEAD}class {name}({base}):\n{fields}"


def roles(python: str, *relations: Relation, **more: object) -> list[tuple[str, str, str]]:
    report = run(catalog(*(relations or (ORDERS,))), python, **more).report  # type: ignore[arg-type]
    return [(str(b.object), b.role, b.how) for b in report.bindings]


SUFFIXES = ["Create", "In", "Insert", "Update", "Patch", "Response", "Read", "Out", "Summary", "Public"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_api_model_is_partial_by_name(suffix: str) -> None:
    assert roles(model(f"Order{suffix}")) == [("public.orders", "partial", "name")]
    assert roles(f"{HEAD}@dataclass\nclass Order{suffix}:\n{FIELDS}") == [("public.orders", "partial", "name")]


@pytest.mark.parametrize("suffix", ["Row", "InDB"])
def test_a_model_of_rows_is_judged_in_full(suffix: str) -> None:
    assert roles(model(f"Order{suffix}")) == [("public.orders", "row", "name")]


@pytest.mark.parametrize("name", ["Order", "OrderBase", "Orders", "OrderDetail", "Create", "InDB", "orderread"])
def test_any_other_name_binds_nothing(name: str) -> None:
    assert roles(model(name)) == []


def test_a_typeddict_is_judged_in_full_as_its_suffix_has_it() -> None:
    assert roles(model("OrderInsert", base="TypedDict")) == [("public.orders", "insert", "name")]
    assert roles(model("OrderCreate", base="TypedDict")) == []


@pytest.mark.parametrize(
    ("own", "bound"), [(0, True), (2, True), (3, False)], ids=["all", "four in six", "four in seven"]
)
def test_three_in_five_fields_have_to_be_columns(own: int, bound: bool) -> None:
    fields = FIELDS + "".join(f"    own_{number}: int\n" for number in range(own))
    assert bool(roles(model("OrderOut", fields))) is bound
    assert bool(roles(model("OrderRow", fields))) is bound


def test_four_fields_have_to_be_columns_unless_a_row_has_fewer() -> None:
    three = FIELDS.rpartition("    total")[0]
    assert roles(model("OrderOut", three)) == roles(model("OrderRow", three)) == []
    tags = table("tags", "id int4", "name text")
    assert roles(model("TagOut", "    id: int\n    name: str\n"), tags) == []
    assert roles(model("TagRow", "    id: int\n    name: str\n"), tags) == [("public.tags", "row", "name")]
    assert roles(model("TagRow", "    pass\n"), table("tags")) == []


def test_inherited_fields_count() -> None:
    python = f"{model('Base')}class OrderOut(Base):\n    note: Optional[str]\n"
    assert roles(python) == [("public.orders", "partial", "name")]


def test_a_name_that_fits_two_tables_binds_neither_unless_the_last_sync_did() -> None:
    columns = ("id int4", "user_id int4", "status text", "total int4")
    tables = table("order_item", *columns), table("orderItem", *columns)
    python = model("OrderItemOut")
    report = run(catalog(*tables), python).report
    assert report.bindings == ()
    assert "s/all.py:4: OrderItemOut, which could map to public.orderItem or public.order_item" in {
        note.what for note in report.not_checked
    }
    lock = made_lock(catalog(*tables), {"s/all.py:OrderItemOut": "public.order_item"})
    assert roles(python, *tables, lock=lock) == [("public.order_item", "partial", "name")]


def test_the_fields_settle_which_of_two_tables_it_is() -> None:
    other = table("order", "id int4", "label text")
    assert roles(model("OrderOut"), ORDERS, other) == [("public.orders", "partial", "name")]


def test_the_last_sync_binds_what_no_longer_fits() -> None:
    lock = made_lock(catalog(ORDERS), {"s/all.py:OrderOut": "public.orders"})
    now = table("orders", "id int4", "user_id int4", "status text")
    comparison = run(catalog(now), model("OrderOut"), lock=lock)
    assert [(b.role, b.how) for b in comparison.report.bindings] == [("partial", "lock")]
    assert rules(comparison) == [
        ("column-removed", "orders.total", "CRITICAL"),
        ("table-undeclared", "orders", "HIGH"),
    ]


def test_a_former_column_is_remembered_as_long_as_a_class_declares_it() -> None:
    removed = {"s/all.py:OrderOut.old": 'public.orders."old"', "s/all.py:X.other": "public.orders.other"}
    lock = made_lock(catalog(ORDERS), {}, removed=removed)
    fields = f"{FIELDS}    old: str\n    computed: str\n"
    found = rules(run(catalog(ORDERS), model("OrderOut", fields), lock=lock, require="declared"))
    assert found == [("column-removed", "orders.old", "CRITICAL")]


def test_a_partial_class_declares_no_table() -> None:
    comparison = run(catalog(ORDERS), model("OrderOut"))
    assert rules(comparison) == [("table-undeclared", "orders", "HIGH")]
    report = run(catalog(ORDERS, table("users", "id int4")), model("OrderOut"), require="declared").report
    assert report.findings == ()
    assert [subject.name for subject in report.without_class] == ["users"]


def test_docstrings_bind_models_that_look_like_it() -> None:
    doc = '    """A row of the orders table."""\n'
    assert roles(model("Order", doc + FIELDS)) == [("public.orders", "row", "docstring")]
    assert roles(model("Thing", doc + "    id: int\n")) == []
    assert roles(model("ThingOut", doc + "    id: int\n")) == [("public.orders", "partial", "docstring")]
    assert roles(model("Thing", doc + "    id: int\n", base="TypedDict")) == [
        ("public.orders", "row", "docstring")
    ]


@pytest.mark.parametrize("shape", ["row", "insert", "update", "partial"])
@pytest.mark.parametrize("base", ["BaseModel", "TypedDict"])
def test_the_configuration_states_the_shape(shape: str, base: str) -> None:
    bindings = {"Thing": f"{shape}:public.orders"}
    assert roles(model("Thing", base=base), bindings=bindings) == [("public.orders", shape, "config")]


def test_only_row_classes_have_one_of_four_shapes() -> None:
    for text in ("rows:public.orders", "row:", "row:a.b.c", ":orders", "row: orders"):
        with pytest.raises(ConfigError, match=r"is not an object; .* shape:schema\.name"):
            run(catalog(ORDERS), model("Thing"), bindings={"Thing": text})
    python = "from enum import Enum\nclass Mood(Enum):\n    A = 'a'\n"
    with pytest.raises(ConfigError, match="Mood is an Enum, which has no shape 'row'"):
        run(catalog(enums=[enum("mood", "a")]), python, bindings={"Mood": "row:public.mood"})


def test_an_api_model_with_a_marker_has_the_shape_of_its_suffix() -> None:
    found = {suffix: roles(model(f"X{suffix}", '    """Table: orders"""\n' + FIELDS))[0][1] for suffix in SUFFIXES}
    assert found == {suffix: api_shape(f"X{suffix}") for suffix in SUFFIXES}


def test_a_row_model_outside_the_files_of_new_classes_is_no_removed_table() -> None:
    assert rules(run(catalog(), model("OrderRow"))) == []
    assert OPTIONS.paths.entities == "s/entities.py"
    assert q("orders") not in {b.object for b in run(catalog(), model("OrderRow")).report.bindings}


def test_the_report_counts_what_was_compared() -> None:
    tags = table("tags", "id int4", "name text")
    python = f"{model('OrderOut')}class Note(BaseModel):\n    text: str\n@dataclass\nclass Point:\n    x: int\n"
    for require, tables in (("declared", 1), ("all", 2)):
        report = run(catalog(ORDERS, tags, enums=[enum("mood", "a")]), python, require=require).report
        assert report.compared == (tables, tables - 1, 1)
        assert report.models_not_compared == 2
    assert coverage_line(report) == "compared: 2 tables, 1 enum, 1 class; not compared: 2 models"
    counted = msgspec.structs.replace(report, queries=Calls(certain=40, inferred=2, dynamic=1), sql_not_checked=1)
    queries = "queries: 40 certain, 2 inferred, 1 computed at run time"
    assert coverage_line(counted).split("; ")[2:] == [queries, "not checked: 1 SQL literal"]
    for part in coverage_line(counted).split("; "):
        assert f"\n- {part[0].upper()}{part[1:]}\n" in markdown.render(View(report=counted))
        named, _, figures = part.partition(": ")
        assert f"<dt>{named.capitalize()}</dt><dd>{figures}</dd>" in html.render(View(report=counted))
    assert msgspec.to_builtins(coverage(counted)) == {
        "tables": 2,
        "enums": 1,
        "classes": 1,
        "models_not_compared": 2,
        "queries": {"certain": 40, "inferred": 2, "dynamic": 1},
        "sql_not_checked": 1,
    }
