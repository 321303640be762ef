"""Values of Enums: what the reader tells is what Python makes of the class, and what it cannot tell it says."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest

from schema_sync.codebase.reader import read_sources
from schema_sync.model.declarations import EnumDeclaration

HEAD = "import enum\nfrom dataclasses import dataclass\nfrom enum import *\nfrom enum import member, nonmember\nfrom typing import Final\n"
LOWER = "class Lower(str, Enum):\n @staticmethod\n def _generate_next_value_(name, start, count, last_values): return name.lower()\n"
TOLD = {
    "a constant": "X = 'x'\nclass E(Enum):\n A = X\n",
    "a final constant": "X: Final = 'x'\nclass E(str, Enum):\n A = X\n B = X + 'y'\n",
    "an attribute": "class X:\n A = 'x'\nclass E(Enum):\n A = X.A\n",
    "a constant of a constant": "W = 'w'\nX = W\nclass E(Enum):\n A = X\n",
    "f-strings": "X = 'x'\nclass E(Enum):\n A = f'{X}y'\n B = f'plain'\n",
    "methods": "class E(Enum):\n A = 'X'.lower()\n B = ' y '.strip().upper()\n",
    "names of the body": "class E(Enum):\n _ignore_ = 'p'\n p = 'x.'\n A = p + 'a'\n B = A\n",
    "auto of a StrEnum": "class E(StrEnum):\n A_B = auto()\n C = 'x'\n",
    "auto of an own method": LOWER + "class E(Lower):\n A_B = auto()\n",
    "auto through a base": LOWER + "class Middle(Lower): ...\nclass E(Middle):\n A_B = auto()\n",
    "auto of its own class": "class E(StrEnum):\n def _generate_next_value_(name, *rest):\n  'The name.'\n  return f'app.{name}'\n A = auto()\n",
    "auto of numbers beside texts": "class E(Enum):\n A = auto()\n B = 'b'\n",
    "a value set by __new__": (
        "class E(str, Enum):\n A = 'a', 1\n B = 'b', 2\n"
        " def __new__(cls, text, rank):\n  made = str.__new__(cls, text)\n  made._value_ = text\n  return made\n"
    ),
    "a value set by __init__": "class E(Enum):\n A = 1, 'a'\n def __init__(self, rank, text):\n  self._value_ = text\n",
    "an __init__ that sets none": "class E(Enum):\n A = 'a'\n def __init__(self, text):\n  self.shown = text.title()\n",
    "members and others": (
        "class E(Enum):\n A = member('a')\n b = nonmember('b')\n c = lambda self: 1\n __d = 1\n D = None\n"
        " @property\n def shown(self): return self.name\n @classmethod\n def _missing_(cls, value): return cls.A\n"
    ),
    "mixins": "class Shown:\n def shown(self): return 1\nclass E(Shown, str, Enum):\n A = 'a'\n",
    "list": "F = StrEnum('F', ['A', 'B'])\n",
    "text": "E = StrEnum('E', 'A, B')\nF = StrEnum('F', 'A B', module=__name__)\n",
    "pairs": "E = Enum('E', [('A', 'a'), ['B', 'b']])\nF = Enum('F', (('A', 'a'),), type=str)\n",
    "dict": "E = Enum('E', {'A': 'a', 'B': 'b'})\nF = enum.Enum(value='F', names={'A': 'a'})\n",
    "own class": LOWER + "E = Lower('E', ['A', 'B'])\nF = Lower('F', {'A': 'x'})\n",
    "unpacked": "class E(Enum):\n A, B = 'a', 'b'\n",
}


def python(source: str) -> dict[str, list[tuple[str, object]]]:
    """Return the members that Python makes, by class: names and values, aliases included."""
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(source, "made", "exec", dont_inherit=True), names)
    enums = {n: e for n, e in names.items() if isinstance(e, type) and issubclass(e, Enum) and len(e)}
    found = {
        n: [(k, m.value) for k, m in e.__members__.items()] for n, e in enums.items() if e.__module__ == "made"
    }
    return {n: [(k, v if isinstance(v, str) else None) for k, v in members] for n, members in found.items()}


def read(source: str) -> dict[str, EnumDeclaration]:
    return {enum.name: enum for enum in read_sources({"made.py": source}).enums if enum.members}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_is_what_python_makes(name: str) -> None:
    found = read(HEAD + TOLD[name])
    assert not [enum.unknown for enum in found.values() if enum.unknown and any(m.value for m in enum.members)]
    told = {name: [(m.name, m.value) for m in enum.members] for name, enum in found.items()}
    assert told == python(HEAD + TOLD[name])


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("class E(Enum):\n A = 1\n B = 2\n", "its values are no strings"),
        ("class E(IntEnum):\n A = 1\n", "its values are no strings"),
        ("class E(Flag):\n A = auto()\n", "its values are no strings"),
        ("class E(Enum):\n A = 'a', 'b'\n", "its values are no strings"),
        ("class E(bytes, Enum):\n A = b'a'\n", "its values are no strings"),
        ("E = Enum('E', 'A B')\n", "its values are no strings"),
        ("E = Enum('E', {'A': '1'}, type=int)\n", "its values are no strings"),
        ("X = 'x'\nX = 'y'\nclass E(Enum):\n A = X\n", "the value of A"),
        ("X = 'x'\nX += 'y'\nclass E(Enum):\n A = X\n", "the value of A"),
        ("def f(): return 'x'\nclass E(Enum):\n A = f()\n B = 'b'\n", "the value of A"),
        ("class E(Enum):\n A = far\n", "the value of A"),
        ("class E(Enum):\n A = f'{1!r}'\n", "the value of A"),
        ("class E(Enum):\n A, B = iter('ab')\n", "the value of A"),
        (
            "class E(StrEnum):\n def _generate_next_value_(name, start, count, last): return name[count]\n A = auto()\n",
            "the value of A",
        ),
        (
            "class E(StrEnum):\n _generate_next_value_ = lambda name, *rest: name\n A = auto()\n",
            "its _generate_next_value_",
        ),
        (
            "class E(Enum):\n A = 'a'\n def __new__(cls, v):\n  o = object.__new__(cls)\n  o._value_ = v + '!'\n  return o\n",
            "its __new__",
        ),
        (
            "class E(Enum):\n A = 'a'\n def __new__(cls, v):\n  v = v + '!'\n  o = object.__new__(cls)\n  o._value_ = v\n  return o\n",
            "its __new__",
        ),
        ("class E(Enum):\n A = 'a'\n @property\n def value(self): return 'x'\n", "it has a property value"),
        ("@dataclass\nclass D:\n v: str\nclass E(D, Enum):\n A = 'a'\n", "its values are objects of a dataclass"),
        (
            "class E(Enum):\n _ignore_ = 'E'\n E = vars()\n for n in 'ab': E[n] = n\n A = 'a'\n",
            "what line",
        ),
        ("class E(Enum):\n A = 'a'\n locals()['B'] = 'b'\n", "what line"),
        ("from far import Mixin\nclass E(Mixin, Enum):\n A = 'a'\n", "its base Mixin is not in"),
        ("from far import Meta\nclass E(Enum, metaclass=Meta):\n A = 'a'\n", "its metaclass Meta"),
        (
            "class Meta(EnumType):\n def __new__(m, *a): ...\nclass E(Enum, metaclass=Meta):\n A = 'a'\n",
            "its metaclass Meta",
        ),
        ("E = Enum('E', ['A'], type=str)\n", "the value of A"),
        ("class E(str, Enum):\n A = auto()\n", "the value of A"),
        ("E = Enum('E', names())\n", "the value of its names"),
        ("E = Enum('E', [n for n in 'ab'])\n", "the value of its names"),
        ("E = Enum('E', [('A', f()), ('B', 'b')])\n", "the value of A"),
        ("E = Enum('E', [(n, 'a')])\n", "the value of n"),
    ],
)
def test_what_is_not_told_is_said(source: str, why: str) -> None:
    (enum,) = read(HEAD + source).values()
    assert enum.unknown.startswith(why)


@pytest.mark.parametrize(
    "source",
    [
        TOLD["list"],
        TOLD["a value set by __new__"],
        TOLD["a value set by __init__"],
        TOLD["unpacked"],
        "class E(Enum):\n A = 'a'\n def __init__(self, text, *, rank): ...\n",
    ],
)
def test_what_is_not_edited_says_why(source: str) -> None:
    assert all(enum.kept for enum in read(HEAD + source).values())


@pytest.mark.parametrize("name", ["a constant", "auto of an own method", "an __init__ that sets none", "mixins"])
def test_what_is_edited(name: str) -> None:
    assert read(HEAD + TOLD[name])["E"].kept == ""
