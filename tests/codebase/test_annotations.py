"""Annotations → PyType: rows of (annotation, type as text), read through a module with every kind of name."""

from __future__ import annotations

import pytest

from schema_sync.codebase.reader import read_sources
from schema_sync.model.declarations import Item, PyType

PRELUDE = """
import collections.abc
import datetime
import decimal as dec
import typing
import typing as t
import uuid
from datetime import date, datetime as moment
from enum import Enum
from ipaddress import IPv4Address
from typing import *
from typing_extensions import Annotated as Noted, ReadOnly as Frozen, NotRequired

from pydantic import EmailStr
from pydantic import types as pyd
import numpy as np

class Mood(str, Enum):
    HAPPY = "happy"

class Other:
    pass

class Outer:
    class Inner(TypedDict):
        x: int

class Box(TypedDict, Generic["T"]):
    x: int

T = TypeVar("T")
UserId = NewType("UserId", int)
Later = NewType("Later", "uuid.UUID")
Broken = NewType("Broken")
Size = Literal["s", "m"]
Count = Literal[1, 2]
Number: t.TypeAlias = "int | float"
Quoted: "TypeAlias" = "uuid.UUID"
Names = List[str]
Maybe = Optional[T]
Chain = Names
Loop = Loop
Ping = Pong
Pong = Ping
Json = Union[Dict[str, "Json"], List["Json"], str, None]
Nothing = None
variable: int = 5
called: int = len("x")
text = "int"
pair = other = int
(one, two) = 1, 2
Made = len("x")


def function(): ...
"""

ROWS = [
    ("int", "int"),
    ("None", "None"),
    ("object", "object"),
    ("list", "list"),
    ("List", "list"),
    ("dict[str, Any]", "dict[str, Any]"),
    ("Dict[str, t.Any]", "dict[str, Any]"),
    ("typing.Dict", "dict"),
    ("Tuple[int, ...]", "tuple[int, ...]"),
    ("tuple[()]", "tuple"),
    ("Set[int]", "set[int]"),
    ("FrozenSet[int]", "frozenset[int]"),
    ("Type[int]", "type[int]"),
    ("Text", "str"),
    ("Optional[str]", "str | None"),
    ("Optional['str']", "str | None"),
    ("typing.Optional[typing.List[int]]", "list[int] | None"),
    ("Union[None, str, int]", "str | int | None"),
    ("Union[str]", "str"),
    ("None | str | 'int'", "str | int | None"),
    ("str | Optional[str]", "str | None"),
    ("'str | None'", "str | None"),
    ("'''\n    str |\n    None\n    '''", "str | None"),
    ("\"'str'\"", "str"),
    ("uuid.UUID", "uuid.UUID"),
    ("datetime.datetime", "datetime.datetime"),
    ("moment", "datetime.datetime"),
    ("date", "datetime.date"),
    ("dec.Decimal", "decimal.Decimal"),
    ("IPv4Address", "ipaddress.IPv4Address"),
    ("Sequence[str]", "collections.abc.Sequence[str]"),
    ("collections.abc.Sequence[str]", "collections.abc.Sequence[str]"),
    ("Mapping[str, object]", "collections.abc.Mapping[str, object]"),
    ("AbstractSet[int]", "collections.abc.Set[int]"),
    ("Callable[[int], str]", "collections.abc.Callable"),
    ("DefaultDict[str, int]", "collections.defaultdict[str, int]"),
    ("Annotated[int, 'metadata']", "int"),
    ("Noted[Optional[int], EmailStr]", "int | None"),
    ("list[Annotated[int, 1]]", "list[int]"),
    ("Literal['a', 'b']", "Literal['a', 'b']"),
    ("Literal['a', 'a', 1, True, -1]", "Literal['a', 1, True, -1]"),
    ("Literal['a', None]", "Literal['a'] | None"),
    ("Literal[None]", "None"),
    ("Literal[Count, 3]", "Literal[1, 2, 3]"),
    ("Literal[Literal[None], 3]", "Literal[3] | None"),
    ("Mood", "Mood"),
    ("Optional['Mood']", "Mood | None"),
    ("Size", "Size"),
    ("Outer.Inner", "Outer.Inner"),
    ("Box[int]", "Box[int]"),
    ("UserId", "int"),
    ("Later", "uuid.UUID"),
    ("Number", "int | float"),
    ("Quoted", "uuid.UUID"),
    ("Names", "list[str]"),
    ("Chain", "list[str]"),
    ("Maybe[int]", "? | None"),
    ("dict[UserId, UserId]", "dict[int, int]"),
    ("pair", "int"),
    ("other", "int"),
    ("Json", "dict[str, ?] | list[?] | str | None"),
]

