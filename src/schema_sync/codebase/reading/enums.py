"""Enums and Literal aliases → EnumDeclaration.

Authority: the Python library reference, "enum" (what in a class's body is a member, the functional API); the
typing specification, "Enumerations" and "Literals" (PEP 586).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from schema_sync.codebase.reading.enum_values import AUTO, UNCLEAR, Manner, Manners
from schema_sync.codebase.reading.kinds import Kinds
from schema_sync.codebase.scope import Definition
from schema_sync.codebase.syntax import argument_of, elements, targets, text_of
from schema_sync.model.declarations import EnumDeclaration, EnumForm, Member

_DESCRIPTORS = frozenset({"classmethod", "enum.nonmember", "enum.property", "property", "staticmethod"})


class _Assigned(NamedTuple):
    """A name to which an Enum gives a value; ``alone`` says that its statement has no other."""

    name: str
    target: ast.expr
    value: ast.expr
    alone: bool = True


class Enums:
    """Reads the Enums and Literal aliases of a program."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._manners = Manners(kinds)

    def declaration(self, definition: Definition) -> EnumDeclaration:
        """Return the declaration in *definition*, which is an Enum or a Literal alias of strings."""
        node, unknown, kept = definition.node, "", ""
        form: EnumForm = "literal"
        members = list(_literal(definition))
        if not isinstance(definition.value, ast.Subscript):
            form = "str_enum" if "enum.StrEnum" in self._kinds.ancestry(definition) else "enum"
            manner = self._manners.of(definition)
            assigned = list(self._assigned(definition))
            members, unclear = self._members(definition, assigned, manner)
            unknown = manner.unknown or unclear or _unclear_body(definition)
            if not unknown and members and all(member.value is None for member in members):
                unknown = "its values are no strings"
            kept = _kept(node, assigned, manner)
        return EnumDeclaration(
            name=definition.name,
            form=form,
            members=tuple(members),
            unknown=unknown,
            kept=kept,
            doc=definition.doc,
            comments=definition.comments,
            at=definition.at,
        )

    def _members(
        self, definition: Definition, assigned: list[_Assigned], manner: Manner
    ) -> tuple[list[Member], str]:
        """Return the members, and why the value of one is unclear, if it is."""
        ignored = _ignored(assigned)
        found: dict[str, Member] = {}
        first_of: dict[object, str] = {}
        texts: dict[str, str | None] = {}
        unclear = ""
        for name, target, node, _ in assigned:
            value = self._member_value(node, definition)
            if value is None or name in ignored or not _is_member_name(name):
                texts[name] = self._manners.plain(node, definition, texts)
                continue
            same = found.get(value.id) if isinstance(value, ast.Name) else None
            if manner.unknown:
                text, alias_of = None, name
            elif same:
                text, alias_of = same.value, same.alias_of or same.name
            else:
                text = self._manners.text(value, name, definition, manner, texts)
                if text is UNCLEAR:
                    text, unclear = None, unclear or f"the value of {name} cannot be determined from its source"
                key = text if text is not None else value.value if isinstance(value, ast.Constant) else value
                alias_of = first_of.setdefault(key, name)
            texts[name] = self._manners.plain(node, definition, texts)
            at = definition.module.file.at(target)
            found[name] = Member(name=name, value=text, alias_of=alias_of if alias_of != name else None, at=at)
        return list(found.values()), unclear

    def _member_value(self, node: ast.expr, definition: Definition) -> ast.expr | None:
        """Return the expression of a member's value, None where the assignment makes no member."""
        called = self._manners.called(node, definition.module)
        if isinstance(node, ast.Lambda) or called in _DESCRIPTORS:
            return None
        if called == "enum.member" and isinstance(node, ast.Call) and node.args:
            return node.args[0]
        return node

    def _assigned(self, definition: Definition) -> Iterator[_Assigned]:
        """Yield what the body of a class, or the functional form, assigns."""
        if isinstance(definition.value, ast.Call):
            yield from self._listed(definition, definition.value)
        for statement in definition.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
                for target in targets(statement):
                    yield from _unpacked(target, statement.value)

    def _listed(self, definition: Definition, call: ast.Call) -> Iterator[_Assigned]:
        """Yield what the second argument of the functional form lists.

        It is a string of names, a list of names or of pairs, or a dict; names alone have the value ``auto()``.
        """
        names = call.args[1] if len(call.args) > 1 else None
        names = argument_of(call, "names") or names
        text = self._manners.plain(names, definition, {}) if names is not None else None
        if text is not None and names is not None:
            yield from (_Assigned(name, names, AUTO) for name in text.replace(",", " ").split())
        elif isinstance(names, ast.Dict):
            for key, value in zip(names.keys, names.values, strict=True):
                yield self._pair(key or value, value, definition)
        elif isinstance(names, ast.List | ast.Tuple):
            for each in names.elts:
                key, *values = each.elts if isinstance(each, ast.List | ast.Tuple) and each.elts else [each, AUTO]
                yield self._pair(key, values[0] if len(values) == 1 else call, definition)
        else:
            yield _Assigned("its names", call.func, names or call)  # which nobody can tell

    def _pair(self, key: ast.expr, value: ast.expr, definition: Definition) -> _Assigned:
        name = self._manners.plain(key, definition, {})
        return _Assigned(name or definition.module.file.shown(key), key, value if name else key)


