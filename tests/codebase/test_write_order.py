"""Which file an update replaces first."""

from __future__ import annotations

from itertools import pairwise

import pytest

from schema_sync.codebase.write_order import imported_first, in_order
from schema_sync.model.edits import AddEnum, AddMember, RemoveDeclaration, RemoveImport

IMPORTS = {"a.py": ["b.py", "m.py"], "m.py": ["z.py"], "b.py": ["z.py"]}
ENUM = 'from enum import Enum\n\n\nclass Old(Enum):\n    A = "a"\n'
USER = "from e import Old\n"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ("a.py b.py z.py", "z.py b.py a.py"),
        ("a.py z.py", "z.py a.py"),
        ("c.py a.py new.py", "a.py c.py new.py"),
        ("", ""),
    ],
)
def test_each_file_comes_after_those_that_it_imports(paths: str, expected: str) -> None:
    assert imported_first(paths.split(), IMPORTS) == expected.split()
    assert imported_first(paths.split()[::-1], IMPORTS) == expected.split()


def test_a_circle_ends() -> None:
    circle = {"a.py": ["b.py"], "b.py": ["c.py"], "c.py": ["a.py", "z.py"]}
    assert imported_first(["c.py", "b.py", "a.py", "z.py"], circle) == ["z.py", "c.py", "b.py", "a.py"]


def test_a_chain_of_thousands() -> None:
    paths = [f"m{number:05}.py" for number in range(20_000)]
    chain = {path: [imported] for path, imported in pairwise(paths)}
    assert imported_first(paths, chain) == paths[::-1]


def test_additions_are_written_once() -> None:
    final = {"a.py": b"2", "b.py": b"2", "z.py": b"2"}
    edits = [AddMember(path="z.py", declaration="Z", label="x")]
    between, ordered = in_order({}, edits, final, old={}, new=IMPORTS)
    assert between == {}
    assert list(ordered) == ["z.py", "b.py", "a.py"]


def test_the_new_stands_beside_the_old_before_the_old_goes() -> None:
    before = {"e.py": ENUM.encode(), "u.py": USER.encode()}
    edits = [
        RemoveDeclaration(path="e.py", declaration="Old"),
        AddEnum(path="e.py", declaration="New", marker="Enum: public.new", labels=("b",)),
        RemoveImport(path="u.py", declaration="Old"),
    ]
    final = {"e.py": b"class New: ...\n", "u.py": b"\n"}
    imports = {"u.py": ["e.py"]}
    between, ordered = in_order(before, edits, final, old=imports, new={})
    assert list(between) == ["e.py"]
    assert between["e.py"].startswith(ENUM.encode())
    assert b"class New(" in between["e.py"]
    assert list(ordered.items()) == [("u.py", final["u.py"]), ("e.py", final["e.py"])]


def test_a_class_that_takes_the_name_of_a_removed_one() -> None:
    before = {"e.py": ENUM.encode()}
    edits = [
        RemoveDeclaration(path="e.py", declaration="Old"),
        AddEnum(path="e.py", declaration="Old", marker="Enum: public.old", labels=("b",)),
    ]
    between, ordered = in_order(before, edits, {"e.py": b"new"}, old={}, new={})
    assert (between, ordered) == ({}, {"e.py": b"new"})
