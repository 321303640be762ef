"""Enum classes and Literal aliases → EnumDeclaration.

Authority: the Python library reference, "enum" (what in a class's body is a member); the typing
specification, "Enumerations" and "Literals" (PEP 586).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from schema_sync.codebase.reading.kinds import GENERATES, Kinds, elements
from schema_sync.codebase.reading.modules import Definition, External, flat
from schema_sync.codebase.reading.text import docstring
from schema_sync.model.declarations import EnumDeclaration, EnumForm, Member

_OTHER_VALUES = frozenset(
    {"bytes", "complex", "enum.Flag", "enum.IntEnum", "enum.IntFlag", "float", "int", "datetime.date"}
)
_DESCRIPTORS = frozenset({"classmethod", "enum.nonmember", "enum.property", "property", "staticmethod"})


class Enums:
    """Reads the Enum classes and Literal aliases of a program."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def declaration(self, definition: Definition) -> EnumDeclaration:
        """Return the declaration in *definition*, which is an Enum class or a Literal alias of strings."""
        form: EnumForm = "literal"
        first = definition.next
        if isinstance(definition.node, ast.ClassDef):
            form = "str_enum" if "enum.StrEnum" in self._kinds.ancestry(definition) else "enum"
            first = definition.node.body[0]
        return EnumDeclaration(
            name=definition.name,
            form=form,
            members=tuple(_literal(definition) if form == "literal" else self._members(definition)),
            doc=docstring(first),
            comments=definition.comments,
            at=definition.module.text.at(definition.target),
        )

    def _members(self, definition: Definition) -> Iterator[Member]:
        assignments = list(_assignments(definition))
        ignored = _ignored(assignments)
        by_name: dict[str, Member] = {}
        first_of: dict[object, str] = {}
        for name, target, node in assignments:
            value = self._member_value(node, definition)
            if value is None or name in ignored or not _is_member_name(name):
                continue
            text = self._text(value, name, definition)
            same = by_name.get(value.id) if isinstance(value, ast.Name) else None
            if same:
                text, alias_of = same.value, same.alias_of or same.name
            else:
                key = text if text is not None else value.value if isinstance(value, ast.Constant) else value
                alias_of = first_of.setdefault(key, name)
            at = definition.module.text.at(target)
            member = Member(name=name, value=text, alias_of=alias_of if alias_of != name else None, at=at)
            by_name[name] = member
            yield member

    def _called(self, node: ast.expr, definition: Definition) -> str:
        """Return the canonical name of the library function that *node* calls, else an empty text."""
        if not isinstance(node, ast.Call):
            return ""
        symbol = self._kinds.program.resolve(node.func, definition.module)
        return symbol.name if isinstance(symbol, External) else ""

    def _member_value(self, node: ast.expr, definition: Definition) -> ast.expr | None:
        """Return the expression of a member's value, None where the assignment makes no member."""
        called = self._called(node, definition)
        if isinstance(node, ast.Lambda) or called in _DESCRIPTORS:
            return None
        if called == "enum.member" and isinstance(node, ast.Call) and node.args:
            return node.args[0]
        return node

    def _text(self, value: ast.expr, name: str, definition: Definition) -> str | None:
        """Return the string that a member stands for, None where it is none or cannot be told."""
        ancestry = self._kinds.ancestry(definition)
        if ancestry & _OTHER_VALUES:
            return None
        if self._called(value, definition) == "enum.auto":
            return name.lower() if "enum.StrEnum" in ancestry and GENERATES not in ancestry else None
        if isinstance(value, ast.JoinedStr):
            parts = [part.value for part in value.values if isinstance(part, ast.Constant)]
            return "".join(map(str, parts)) if len(parts) == len(value.values) else None
        return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _is_member_name(name: str) -> bool:
    """Whether the enum module makes a member of *name*: no ``_sunder_``, ``__dunder__`` or ``__private``."""
    return not (name.startswith("__") or (name.startswith("_") and name.endswith("_")))


def _assignments(definition: Definition) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Yield name, target and value of what the body of a class assigns."""
    body = definition.node.body if isinstance(definition.node, ast.ClassDef) else []
    for statement in flat(body):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from _unpacked(target, statement.value)
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            yield from _unpacked(statement.target, statement.value)


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, target, value
    elif isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        known = values if len(values) == len(target.elts) else [ast.Starred(value) for _ in target.elts]
        for inner, part in zip(target.elts, known, strict=True):
            yield from _unpacked(inner, part)


def _ignored(assignments: list[tuple[str, ast.expr, ast.expr]]) -> set[str]:
    """Return the names in ``_ignore_``: a text with blanks or commas between them, or a list."""
    strings = (
        node.value
        for name, _, value in assignments
        if name == "_ignore_"
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {name for text in strings for name in text.replace(",", " ").split()}


def _literal(definition: Definition) -> Iterator[Member]:
    seen: set[object] = set()
    nodes = elements(definition.value) if isinstance(definition.value, ast.Subscript) else []
    for node in (node for node in nodes if isinstance(node, ast.Constant)):
        value = str(node.value)
        alias_of = value if value in seen else None
        seen.add(value)
        yield Member(name=value, value=value, alias_of=alias_of, at=definition.module.text.at(node))
