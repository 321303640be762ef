"""An expression of any depth, wherever a message quotes it, is quoted in part."""

from __future__ import annotations

import pytest

from schema_sync.codebase.reader import read_sources

DEEP = "-" * 900 + "x"
PLACES = {
    "base of a class": "class ItemRow({deep}):\n    '''Table: public.items'''\n    id: int\n",
    "base of a TypedDict": "from typing import TypedDict\nclass ItemRow(TypedDict, {deep}):\n    id: int\n",
    "base of a model": "from pydantic import BaseModel\nclass ItemRow(BaseModel, {deep}):\n    id: int\n",
    "base of an Enum": "from enum import Enum\nclass Mood(str, Enum, {deep}):\n    A = 'a'\n",
    "base of a mapped class": (
        "from sqlalchemy.orm import DeclarativeBase\nclass B(DeclarativeBase, {deep}): pass\n"
        "class Item(B):\n    __tablename__ = 'items'\n"
    ),
    "metaclass": "from enum import Enum\nclass Mood(str, Enum, metaclass={deep}):\n    A = 'a'\n",
    "call": "'''x'''\n# Table: public.items\nItemRow = ({deep})(1)\n",
    "name of a functional Enum": "from enum import Enum\nMood = Enum('Mood', [({deep}, 'a')])\n",
    "column of a table": (
        "import sqlalchemy as sa\nfrom sqlalchemy.orm import DeclarativeBase\nclass B(DeclarativeBase): pass\n"
        "class Item(B):\n    __table__ = sa.Table('items', B.metadata, sa.Column({deep}, sa.Integer))\n"
    ),
    "annotation of a mapped class": (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\nclass B(DeclarativeBase): pass\n"
        "class Item(B):\n    __tablename__ = 'items'\n    id: Mapped[{deep}] = mapped_column()\n    x: {deep}\n"
    ),
    "annotation of a model": "from pydantic import BaseModel\nclass ItemRow(BaseModel):\n    id: {deep}\n",
    "annotation": "from typing import TypedDict\nclass ItemRow(TypedDict):\n    id: {deep}\n",
    "default": "from dataclasses import dataclass\n@dataclass\nclass ItemRow:\n    id: int = {deep}\n",
    "decorator": "@{deep}\nclass ItemRow:\n    '''Table: public.items'''\n    id: int\n",
}


@pytest.mark.parametrize(
    "deep", [DEEP, "(" * 80 + "\n-x" + ")" * 80, "a" + "[0]" * 900, "f" + "()" * 900, "a + b", "a * b | c"]
)
@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_it_is_read_or_not_understood(text: str, deep: str) -> None:
    found = read_sources({"schemas/models.py": text.replace("{deep}", deep).encode()})
    whys = [each.why for each in (*found.unreadable, *found.unread)]
    whys += [each.unknown for each in (*found.rows, *found.enums)]
    assert all(len(why) < 300 for why in whys)
