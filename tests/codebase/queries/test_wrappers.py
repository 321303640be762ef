"""Calls of a project's own function, as the configuration describes it: what its URL parameters and rows mention."""

from __future__ import annotations

import pytest

from schema_sync.codebase.queries.reader import file_queries
from schema_sync.codebase.source_file import SourceFile
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import (
    Conflict,
    Dynamic,
    Embedded,
    Filter,
    Logic,
    Order,
    Payload,
    Query,
    Select,
)

SELECT = QueryWrapper(call="supabase.select", table=0, params="query")
UPSERT = QueryWrapper(call="rest.upsert", table="table", params=1, payload="json")


def read(code: str, *wrappers: QueryWrapper) -> Query:
    """The one query of *code*."""
    (found,) = file_queries(SourceFile.decode("main.py", code), wrappers).candidates
    return found.query


def test_each_parameter_is_a_part() -> None:
    query = read(
        'supabase.select("orders", query={"select": "id, total", "id": "eq.1", "total": f"gte.{low}",\n'
        '    "status": "not.in.(a,b)", "or": "(id.eq.1,total.gt.2)", "order": "total.desc", "limit": "3",\n'
        '    "notes.order": "id", "notes.limit": "1", "notes.or": "(id.eq.1)"})',
        SELECT,
    )
    assert (query.verb, query.name and query.name.value, query.certain) == ("select", "orders", False)
    select, one, low, status, either, order, inner, limit, inner_or = query.parts
    assert isinstance(select, Select)
    assert [text.value for text in select.columns] == ["id, total"]
    assert isinstance(one, Filter)
    assert (one.column.value, one.operator, one.values) == ("id", "eq", ("1",))
    assert isinstance(low, Filter)
    assert (low.column.value, low.operator, low.values) == ("total", "gte", None)
    assert isinstance(status, Filter)
    assert (status.operator, status.values) == ("in", None)
    assert isinstance(either, Logic)
    assert (either.text.value, either.of, either.in_brackets) == ("(id.eq.1,total.gt.2)", None, True)
    assert isinstance(order, Order)
    assert (order.column.value, order.of) == ("total.desc", None)
    assert isinstance(inner, Order)
    assert inner.of is not None
    assert inner.of.value == "notes"
    assert isinstance(limit, Embedded)
    assert limit.of.value == "notes"
    assert isinstance(inner_or, Logic)
    assert inner_or.of is not None


def test_rows_and_what_they_are_unique_by() -> None:
    query = read('rest.upsert("POST", {"on_conflict": "id"}, table="orders", json=[{"id": 1}, {"id": 2}])', UPSERT)
    conflict, payload = query.parts
    assert query.verb == "upsert"
    assert isinstance(conflict, Conflict)
    assert conflict.columns.value == "id"
    assert isinstance(payload, Payload)
    assert (payload.many, [[key.name for key in row.keys] for row in payload.rows]) == (True, [["id"], ["id"]])


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ("make()", "the parameters are not literals"),
        ("{} if x else make()", "the parameters are not literals"),
        ('{"select": columns()}', "the parameter select is not a literal"),
        ('{"order": by()}', "the parameter order is not a literal"),
        ('{"notes.or": either()}', "the parameter notes.or is not a literal"),
        ('{"select": "id", **more}', "the parameters are not all literals"),
    ],
)
def test_what_is_computed_is_said(params: str, why: str) -> None:
    query = read(f'supabase.select("orders", query={params})', SELECT)
    assert [part.why for part in query.parts if isinstance(part, Dynamic)] == [why]


def test_any_name_may_be_in_what_is_unpacked() -> None:
    query = read('supabase.select("orders", **options)', SELECT)
    assert [part.why for part in query.parts if isinstance(part, Dynamic)] == ["the parameters are not literals"]
    assert read('supabase.select("orders")', SELECT).parts == ()


def test_rows_that_are_computed_are_said() -> None:
    query = read('rest.upsert("POST", {}, table="orders", json=rows())', UPSERT)
    assert [(part.call, part.why) for part in query.parts if isinstance(part, Dynamic)] == [
        ("payload", "the rows are not literals")
    ]
    sent = QueryWrapper(call="rest.send", table=0, payload=1)
    assert read('rest.send("orders", rows())', sent).verb == "update"
    assert read('rest.send("orders")', sent).verb == "select"


@pytest.mark.parametrize(
    "code",
    [
        'other.select("orders", query={})',
        'supabase.selected("orders", query={})',
        'select("orders", query={})',
    ],
)
def test_other_functions_are_none(code: str) -> None:
    assert file_queries(SourceFile.decode("main.py", code), (SELECT,)).candidates == ()


def test_a_longer_dotted_name_ends_in_it() -> None:
    assert read('self.app.supabase.select("orders")', SELECT).parts == ()
