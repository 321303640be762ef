"""Edits of Enum members and of Literal aliases."""

from __future__ import annotations

import pytest
from writing import edited, indented, member, order, unmember

from schema_sync.errors import WriteError

HEAD = "from enum import Enum, StrEnum, auto\nfrom typing import Literal\n\n\n"


def mood(before, *edits, bases="str, Enum"):
    head = f"{HEAD}class Mood({bases}):\n"
    result = edited(head + indented(before), *edits)
    assert result.startswith(head)
    return "".join(line.removeprefix("    ") for line in result[len(head) :].splitlines(keepends=True))


MEMBERS = [
    ('A = "a"\n', [member("on_hold", "a")], 'A = "a"\nON_HOLD = "on_hold"\n'),
    ("A = 'a'\n", [member("b", "a")], "A = 'a'\nB = 'b'\n"),
    ('a = "a"\n', [member("On hold", "a")], 'a = "a"\non_hold = "On hold"\n'),
    ('A = "a"\nC = "c"\n', [member("b", "a")], 'A = "a"\nB = "b"\nC = "c"\n'),
    ('A = "a"\n', [member("x"), member("y", "x"), member("z", "a")], 'X = "x"\nY = "y"\nA = "a"\nZ = "z"\n'),
    ('A = "a"\n', [member("x"), member("y")], 'X = "x"\nY = "y"\nA = "a"\n'),
    ('"""Doc."""\n\n# of a\nA = "a"\n', [member("x")], '"""Doc."""\n\nX = "x"\n# of a\nA = "a"\n'),
    ('A = "a"\n\ndef f(self):\n    return 1\n', [member("b", "a")], 'A = "a"\nB = "b"\n\ndef f(self):\n    return 1\n'),
    ('A = "a"\n', [member("b", "gone")], 'A = "a"\nB = "b"\n'),
    ('A = "a"\nB = A\nC = "c"\n', [member("x", "a")], 'A = "a"\nB = A\nX = "x"\nC = "c"\n'),
    ('A = "a"\n', [member("A", "a"), member("a!", "A")], 'A = "a"\nA_559AEA = "A"\nA_242ED5 = "a!"\n'),
    ("pass\n", [member("a"), member("b", "a")], 'A = "a"\nB = "b"\n'),
    ('"""Doc."""\n', [member("a")], '"""Doc."""\n\nA = "a"\n'),
    ('A = "a"\n', [member("a", None)], 'A = "a"\n'),
    ('A = "a"\nB = "b"  # of b\nC = "c"\n', [unmember("b")], 'A = "a"\nC = "c"\n'),
    ('A = "a"\nB = "b"\nC = B\n', [unmember("b")], 'A = "a"\n'),
    ('A = "a"\n', [unmember("a"), unmember("gone")], "pass\n"),
    ('A = "a"\nT = ("t", 1)\n', [unmember("t"), member("t", "a")], 'A = "a"\nT = ("t", 1)\n'.replace("T =", 'T_E3B98A = "t"\nT =')),
    (
        '# of a\nA = "a"  # a\n\n# ---- rest\n# of b\nB = "b"\nX = 1\nC = "c"\n',
        [order("c", "a", "b")],
        'C = "c"\n\n# ---- rest\n# of a\nA = "a"  # a\nX = 1\n# of b\nB = "b"\n',
    ),
    ('A = "a"\n"""Doc a."""\nB = "b"\n', [order("b", "a")], 'B = "b"\nA = "a"\n"""Doc a."""\n'),
    ('A = "a"; B = "b"  # both\n', [order("b", "a")], 'B = "b"  # both\nA = "a"\n'),
    ('A = "a"; C = "c"  # x\n', [member("b", "a")], 'A = "a"\nB = "b"\nC = "c"  # x\n'),
    ('A = "a"; B = "b"\n', [order("b", "a")], 'B = "b"\nA = "a"\n'),
    ('A = "a"; B = "b"  # x\n', [order("a", "b")], 'A = "a"; B = "b"  # x\n'),
    ('A: str = "a"\nB: str = "b"\n', [order("b", "a")], 'B: str = "b"\nA: str = "a"\n'),
]  # fmt: skip


