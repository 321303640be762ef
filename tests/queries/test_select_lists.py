"""Select lists, held against PostgREST's documentation and the examples in its own parser's comments."""

from __future__ import annotations

import pytest

from schema_sync.queries.select_lists import (
    Embed,
    Field,
    GrammarError,
    Name,
    column_names,
    select_list,
    without_blanks,
)


def plain(item: Field | Embed) -> object:
    """An item without places: a field as its own notation, an embed as (alias, target, hint, spread, items)."""
    if isinstance(item, Embed):
        items = [plain(each) for each in item.items]
        return (item.alias, item.target.text, item.hint.text if item.hint else "", item.spread, items)
    path = "->" if item.path else ""
    cast = f"::{item.cast}" if item.cast else ""
    aggregate = f".{item.aggregate}()" if item.aggregate else ""
    return f"{item.alias}:{item.name.text}{path}{aggregate}{cast}".removeprefix(":")


def read(text: str) -> list[object]:
    return [plain(each) for each in select_list(text)]


class TestFields:
    @pytest.mark.parametrize(
        ("text", "fields"),
        [
            ("id", ["id"]),
            ("*", ["*"]),
            ("", []),
            ("first_name,age", ["first_name", "age"]),
            ("fullName:full_name,birthDate:birth_date", ["fullName:full_name", "birthDate:birth_date"]),
            ("full_name,salary::text", ["full_name", "salary::text"]),
            ("alias:name->jsonpath::cast", ["alias:name->::cast"]),
            ("id,json_data->>blood_type,json_data->phones", ["id", "json_data->", "json_data->"]),
            ("id,json_data->phones->0->>number", ["id", "json_data->"]),
            ("primary_language:languages->0", ["primary_language:languages->"]),
            ("data->>-1", ["data->"]),
            ("name->!@#$%^&*_a", ["name->"]),
            ("identifier with spaces", ["identifier with spaces"]),
            ("identifier-with-dashes", ["identifier-with-dashes"]),
            ("123,_,$", ["123", "_", "$"]),
            ('" leading and trailing "', [" leading and trailing "]),
            ('":",",","(a)"', [":", ",", "(a)"]),
            (r'"with \"quotes\" and \\"', ['with "quotes" and \\']),
            ("größe,名前", ["größe", "名前"]),
            ("count", ["count"]),
            ("count()", ["*.count()"]),
            ("total:count()", ["total:*.count()"]),
            ("amount.sum()", ["amount.sum()"]),
            ("amount.sum()::int", ["amount.sum()::int"]),
            ("amount::float.avg()", ["amount.avg()::float"]),
            ("a.max(),a.min(),a.count(),a.avg()", ["a.max()", "a.min()", "a.count()", "a.avg()"]),
            ("average:order_details->tax_amount::numeric.avg()", ["average:order_details->.avg()::numeric"]),
            (" id ,\ttitle ", ["id", "title"]),
        ],
    )
    def test_one_is_read(self, text: str, fields: list[str]) -> None:
        assert read(text) == fields

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("id", "id"),
            ("other:id", "other"),
            ("data->>kind", "kind"),
            ("data->a->>b", "b"),
            ("data->1", "data"),
            ("data->1->mycol->>2", "mycol"),
            ("data->>-3", "data"),
            ('data->>"with blank"', "with blank"),
            ("data->1abc", "1abc"),
            ("amount.sum()", "sum"),
            ("count()", "count"),
            ("x:amount.sum()", "x"),
            ("amount::text", "amount"),
        ],
    )
    def test_it_has_a_key_in_the_result(self, text: str, key: str) -> None:
        assert select_list(text)[0].result == key

    @pytest.mark.parametrize(
        ("text", "offset"),
        [
            ("name!hint", 4),
            ("*!hint", 1),
            ("name::", 6),
            ("id,", 3),
            (",id", 0),
            ("id,,name", 3),
            ("id;name", 2),
            ("data->>-78xy", 7),
            ("data->>--34", 7),
            ("data->>-xy-4", 7),
            ("data->", 6),
            ("id.median()", 3),
            ("id.sum", 3),
            ("id.", 3),
            ("count(*)", 5),
            ('"open', 0),
            ("name.sum().avg()", 10),
            (":", 0),
            ("a:b:c", 3),
        ],
    )
    def test_one_that_is_none_is_refused(self, text: str, offset: int) -> None:
        with pytest.raises(GrammarError) as caught:
            select_list(text)
        assert caught.value.offset == offset
        assert str(caught.value) == caught.value.why != ""


