"""Filters, ``or`` and orders, held against PostgREST's documentation and the examples in its parser's comments."""

from __future__ import annotations

import pytest

from schema_sync.queries.filters import conditions, filter_column, operator_name, order_columns
from schema_sync.queries.select_lists import GrammarError

_AGES = (("eq", "14"), ("gte", "11"), ("lte", "17"))


class TestColumns:
    @pytest.mark.parametrize(
        ("text", "embeds", "name", "path"),
        [
            ("age", [], "age", False),
            ("author.name", ["author"], "name", False),
            ("a.b.c", ["a", "b"], "c", False),
            ("data->>kind", [], "data", True),
            ("author.data->a->>b", ["author"], "data", True),
            ("languages->0", [], "languages", True),
            ('"a.b"', [], "a.b", False),
            ("my column", [], "my column", False),
        ],
    )
    def test_one_is_read(self, text: str, embeds: list[str], name: str, path: bool) -> None:
        column = filter_column(text)
        assert ([each.text for each in column.embeds], column.name.text, column.path) == (embeds, name, path)
        assert text[column.name.start : column.name.end].strip('"') == name

    @pytest.mark.parametrize("text", ["", "a.", ".a", "a(b)", "data['x']", "a->", "a=b", "a,b"])
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(GrammarError):
            filter_column(text)


class TestOperators:
    @pytest.mark.parametrize(
        "text",
        [
            *("eq", "gt", "gte", "lt", "lte", "neq", "like", "ilike", "match", "imatch", "in", "is", "isdistinct"),
            *("fts", "plfts", "phfts", "wfts", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"),
        ],
    )
    def test_each_of_the_documentation_is_known(self, text: str) -> None:
        assert operator_name(text) == text
        assert operator_name(f"not.{text}") == text

    @pytest.mark.parametrize(
        ("text", "name"),
        [("eq(any)", "eq"), ("like(all)", "like"), ("not.gte(any)", "gte"), ("fts(english)", "fts")],
    )
    def test_one_may_have_brackets(self, text: str, name: str) -> None:
        assert operator_name(text) == name

    @pytest.mark.parametrize(
        "text",
        [
            *("", "noop", "=", ">", "EQ", "equals", "contains", "in_", "not", "not.", "eq()", "eq(some)", "fts()"),
            *("is(any)", "in(any)", "neq(any)", "cs(any)", "eq.x", "not.not.eq"),
        ],
    )
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(GrammarError):
            operator_name(text)


def read(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (each.column.name.text, each.operator, tuple(value.text for value in each.values))
        for each in conditions(text)
    ]


class TestLogic:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("age.lt.18,age.gt.21", [("age", "lt", ("18",)), ("age", "gt", ("21",))]),
            (
                "grade.gte.90,and(age.gt.14,student.is.true)",
                [("grade", "gte", ("90",)), ("age", "gt", ("14",)), ("student", "is", ("true",))],
            ),
            ("age.eq.14,not.and(age.gte.11,age.lte.17)", [("age", o, (v,)) for o, v in _AGES]),
            ("age.not.in.(1,2)", [("age", "in", ("1", "2"))]),
            ('id.in.("a,b","c(d)",e)', [("id", "in", ("a,b", "c(d)", "e"))]),
            ("last_name.like(any).{O*,P*}", [("last_name", "like", ("{O*,P*}",))]),
            ('name.eq."with \\"quotes\\", and commas"', [("name", "eq", ('with "quotes", and commas',))]),
            ('name.eq."quoted"then', [("name", "eq", ('"quoted"then',))]),
            ("data->>kind.eq.x", [("data", "eq", ("x",))]),
            ("note.is.null,note.is.NOT_NULL", [("note", "is", ("null",)), ("note", "is", ("NOT_NULL",))]),
            ("a.eq.b.c.d", [("a", "eq", ("b.c.d",))]),
            ("a.eq.", [("a", "eq", ("",))]),
            ("tags.cs.{a,b},x.eq.1", [("tags", "cs", ("{a,b}",)), ("x", "eq", ("1",))]),
            ("and.eq.1,or.eq.2", [("and", "eq", ("1",)), ("or", "eq", ("2",))]),
            (" a.eq.1 , b.eq.2", [("a", "eq", ("1 ",)), ("b", "eq", ("2",))]),
            ("or(a.eq.1,or(b.eq.2,and(c.eq.3)))", [("a", "eq", ("1",)), ("b", "eq", ("2",)), ("c", "eq", ("3",))]),
            ("name.fts(english).cat", [("name", "fts", ("cat",))]),
        ],
    )
    def test_conditions_are_read(self, text: str, found: list[object]) -> None:
        assert read(text) == found

    @pytest.mark.parametrize(
        "text",
        [
            *("", "a", "a.eq", "a.noop.1", "id.in.1,2", "(a.eq.1)", "and()", "ord(a.eq.1)", "not.xor(a.eq.1)"),
            *("a.eq.1,", "a.eq.1)", "and(a.eq.1", "a.is.empty", "a eq 1", "a.in.(1", ")("),
        ],
    )
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(GrammarError):
            conditions(text)

    def test_brackets_belong_to_it_in_a_parameter(self) -> None:
        assert len(conditions("(a.eq.1,b.eq.2)", in_brackets=True)) == 2
        with pytest.raises(GrammarError):
            conditions("a.eq.1", in_brackets=True)

    def test_values_have_places(self) -> None:
        text = 'a.eq.x,b.in.(y,"z z"),or(c.is.null)'
        values = [value for each in conditions(text) for value in each.values]
        assert [text[value.start : value.end] for value in values] == ["x", "y", '"z z"', "null"]

    def test_columns_have_places(self) -> None:
        text = "and(total.eq.1, notes->>a.eq.2)"
        assert [text[c.column.name.start : c.column.name.end] for c in conditions(text)] == ["total", "notes"]

    def test_brackets_are_counted(self) -> None:
        with pytest.raises(GrammarError, match="more than 100 brackets"):
            conditions("and(" * 200 + "a.eq.1" + ")" * 200)


class TestOrders:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("age.desc,height.asc", [("", "age"), ("", "height")]),
            ("age", [("", "age")]),
            ("age.nullsfirst", [("", "age")]),
            ("name.desc.nullsfirst", [("", "name")]),
            ("json_col->key.asc.nullslast", [("", "json_col")]),
            ("clients(json_col->key).desc.nullsfirst", [("clients", "json_col")]),
            ("name,clients(name),id", [("", "name"), ("clients", "name"), ("", "id")]),
            ("my column.desc", [("", "my column")]),
        ],
    )
    def test_columns_are_read(self, text: str, found: list[tuple[str, str]]) -> None:
        columns = order_columns(text)
        assert [("".join(e.text for e in each.embeds), each.name.text) for each in columns] == found

    @pytest.mark.parametrize(
        "text",
        [
            *("", "id.ac", "id.descc", "id.nulsfist", "id.nullslasttt", "id.asc.nlsfst", "id.asc.smth34", "id,"),
            *("clients(name,id)", "id desc.asc(", "total.desc.asc"),
        ],
    )
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(GrammarError):
            order_columns(text)