OPAQUE = [
    "Unknown",
    "Unknown.name",
    "EmailStr",
    "EmailStr[int]",
    "pyd.EmailStr",
    "np.int64",
    "datetime",
    "typing",
    "T",
    "Other",
    "Outer.Missing",
    "Mood.HAPPY",
    "function",
    "variable",
    "called",
    "text",
    "one",
    "Nothing",
    "Loop",
    "Ping",
    "Made",
    "Broken",
    "any",
    "Optional",
    "Union",
    "Literal",
    "Annotated",
    "Required",
    "AnyStr",
    "Literal[Mood.HAPPY]",
    "Literal[b'x']",
    "Literal[1.5]",
    "Literal[-1.5]",
    "Literal[~1]",
    "Literal[()]",
    "Optional[()]",
    "Required[()]",
    "'not python ('",
    "list['not python (']",
    "'int; str'",
    "'x = 1'",
    "'\\0'",
    "5",
    "...[int]",
    "[int]",
    "int if x else str",
    "int & str",
    "f().x",
]


def item(annotation: str, *, total: bool = True) -> Item:
    source = f"{PRELUDE}\nclass Row(TypedDict, total={total}):\n    x: {annotation}\n"
    codebase = read_sources({"schemas/rows.py": source})
    assert codebase.unreadable == ()
    return next(row for row in codebase.rows if row.name == "Row").items[0]


@pytest.mark.parametrize(("annotation", "expected"), ROWS)
def test_types(annotation: str, expected: str) -> None:
    assert str(item(annotation).type) == expected


@pytest.mark.parametrize("annotation", OPAQUE)
def test_what_cannot_be_resolved_is_opaque(annotation: str) -> None:
    found = item(annotation).type
    assert found == PyType(name="?") or (annotation.startswith("list") and found.args == (PyType(name="?"),))


def test_classes_of_the_codebase_are_named_by_their_id() -> None:
    assert item("Mood").type == PyType(name="schemas/rows.py:Mood")
    assert item("Size").type == PyType(name="schemas/rows.py:Size")
    assert item("Outer.Inner").type == PyType(name="schemas/rows.py:Outer.Inner")


def test_literals_keep_their_values_apart() -> None:
    assert item("Literal[1, True]").type.literals == (1, True)


QUALIFIED = [
    ("int", None, True, False),
    ("Required[int]", "required", True, True),
    ("NotRequired[int]", "not_required", False, False),
    ("Frozen[int]", None, True, False),
    ("Frozen[NotRequired[int]]", "not_required", False, False),
    ("NotRequired[Frozen[int]]", "not_required", False, False),
    ("Annotated[Required[int], 1]", "required", True, True),
    ("Required[Annotated[int, 1]]", "required", True, True),
    ("'Required[int]'", "required", True, True),
    ("Required['int']", "required", True, True),
    ("Required['(']", "required", True, True),
]


@pytest.mark.parametrize(("annotation", "qualifier", "in_total", "in_partial"), QUALIFIED)
def test_qualifiers(annotation: str, qualifier: str | None, in_total: bool, in_partial: bool) -> None:
    total, partial = item(annotation), item(annotation, total=False)
    assert (total.qualifier, total.required, partial.required) == (qualifier, in_total, in_partial)
    assert total.type == PyType(name="?" if "(" in annotation else "int")


def test_a_long_union_is_read_without_recursion() -> None:
    assert str(item(" | ".join(["int", "str"] * 900)).type) == "int | str"


def test_aliases_nested_too_deeply_are_opaque() -> None:
    aliases = "\n".join(f"A{n} = List['A{n + 1}']" for n in range(2000))
    source = f"from typing import *\n{aliases}\nclass Row(TypedDict):\n    x: A0\n"
    (row,) = read_sources({"a.py": source}).rows
    assert str(row.items[0].type).endswith("list[?" + "]" * 50)


def test_one_spelling_means_two_things_in_two_modules() -> None:
    rows = "from typing import TypedDict\nfrom {} import {} as Value\nclass Row(TypedDict):\n    x: Value\n"
    sources = {"a.py": rows.format("uuid", "UUID"), "b.py": rows.format("decimal", "Decimal")}
    assert [str(row.items[0].type) for row in read_sources(sources).rows] == ["uuid.UUID", "decimal.Decimal"]


def test_opaque_counts_own_annotations() -> None:
    classes = "class A(TypedDict):\n x: EmailStr\n y: list[Unknown]\n z: int\nclass B(A):\n w: Any\n"
    assert read_sources({"a.py": f"{PRELUDE}\n{classes}"}).opaque == 2
