"""Where a declaration stands in its file."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from typing import NamedTuple

from schema_sync.codebase.writing.names import placed
from schema_sync.codebase.writing.verbatim import Verbatim


class Place(NamedTuple):
    """The statement of a declaration, in the block ``body``."""

    statement: ast.stmt
    body: Sequence[ast.stmt]

    @property
    def value(self) -> ast.expr | None:
        """What an assignment or type alias means."""
        if isinstance(self.statement, ast.Assign | ast.AnnAssign):
            return self.statement.value
        if sys.version_info >= (3, 12) and isinstance(self.statement, ast.TypeAlias):  # pragma: no cover
            return self.statement.value
        return None


class Places:
    """All that the top level of *source* declares."""

    def __init__(self, source: Verbatim) -> None:
        self._top = _first_of(source.tree.body)

    def find(self, name: str) -> Place | None:
        """Return where *name* (``Outer.Inner`` too) is declared; of several places the first."""
        first, *inner = name.split(".")
        place = self._top.get(first)
        for part in inner:
            if place is None or not isinstance(place.statement, ast.ClassDef):
                return None
            place = _first_of(place.statement.body).get(part)
        return place


def _first_of(body: Sequence[ast.stmt]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for place in (Place(*each) for each in placed(body)):
        for name in declared(place.statement):
            found.setdefault(name, place)
    return found


def declared(statement: ast.stmt) -> list[str]:
    """Return the names that a class, an assignment or a type alias declares."""
    if isinstance(statement, ast.ClassDef):
        return [statement.name]
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    elif sys.version_info >= (3, 12) and isinstance(statement, ast.TypeAlias):  # pragma: no cover
        targets = [statement.name]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def names_in_body(statement: ast.stmt) -> set[str]:
    """Return the names that the body of a class binds, which hide others there; of any other statement none."""
    body = statement.body if isinstance(statement, ast.ClassDef) else []
    found: set[str] = set()
    for inner, _ in placed(body):
        found.update(declared(inner))
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(inner.name)
    return found