class TestEmbeds:
    @pytest.mark.parametrize(
        ("text", "embed"),
        [
            ("rel(*)", ("", "rel", "", False, ["*"])),
            ("alias:rel(*)", ("alias", "rel", "", False, ["*"])),
            ("rel!hint(*)", ("", "rel", "hint", False, ["*"])),
            ("rel!inner(*)", ("", "rel", "", False, ["*"])),
            ("rel!left(*)", ("", "rel", "", False, ["*"])),
            ("rel!hint!inner(*)", ("", "rel", "hint", False, ["*"])),
            ("alias:rel!inner!hint(*)", ("alias", "rel", "hint", False, ["*"])),
            ("...rel(*)", ("", "rel", "", True, ["*"])),
            ("...rel!hint!inner(a,b)", ("", "rel", "hint", True, ["a", "b"])),
            ("rel()", ("", "rel", "", False, [])),
            ("rel ( a , b )", ("", "rel", "", False, ["a", "b"])),
            ("rel(count)", ("", "rel", "", False, ["count"])),
            ("rel(count())", ("", "rel", "", False, ["*.count()"])),
            ('"my table"!"a key"(*)', ("", "my table", "a key", False, ["*"])),
            ("client(*,nested(*))", ("", "client", "", False, ["*", ("", "nested", "", False, ["*"])])),
        ],
    )
    def test_one_is_read(self, text: str, embed: object) -> None:
        assert read(text) == [embed]

    def test_several(self) -> None:
        embed = ("", "client", "", True, ["*"])
        assert read("*,...client(*),other(*)") == ["*", embed, ("", "other", "", False, ["*"])]

    @pytest.mark.parametrize(
        ("text", "offset"),
        [
            ("rel->path(*)", 9),
            ("rel->path!hint(*)", 14),
            ("...rel->path(*)", 6),
            ("...rel", 6),
            ("alias:...rel(*)", 6),
            ("rel(a", 3),
            ("rel(a))", 6),
            ("id,clients(name[])", 15),
            ("rel!(a)", 4),
            ("rel!a!b!c(*)", 3),
        ],
    )
    def test_one_that_is_none_is_refused(self, text: str, offset: int) -> None:
        with pytest.raises(GrammarError) as caught:
            select_list(text)
        assert caught.value.offset == offset

    def test_brackets_are_counted(self) -> None:
        assert select_list("a(" * 100 + "id" + ")" * 100)
        with pytest.raises(GrammarError, match="more than 100 brackets"):
            select_list("a(" * 101 + "id" + ")" * 101)


class TestPlaces:
    def test_of_fields(self) -> None:
        first, second, third = select_list('id, "my name" ,x:total::int')
        assert isinstance(first, Field)
        assert isinstance(second, Field)
        assert isinstance(third, Field)
        assert first.name == Name("id", 0, 2)
        assert second.name == Name("my name", 4, 13)
        assert third.name == Name("total", 17, 22)

    def test_of_embeds(self) -> None:
        (embed,) = select_list("a:author!key(name)")
        assert isinstance(embed, Embed)
        assert embed.target == Name("author", 2, 8)
        assert embed.hint == Name("key", 9, 12)
        inner = embed.items[0]
        assert isinstance(inner, Field)
        assert inner.name == Name("name", 13, 17)


class TestBlanks:
    """supabase-py takes them out before it sends a list."""

    @pytest.mark.parametrize(
        ("text", "sent", "offsets"),
        [
            ("id, x", "id,x", [0, 1, 2, 4, 5]),
            ("", "", [0]),
            ("\n a\u00a0b\n", "ab", [2, 4, 6]),
            ('"a b" c', '"a b"c', [0, 1, 2, 3, 4, 6, 7]),
        ],
    )
    def test_those_outside_of_quotes_go(self, text: str, sent: str, offsets: list[int]) -> None:
        assert without_blanks(text) == (sent, offsets)


class TestNames:
    def test_several_have_commas_between_them(self) -> None:
        assert [each.text for each in column_names('a,b c, "d,e"')] == ["a", "b c", "d,e"]

    @pytest.mark.parametrize("text", ["", "a,", "(a,b)", "a;b", "a->b"])
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(GrammarError):
            column_names(text)
