"""Classes that are right: nothing is built for them, and what they are judged with is exact."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from comparing import OPTIONS, catalog, pg, rules, run, table
from schema_sync.codebase.reader import read_sources
from schema_sync.compare import pairs
from schema_sync.compare.compare import compare
from schema_sync.model.catalog import Column
from schema_sync.model.declarations import RowDeclaration
from schema_sync.model.options import Reading

if TYPE_CHECKING:
    from schema_sync.model.catalog import Catalog

HEAD = "from enum import Enum\nfrom typing import Any, Literal, NotRequired, Optional, TypedDict\n"
NOTES = table("notes", "id int8", "title text?", "done bool", "extra jsonb?")
CLASS = '''
class NoteRow(TypedDict):
    """Table: public.notes"""
    id: int
    title: Optional[str]
    done: bool
    extra: dict[str, Any] | None
'''


def built(schema: Catalog, python: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> list[str]:
    """Return the classes for which a pair is built."""
    made: list[str] = []
    row = pairs.Pairing.row

    def noted(self: pairs.Pairing, binding: Any, declared: RowDeclaration, expected: Any) -> Any:
        made.extend([declared.name] if declared.name else [])
        return row(self, binding, declared, expected)

    monkeypatch.setattr(pairs.Pairing, "row", noted)
    codebase = read_sources({"s/all.py": HEAD + dedent(python)})
    reading = Reading(kind="dsn", describe="x")
    compare(schema, codebase, options=replace(OPTIONS, **options), lock=None, reading=reading)
    return made


class TestWhatIsSettled:
    @pytest.mark.parametrize(
        "python",
        [
            CLASS,
            CLASS.replace("Optional[str]", "str | None"),
            CLASS.replace("    id: int\n", "").rstrip() + "\n    id: int\n",  # the order is free
            CLASS.replace("    id: int\n", "    # of the row\n    id: int\n"),
            CLASS.replace("dict[str, Any] | None", "Any"),
            "NoteRow = TypedDict('NoteRow', {'id': int, 'title': str | None, 'done': bool, 'extra': dict | None})",
        ],
    )
    def test_a_class_that_is_right_has_no_pair(self, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
        assert built(catalog(NOTES), python, monkeypatch) == []

    @pytest.mark.parametrize(
        "python",
        [
            CLASS.replace("    done: bool\n", ""),
            CLASS + "    more: int\n",
            CLASS.replace("done: bool", "done: int"),
            CLASS.replace("Optional[str]", "str"),
            CLASS.replace("id: int", "id: Optional[int]"),
            CLASS.replace("id: int", "id: NotRequired[int]"),
            CLASS.replace("(TypedDict)", "(TypedDict, total=False)"),
            CLASS.replace("done: bool", "done: Literal[1, 0]"),
            "class Base(TypedDict):\n    id: int\n"
            + CLASS.replace("(TypedDict)", "(Base)").replace("    id: int\n", ""),
        ],
    )
    def test_any_other_has_one(self, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "NoteRow" in built(catalog(NOTES), python, monkeypatch)

    def test_where_comments_are_compared_all_have_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert built(catalog(NOTES), CLASS, monkeypatch, comments=True) == ["NoteRow"]


class TestOneKindOfColumn:
    """A class is settled by what was found for another with the same types: only if it really is the same."""

    TWO = catalog(table("a", "x bool"), table("b", "x bool"))

    @pytest.mark.parametrize("first", ["True, False", "1, 0"])
    def test_equal_literals_that_differ(self, first: str) -> None:
        second = {"True, False": "1, 0", "1, 0": "True, False"}[first]
        python = (
            f"class ARow(TypedDict):\n    x: Literal[{first}]\nclass BRow(TypedDict):\n    x: Literal[{second}]\n"
        )
        wrong = "a" if first == "1, 0" else "b"
        assert [found[:2] for found in rules(run(self.TWO, HEAD + python))] == [
            ("column-type-mismatch", f"{wrong}.x")
        ]

    def test_a_type_that_the_comment_of_one_column_chooses(self) -> None:
        chosen = Column(name="x", rank=1, type=pg("int8"), comment="@type(decimal.Decimal)")
        schema = catalog(table("a", "x int8"), table("b", chosen), table("c", "x int8"))
        python = "".join(f"class {name}Row(TypedDict):\n    x: int\n" for name in "ABC")
        assert [found[:2] for found in rules(run(schema, HEAD + python))] == [("column-type-mismatch", "b.x")]

    def test_a_type_that_the_configuration_chooses_for_one_column(self) -> None:
        schema = catalog(table("a", "x int8"), table("b", "x int8"))
        python = "class ARow(TypedDict):\n    x: int\nclass BRow(TypedDict):\n    x: int\n"
        found = run(schema, HEAD + python, types={"public.b.x": "str"})
        assert [each[:2] for each in rules(found)] == [("column-type-mismatch", "b.x")]

    def test_a_column_of_a_view_that_is_said_to_be_never_null(self) -> None:
        schema = catalog(table("a", "x int8?", kind="view"), table("b", "x int8?", kind="view"))
        python = "class ARow(TypedDict):\n    x: int | None\nclass BRow(TypedDict):\n    x: int | None\n"
        found = run(schema, HEAD + python, not_null=("public.b.x",))
        assert [each[:2] for each in rules(found)] == [("column-nullability-mismatch", "b.x")]