@pytest.mark.parametrize(("before", "edits", "after"), MEMBERS)
def test_members(before, edits, after):
    assert mood(before, *edits) == after


def test_a_label_whose_letters_no_identifier_can_hold():
    assert mood('A = "a"\n', member("\U00010916", "a")) == 'A = "a"\nVALUE = "\U00010916"\n'


def test_auto_counts_in_a_str_enum():
    before = "A = auto()\nB = auto()\n"
    assert mood(before, unmember("a"), bases="StrEnum") == "B = auto()\n"
    assert mood(before, order("b", "a"), bases="StrEnum") == "B = auto()\nA = auto()\n"
    assert mood(before, member("c", "b"), bases="StrEnum") == before + 'C = "c"\n'


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ('class Mood(Enum): A = "a"', [member("b", "a")], 'class Mood(Enum):\n    A = "a"\n    B = "b"'),
        ('class Mood(Enum): A = "a"; B = "b"  # x\n', [order("b", "a")], 'class Mood(Enum):  # x\n    B = "b"\n    A = "a"\n'),
        ('class Mood(Enum):\n    A = "a"\n    B = "b"  # x', [order("b", "a")], 'class Mood(Enum):\n    B = "b"  # x\n    A = "a"'),
        ('class Mood(Enum):\n    A = "a"\n    """Doc."""\n    B = "b"', [order("b", "a")], 'class Mood(Enum):\n    B = "b"\n    A = "a"\n    """Doc."""'),
    ],
)  # fmt: skip
def test_whole_enums(before, edits, after):
    assert edited(HEAD + before, *edits) == HEAD + after


LITERALS = [
    ('["a", "b"]', [member("x", "a")], '["a", "x", "b"]'),
    ("['a']", [member("x"), member("y", "a")], "['x', 'a', 'y']"),
    ('["a", "b"]', [unmember("a")], '["b"]'),
    ('["a", "b"]', [unmember("b"), unmember("gone")], '["a"]'),
    ('["a", "b", "c"]', [order("c", "a", "b")], '["c", "a", "b"]'),
    ('[\n    "a",  # of a\n    # above b\n    "b",\n]', [order("b", "a")], '[\n    # above b\n    "b",\n    "a",  # of a\n]'),
    ('[\n    "a",  # of a\n    "b"  # of b\n]', [order("b", "a")], '[\n    "b",  # of b\n    "a"  # of a\n]'),
    ('[\n    "a",  # of a\n    "b"]', [order("b", "a")], '[\n    "b",\n    "a"  # of a\n]'),
    ('[\n    "a", "b",\n    "c",\n]', [member("x")], '[\n    "x", "a", "b",\n    "c",\n]'),
    ('[\n    # of a\n    "a", "b",\n]', [member("x")], '[\n    "x",\n    # of a\n    "a", "b",\n]'),
    ('["a", "b",\n "c"]', [unmember("b")], '["a",\n "c"]'),
    ('[("a"), "b"]', [member("x", "a")], '[("a"), "x", "b"]'),
]  # fmt: skip


@pytest.mark.parametrize(("before", "edits", "after"), LITERALS)
def test_literals(before, edits, after):
    assert edited(f"{HEAD}Mood = Literal{before}\n", *edits) == f"{HEAD}Mood = Literal{after}\n"


def test_an_annotated_alias():
    text = HEAD + 'Mood: TypeAlias = Literal ["a"]\n'
    text = "from typing import TypeAlias\n" + text
    assert edited(text, member("b", "a")) == text.replace('"a"', '"a", "b"')


def test_refusals():
    with pytest.raises(WriteError, match="would be empty"):
        edited(HEAD + 'Mood = Literal["a"]\n', unmember("a"))
    with pytest.raises(WriteError, match="Mood is not an enum"):
        edited(HEAD + "Mood = 1\n", unmember("a"))
