"""A codebase comes out of the parse cache as it went in."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from schema_sync.codebase.kept_codebase import KeptCodebase
from schema_sync.codebase.reader import read_sources

CODE = '''from typing import Literal, NotRequired, Optional, TypedDict
from pydantic import BaseModel
Flag = list[Literal["on", "off"]]

class ARow(TypedDict):
    """Table: public.a"""
    one: Literal[True]
    # above
    two: Literal[1]; three: Optional[list[str]]

class BRow(ARow):
    four: int

class CRow(TypedDict, total=False):
    five: int

class DRow(TypedDict):
    six: NotRequired[int]

class ERow(TypedDict):
    flag: Flag

class Nothing(TypedDict): ...

class Outer:
    class InnerRow(TypedDict):
        seven: int

F = TypedDict("F", {"a b": int, "c": Literal[1]})

class Model(BaseModel):
    eight: int = 3
'''


def restored(kept: KeptCodebase) -> str:
    """Return the codebase as text: Python holds Literal[True] and Literal[1] to be equal."""
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=KeptCodebase)
    codebase = again.restored()
    return repr((codebase, [row.items for row in codebase.rows]))


def test_all_kinds_of_classes_come_back() -> None:
    codebase = read_sources({"s/all.py": CODE, "s/empty.py": ""})
    assert {row.name: bool(row.plain) for row in codebase.rows} == {
        "ARow": True,
        "BRow": False,
        "CRow": False,
        "DRow": False,
        "ERow": False,
        "Nothing": False,
        "Outer.InnerRow": True,
        "F": True,
        "Model": False,
    }
    kept = KeptCodebase.of(codebase)
    assert restored(kept) == repr((codebase, [row.items for row in codebase.rows]))


def test_items_have_their_places_and_comments() -> None:
    row = read_sources({"s/all.py": CODE}).by_id["s/all.py:ARow"]
    places = [(item.key, item.at.line, item.at.column, item.comments, item.owner) for item in row.items]  # type: ignore[union-attr]
    assert places == [
        ("one", 7, 5, (), "ARow"),
        ("two", 9, 5, ("above",), "ARow"),
        ("three", 9, 22, (), "ARow"),
    ]


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "cases/atoms/schemas").rglob("*.py")), ids=str
)
def test_real_files_come_back(path: Path) -> None:
    codebase = read_sources({"s/all.py": path.read_bytes()})
    assert restored(KeptCodebase.of(codebase)) == repr((codebase, [row.items for row in codebase.rows]))
