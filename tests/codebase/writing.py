"""Shorthand for the writer's tests."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent

from schema_sync.codebase.writer import apply
from schema_sync.model.declarations import PyType, union
from schema_sync.model.edits import (
    AddItem,
    AddMember,
    Edit,
    NewItem,
    OrderMembers,
    RemoveDeclaration,
    RemoveImport,
    RemoveItem,
    RemoveMember,
    RenameItem,
    SetItemNullable,
    SetItemRequired,
    SetItemType,
)

PATH = "schemas/rows.py"
NONE = PyType(name="None")


def ty(name: str, *args: PyType) -> PyType:
    return PyType(name=name, args=args)


STR, INT, FLOAT = ty("str"), ty("int"), ty("float")
ANY = ty("typing.Any")
JSON = ty("dict", STR, ANY)


def opt(type_: PyType) -> PyType:
    return union(type_, NONE)


def literal(*values: str) -> PyType:
    return PyType(name="Literal", literals=values)


def add(key: str, type_: PyType = STR, after: str | None = None, to: str = "A") -> Edit:
    return AddItem(path=PATH, declaration=to, key=key, type=type_, after=after)


def drop(key: str, of: str = "A") -> Edit:
    return RemoveItem(path=PATH, declaration=of, key=key)


def retype(key: str, type_: PyType, of: str = "A") -> Edit:
    return SetItemType(path=PATH, declaration=of, key=key, type=type_)


def nullable(key: str, yes: bool = True, of: str = "A") -> Edit:
    return SetItemNullable(path=PATH, declaration=of, key=key, nullable=yes)


def required(key: str, of: str = "A") -> Edit:
    return SetItemRequired(path=PATH, declaration=of, key=key)


def rename(key: str, new: str, of: str = "A") -> Edit:
    return RenameItem(path=PATH, declaration=of, key=key, new_key=new)


def member(label: str, after: str | None = None, to: str = "Mood") -> Edit:
    return AddMember(path=PATH, declaration=to, label=label, after=after)


def unmember(label: str, of: str = "Mood") -> Edit:
    return RemoveMember(path=PATH, declaration=of, label=label)


def order(*labels: str, of: str = "Mood") -> Edit:
    return OrderMembers(path=PATH, declaration=of, labels=labels)


def remove(name: str) -> Edit:
    return RemoveDeclaration(path=PATH, declaration=name)


def unimport(name: str) -> Edit:
    return RemoveImport(path=PATH, declaration=name)


def items(**types: PyType) -> tuple[NewItem, ...]:
    return tuple(NewItem(key=key, type=type_) for key, type_ in types.items())


def edited(before: str, *edits: Edit) -> str:
    """Return *before* after *edits*; unchanged if the writer left it alone."""
    return apply({PATH: before.encode()}, edits).get(PATH, before.encode()).decode()


def body(before: str, *edits: Edit) -> str:
    """Apply *edits* to the body of a class A that is a TypedDict; return the body."""
    head = "from typing import Any, Literal, NotRequired, Optional, TypedDict, Union\n\n\nclass A(TypedDict):\n"
    result = edited(head + indented(before), *edits)
    assert result.startswith(head), result
    return dedent(result[len(head) :])


def indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def rows(*cases: tuple[str, Sequence[Edit], str]) -> list[tuple[str, Sequence[Edit], str]]:
    return list(cases)
