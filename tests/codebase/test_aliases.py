"""The recursive aliases of exact precision: read back with their arguments, and written once."""

from __future__ import annotations

import pytest

from schema_sync.codebase.reader import read_sources
from schema_sync.codebase.writer import apply
from schema_sync.errors import WriteError
from schema_sync.model.declarations import PyType
from schema_sync.model.edits import AddAlias, AddRow, NewItem

ALIASES = """\
from typing import TypeVar, Union

from typing_extensions import TypeAliasType

T = TypeVar("T")
K = TypeVar("K")
Json = TypeAliasType("Json", "Union[dict[str, Json], list[Json], str, int, float, bool, None]")
Array = TypeAliasType("Array", "list[Union[T, Array[T], None]]", type_params=(T,))
Piped = TypeAliasType("Piped", "list[T | Piped[T] | None]", type_params=(T,))
Pair = TypeAliasType("Pair", dict[K, T], type_params=(K, T))
Loop = TypeAliasType("Loop", "Loop")
Ring = TypeAliasType("Ring", "Union[int, Chain]")
Chain = TypeAliasType("Chain", "list[Ring]")
"""


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Array[int]", "list[int | None]"),
        ("Array[Array[str]]", "list[list[str | None] | None]"),
        ("Array[Literal['a', 'b']]", "list[Literal['a', 'b'] | None]"),
        ("Piped[int]", "list[int | None]"),
        ("Array[int] | None", "list[int | None] | None"),
        ("Pair[str, int]", "dict[str, int]"),
        ("Json", "dict[str, Any] | list[Any] | str | int | float | bool | None"),
        ("Array[Json]", "list[dict[str, Any] | list[Any] | str | int | float | bool | None]"),
        ("Loop", "Any"),
        ("Ring", "int | list[?]"),
    ],
)
def test_aliases_are_read_with_their_arguments(annotation: str, expected: str) -> None:
    code = f"from typing import Literal, TypedDict\nfrom a import *\nclass R(TypedDict):\n    k: {annotation}\n"
    codebase = read_sources({"a.py": ALIASES, "r.py": code})
    assert str(codebase.rows[0].items[0].type) == expected


def test_the_aliases_are_among_what_a_codebase_declares() -> None:
    codebase = read_sources({"a.py": ALIASES + "x = y[0]\nclass C: pass\nZ = int\n"})
    assert {"a.py:Json", "a.py:Array", "a.py:Pair"} <= codebase.aliases.keys()
    assert not {"a.py:x", "a.py:C", "a.py:T"} & codebase.aliases.keys()
    assert codebase.opaque == 0


def alias(name: str) -> AddAlias:
    return AddAlias(path="a.py", declaration=name)


def written(before: str | None, *names: str) -> str:
    source = None if before is None else before.encode()
    return apply({"a.py": source}, [alias(name) for name in names])["a.py"].decode()


JSON = 'Json = TypeAliasType(\n    "Json", "Union[dict[str, Json], list[Json], str, int, float, bool, None]"\n)\n'
ARRAY = 'Array = TypeAliasType("Array", "list[Union[T, Array[T], None]]", type_params=(T,))\n'
HEAD = "from typing import TypeVar, Union\n\nfrom typing_extensions import TypeAliasType\n\n"


def test_a_new_file() -> None:
    text = written(None, "Json", "Array")
    assert text == f'"""Database types."""\n\n{HEAD}{JSON}\nT = TypeVar("T")\n\n{ARRAY}'


def test_a_file_that_has_one_gets_the_other() -> None:
    first = written(None, "Json")
    assert "TypeVar" not in first
    second = written(first, "Array")
    assert JSON in second
    assert second.endswith(f'\n\nT = TypeVar("T")\n\n{ARRAY}')


def test_names_that_are_taken() -> None:
    text = written("import typing as t\nfrom typing import TypeAliasType\n\nT = 1\n", "Array")
    assert '_T = t.TypeVar("_T")\n\n' in text
    assert 'Array = TypeAliasType("Array", "list[t.Union[_T, Array[_T], None]]", type_params=(_T,))\n' in text
    assert "typing_extensions" not in text
    with pytest.raises(WriteError, match="something called Json already"):
        written("Json = dict\n", "Json")


def row(name: str, *names: str, extensions: bool = True) -> AddRow:
    items = tuple(NewItem(key=f"k{i}", type=PyType(name=n)) for i, n in enumerate(names))
    return AddRow(
        path="r.py", declaration=name, marker=f"Type: public.{name.lower()}", items=items, extensions=extensions
    )


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("", "from typing_extensions import TypedDict\n"),
        ("from typing import TypedDict\n", "from typing import TypedDict\n"),
        ("from typing import Any\n", "from typing_extensions import TypedDict\n"),
    ],
)
def test_where_a_typed_dict_comes_from(before: str, line: str) -> None:
    text = apply({"r.py": before.encode()}, [row("A")])["r.py"].decode()
    assert line in text
    assert text.count("TypedDict\n") == 1


def test_classes_stand_behind_those_they_name() -> None:
    edits = [row("A", "r.py:C", "r.py:B"), row("B", "r.py:C"), row("C", "other.py:A"), row("D", "r.py:D")]
    text = apply({"r.py": None}, edits)["r.py"].decode()
    places = [text.index(f"class {name}(") for name in "CBAD"]
    assert places == sorted(places)
    assert '    k0: "D"\n' in text
