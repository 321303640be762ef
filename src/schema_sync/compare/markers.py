"""Markers: what a class's own docstring and comments say of the database object it stands for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schema_sync.model.base import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import Declaration

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_QUALIFIED = rf"(?:(?P<schema>{_NAME})\.)?(?P<name>{_NAME})"
_MARKER = re.compile(
    rf"^[ \t]*(?P<word>Table|View|Enum|Type|Database)[ \t]*:[ \t]*{_QUALIFIED}[ \t]*\.?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_BEFORE_TABLE = re.compile(rf"{_QUALIFIED}\s+table\b", re.IGNORECASE)
_KINDS = {"table": "table", "view": "view", "enum": "enum", "type": "composite", "database": None}


class Marker(Value, frozen=True, kw_only=True):
    """A name as a marker gives it; ``schema`` is None where it is not said, ``kind`` where any will do."""

    name: str
    schema: str | None = None
    kind: str | None = None


def marker(declaration: Declaration) -> Marker | None:
    """Return the first marker line of the docstring, else of the comments."""
    for text in (declaration.doc or "", *declaration.comments):
        match = _MARKER.search(text)
        if match is not None:
            return Marker(
                name=unquoted(match["name"]),
                schema=unquoted(match["schema"]) if match["schema"] else None,
                kind=_KINDS[match["word"].lower()],
            )
    return None


def mentioned_tables(declaration: Declaration) -> Iterator[Marker]:
    """Yield the names that stand right before the word "table" in the docstring."""
    for match in _BEFORE_TABLE.finditer(declaration.doc or ""):
        yield Marker(
            name=unquoted(match["name"]),
            schema=unquoted(match["schema"]) if match["schema"] else None,
            kind="table",
        )


def parse_object(text: str) -> Marker | None:
    """Return the object that the configuration or a lock names as ``name`` or ``schema.name``."""
    match = re.fullmatch(_QUALIFIED, text)
    if match is None:
        return None
    return Marker(name=unquoted(match["name"]), schema=unquoted(match["schema"]) if match["schema"] else None)


def unquoted(name: str) -> str:
    """Return an SQL identifier as the catalog spells it: quotes undone, or folded to lower case."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