def by_names(declared: EnumDeclaration) -> EnumDeclaration:
    """Return an Enum of which SQLAlchemy stores the names: they are its values in the database."""
    members = tuple(replace(member, value=member.name) for member in declared.members)
    kept = "SQLAlchemy stores the names of its members: mend it by hand."
    return replace(declared, form="sqlalchemy", members=members, unknown="", kept=kept)


def _kept(node: ast.stmt, assigned: list[_Assigned], manner: Manner) -> str:
    """Return why nothing is written into an Enum; empty where it can be."""
    if not isinstance(node, ast.ClassDef):
        return "It is made by a call: mend it by hand."
    if manner.takes != 1:
        return "Its members take more than a text: mend it by hand."
    if not all(each.alone for each in assigned):
        return "It gives several members their values at once: mend it by hand."
    return ""


def _unclear_body(definition: Definition) -> str:
    """Return why the body of a class may make members that its assignments do not show, empty if it does not."""
    for statement in definition.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_item = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript)
        others = (ast.AugAssign, ast.Delete, ast.Expr, ast.For, ast.While)
        if is_item or (isinstance(statement, others) and not is_text):
            return f"what line {statement.lineno} does may make members"
    return ""


def _is_member_name(name: str) -> bool:
    """Whether the enum module makes a member of *name*: no ``_sunder_``, ``__dunder__`` or ``__private``."""
    return not (name.startswith("__") or (name.startswith("_") and name.endswith("_")))


def _unpacked(target: ast.expr, value: ast.expr, *, alone: bool = True) -> Iterator[_Assigned]:
    if isinstance(target, ast.Name):
        yield _Assigned(target.id, target, value, alone)
    elif isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        known = values if len(values) == len(target.elts) else [ast.Starred(value) for _ in target.elts]
        for inner, part in zip(target.elts, known, strict=True):
            yield from _unpacked(inner, part, alone=False)


def _ignored(assigned: list[_Assigned]) -> set[str]:
    """Return the names in ``_ignore_``: a text with blanks or commas between them, or a list."""
    nodes = (node for each in assigned if each.name == "_ignore_" for node in ast.walk(each.value))
    return {name for node in nodes for name in (text_of(node) or "").replace(",", " ").split()}


def _literal(definition: Definition) -> Iterator[Member]:
    seen: set[object] = set()
    nodes = elements(definition.value) if isinstance(definition.value, ast.Subscript) else []
    for node in (node for node in nodes if isinstance(node, ast.Constant)):
        value = str(node.value)
        alias_of = value if value in seen else None
        seen.add(value)
        yield Member(name=value, value=value, alias_of=alias_of, at=definition.module.file.at(node))
