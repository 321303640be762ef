"""What the reader finds, as short text."""

from __future__ import annotations

from schema_sync.codebase.reader import read_sources
from schema_sync.model.declarations import Codebase, EnumDeclaration, RowDeclaration

IMPORTS = "from enum import *\nimport enum\nfrom typing import *\n"


def rows(source: str) -> dict[str, RowDeclaration]:
    codebase = read_sources({"a.py": source})
    assert codebase.unreadable == ()
    return {row.name: row for row in codebase.rows}


def enums(source: str) -> dict[str, EnumDeclaration]:
    codebase = read_sources({"a.py": source})
    assert codebase.unreadable == ()
    return {enum.name: enum for enum in codebase.enums}


def keys(row: RowDeclaration) -> list[str]:
    """Items as text: ``^`` for an inherited one, ``?`` for one that is not required."""
    return [f"{'^' * item.inherited}{item.key}: {item.type}{'?' * (not item.required)}" for item in row.items]


def labels(enum: EnumDeclaration) -> list[str]:
    """Members as text: the name, its value, and ``→`` the member it is an alias of."""
    return [f"{m.name}={m.value}" + (f"→{m.alias_of}" if m.alias_of else "") for m in enum.members]


def uses(codebase: Codebase) -> list[str]:
    """Uses as text: place, declaration, member, ``*`` for a listing."""
    return [
        f"{use.at}:{use.at.column} {use.declaration.partition(':')[2]}"
        + (f".{use.member}" if use.member else "")
        + "*" * use.listing
        for use in codebase.uses
    ]


ENUMS = "from enum import Enum\nclass Mood(str, Enum):\n    HAPPY = 'happy'\n    SAD = 'sad'\n"
