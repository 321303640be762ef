"""The law: every byte outside the edits stays."""

from __future__ import annotations

import ast
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import INT, PATH, STR, add, drop, member, nullable, opt, rename, retype, unmember

from schema_sync.codebase.writer import apply

TEXT = (
    "from typing import Optional, TypedDict  \n\n\n"
    "# äbout\n"
    "class A ( TypedDict ) :   # head\t\n"
    '\t"""Döc."""\n\n'
    "\ta:int   # one  \n"
    "\t\x0c\n"
    "\tb  :  'int'\n\n\n"
    "X = ( 1,\n  2 )\t\n"
)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("final", [True, False])
def test_bytes_stay(newline, encoding, final):
    if (newline, encoding) == ("\r", "latin-1"):
        return  # Python finds no cookie without a line feed
    cookie = "# -*- coding: latin-1 -*-\n" if encoding == "latin-1" else ""
    text = (cookie + TEXT).replace("\n", newline)
    text = text if final else text.rstrip()
    new = apply({PATH: text.encode(encoding)}, [add("c", opt(INT), after="a"), retype("b", STR)])
    after = text.replace("one  " + newline, f"one  {newline}\tc: Optional[int]{newline}").replace("'int'", "'str'")
    assert new == {PATH: after.encode(encoding)}


def test_mixed_line_endings_stay():
    text = b"from typing import TypedDict\r\nclass A(TypedDict):\r\n  a: int\n  b: int\r\n  c: int\n"
    assert apply({PATH: text}, [add("x", after="a"), drop("b")])[PATH] == (
        b"from typing import TypedDict\r\nclass A(TypedDict):\r\n  a: int\n  x: str\n  c: int\n"
    )


def test_what_the_encoding_lacks_is_escaped():
    text = "# coding: ascii\nfrom enum import Enum\n\n\nclass Mood(Enum):\n    A = 'a'\n"
    new = apply({PATH: text.encode()}, [member("é漢😀", "a")])[PATH]
    assert b"= '\\xe9\\u6f22\\U0001f600'\n" in new


def test_nothing_to_do_changes_no_file():
    content = TEXT.encode()
    assert apply({PATH: content}, [add("a"), drop("x"), rename("a", "a"), nullable("a", False)]) == {}
    assert apply({PATH: content}, []) == {}


KEYS = ["a", "b", "c", "d", "e"]
GAPS = ["", "\n", "  # about it\n", "  # ---- part\n", "\n  # apart\n\n", "  # one\n  # two\n", "    # deeper\n"]
TAILS = ["", "  # trailing", "   ", ";", " ;  # x"]
TYPES = ["int", "Optional[int]", "int | None", "'int'", "Optional[\n    int,  # inner\n  ]", "NotRequired[int]"]


@st.composite
def classes(draw):
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
    lines = [
        draw(st.sampled_from(GAPS))
        + f"  {key}: "
        + draw(st.sampled_from(TYPES))
        + draw(st.sampled_from(TAILS))
        + "\n"
        for key in keys
    ]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = (
        "from typing import Optional, NotRequired, TypedDict\n\nclass A(TypedDict):\n" + "".join(lines) + "X = 1"
    )
    return keys, text.replace("\n", newline)


@given(classes(), st.randoms(use_true_random=False))
def test_lines_outside_the_edits_stay(drawn, chance: random.Random):
    keys, text = drawn
    touched = chance.sample(keys, chance.randint(0, len(keys) - 1)) if len(keys) > 1 else []
    edits = [
        chance.choice([drop(key), retype(key, STR), nullable(key, chance.random() < 0.5), rename(key, key * 2)])
        for key in touched
    ]
    edits.append(add("new", INT, after=chance.choice([*keys, "gone"])))
    chance.shuffle(edits)
    result = apply({PATH: text.encode()}, edits)[PATH].decode()
    assert apply({PATH: result.encode()}, edits[:0]) == {}
    old, new = _item_texts(text), _item_texts(result)
    for key in keys:
        if key not in touched:
            assert new[key] == old[key]
    assert "new" in new
    kept = [line for line in result.splitlines(keepends=True) if "new: int" not in line]
    untouched = [
        line
        for line in text.splitlines(keepends=True)
        if "# apart" in line or "# ----" in line or line.startswith(("from", "class", "X"))
    ]
    for line in untouched:
        assert line in kept
    if not touched:
        assert "".join(kept) == text


def _item_texts(text):
    lines = text.splitlines(keepends=True)
    node = ast.parse(text).body[1]
    return {
        item.target.id: "".join(lines[item.lineno - 1 : item.end_lineno])
        for item in node.body
        if isinstance(item, ast.AnnAssign)
    }


LABELS = st.text(max_size=12)


@given(st.lists(LABELS, min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_any_labels_become_members_and_leave_again(labels, chance: random.Random):
    text = "from enum import Enum\n\n\nclass Mood(str, Enum):\n    KEPT = 'kept'  # c\n"
    labels = [label for label in labels if label != "kept"]
    result = apply({PATH: text.encode()}, [member(label, "kept") for label in labels]).get(PATH, text.encode())
    scope: dict[str, object] = {}
    exec(compile(result, "", "exec", dont_inherit=True), scope)
    assert [m.value for m in scope["Mood"]] == ["kept", *labels]
    back = apply({PATH: result}, [unmember(label) for label in chance.sample(labels, len(labels))])
    assert back.get(PATH, result) == text.encode()
