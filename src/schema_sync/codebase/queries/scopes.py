"""Names of a file: what its module, its classes and its functions bind."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from schema_sync.codebase.queries.values import (
    Builder,
    Listed,
    Literal,
    Response,
    ResultRow,
    Rows,
    Value,
)
from schema_sync.model.queries import Span

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Class:
    """A class: its attributes, those that its methods assign to ``self`` included, its methods, and its bases."""

    name: str
    attributes: dict[str, Value] = field(default_factory=dict)
    methods: dict[str, Function] = field(default_factory=dict)
    bases: list[Class] = field(default_factory=list)

    def attribute(self, name: str) -> Value:
        """Return an attribute of it or of a base; None where it is not known."""
        found = [each.attributes[name] for each in (self, *self.bases) if name in each.attributes]
        return found[0] if found else None

    def method(self, name: str) -> Function | None:
        """Return a method of it or of a base."""
        return next((each.methods[name] for each in (self, *self.bases) if name in each.methods), None)


@dataclass(eq=False)
class Function:
    """A function: its node, the scope around it, its class if it is a method, what it returns once it is read."""

    name: str
    node: FunctionNode
    around: Scope
    owner: Class | None = None
    state: str = "new"
    returned: list[Value] = field(default_factory=list)


@dataclass
class Scope:
    """What names are bound to in a module or a function, and the function's qualified name."""

    name: str = ""
    around: Scope | None = None
    owner: Class | None = None
    function: Function | None = None
    names: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """Return what *name* is bound to; None where it is not known."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.around
        return None

    def function_named(self, name: str) -> Function | None:
        """Return the function that *name* is."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return None
            if name in scope.functions:
                return scope.functions[name]
            scope = scope.around
        return None

    def class_named(self, name: str) -> Class | None:
        """Return the class that *name* is."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.classes:
                return scope.classes[name]
            scope = scope.around
        return None


def merged(one: Value, other: Value) -> Value:
    """Return what is known of a value that is *one* or *other*."""
    if one == other or _is_empty(other):
        return one
    if _is_empty(one):
        return other
    for kind in (Builder, Response):
        if isinstance(one, kind) and isinstance(other, kind):
            return kind(tuple(dict.fromkeys((*one.chains, *other.chains))))
    for kind_ in (Rows, ResultRow):
        if isinstance(one, kind_) and isinstance(other, kind_) and one.path == other.path:
            return kind_(tuple(dict.fromkeys((*one.chains, *other.chains))), one.path)
    return None


def merged_names(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    """Return what names are bound to after one or the other branch."""
    return {
        name: merged(one[name], other[name]) if name in one and name in other else one.get(name, other.get(name))
        for name in {**one, **other}
    }


def _is_empty(value: Value) -> bool:
    """Return whether *value* is what code takes where there is nothing: None, or an empty list."""
    return value == Literal(value=None) or (isinstance(value, Listed) and not value.items)


class Lines:
    """The lines of a file, for the places of its nodes."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> Span:
        """Return the place of *node*; the syntax tree counts columns in bytes of UTF-8."""
        end_line = node.end_lineno or node.lineno
        return Span(
            line=node.lineno,
            column=self._column(node.lineno, node.col_offset),
            end_line=end_line,
            end_column=self._column(end_line, node.end_col_offset or 0),
        )

    def _column(self, line: int, offset: int) -> int:
        text = self._lines[line - 1]
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode(errors="replace")) + 1
