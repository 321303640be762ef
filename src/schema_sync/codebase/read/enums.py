"""Enums and Literal aliases → EnumDeclaration.

Authority: the Python library reference, "enum" (what in a class's body is a member, the functional API, ``auto``,
``_generate_next_value_``, ``_value_``, and "When to use __new__() vs. __init__()"); the typing specification,
"Enumerations" and "Literals" (PEP 586).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from schema_sync.codebase.read.class_kinds import CHOICES, ENUMS, GENERATES, MOST_BASES, Kinds
from schema_sync.codebase.read.strings import Strings
from schema_sync.codebase.scope import Definition, External, Module
from schema_sync.codebase.syntax import argument_of, assigned, elements, targets, text_of
from schema_sync.model.declarations import EnumDeclaration, EnumForm, Member

AUTO = ast.Call(func=ast.Name(id="auto", ctx=ast.Load()), args=[], keywords=[])  # of a name without a value
UNCLEAR = "\0 the source does not tell"  # no value of a member: a source cannot hold the null character
_MAKERS = ("__new__", "__init__")
_OF_META = frozenset({"__new__", "__init__", "__prepare__", "__call__"})
_PLAIN_BASES = frozenset(
    {"str", "object", "enum.ReprEnum", *(ENUMS - {"enum.Flag", "enum.IntEnum", "enum.IntFlag"})}
)
_DESCRIPTORS = frozenset({"classmethod", "enum.nonmember", "enum.property", "property", "staticmethod"})


class Manner(NamedTuple):
    """How an Enum makes its members.

    ``unknown`` says why nobody can tell; ``takes`` is how many values a member needs, and ``value`` which of them
    is its own (-1: all of them together). ``generates`` is the method behind ``auto()``, if the code has its own.
    """

    unknown: str = ""
    takes: int = 1
    value: int = -1
    generates: tuple[ast.FunctionDef, Module] | None = None


class _Assigned(NamedTuple):
    """A name to which an Enum gives a value; ``alone`` states that its statement has no other."""

    name: str
    target: ast.expr
    value: ast.expr
    alone: bool = True


class Enums:
    """Reads the Enums and Literal aliases of a program."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._program = kinds.program
        self._strings = Strings(kinds.program)

    def declaration(self, definition: Definition) -> EnumDeclaration:
        """Return the declaration in *definition*, which is an Enum or a Literal alias of strings."""
        node, unknown, kept = definition.node, "", ""
        form: EnumForm = "literal"
        members = list(_literal(definition))
        if not isinstance(definition.value, ast.Subscript):
            form = "str_enum" if "enum.StrEnum" in self._kinds.ancestry(definition) else "enum"
            manner = self._manner(definition)
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
        module, ignored = definition.module, _ignored(assigned)
        found: dict[str, Member] = {}
        first_of: dict[object, str] = {}
        texts: dict[str, str | None] = {}
        unclear = ""
        for name, target, node, _ in assigned:
            value = self._member_value(node, definition)
            sunder = name.startswith("_") and name.endswith("_")
            if value is None or name in ignored or sunder or name.startswith("__"):  # as the enum module has it
                texts[name] = self._strings.of(node, module, texts)
                continue
            same = found.get(value.id) if isinstance(value, ast.Name) else None
            if manner.unknown:
                text, alias_of = None, name
            elif same:
                text, alias_of = same.value, same.alias_of or same.name
            else:
                text = self._text(value, name, definition, manner, texts)
                if text is UNCLEAR:
                    text, unclear = None, unclear or f"the value of {name} cannot be determined from its source"
                key = text if text is not None else value.value if isinstance(value, ast.Constant) else value
                alias_of = first_of.setdefault(key, name)
            texts[name] = self._strings.of(node, module, texts)
            at = module.file.at(target)
            found[name] = Member(name=name, value=text, alias_of=alias_of if alias_of != name else None, at=at)
        return list(found.values()), unclear

    def _called(self, node: ast.expr, module: Module) -> str:
        return self._program.name_of(node, module) if isinstance(node, ast.Call) else ""

    def _member_value(self, node: ast.expr, definition: Definition) -> ast.expr | None:
        """Return the expression of a member's value, None where the assignment makes no member."""
        called = self._called(node, definition.module)
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
        text = self._strings.of(names, definition.module)
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
        name = self._strings.of(key, definition.module)
        return _Assigned(name or definition.module.file.shown(key), key, value if name else key)

    def _manner(self, definition: Definition) -> Manner:
        """Return how the Enum in *definition* makes its members."""
        lineage = self._kinds.lineage(definition)
        if len(lineage) > MOST_BASES:
            return Manner(unknown=f"it inherits from more than {MOST_BASES} classes")
        methods = [m for each in lineage for m in _methods(each)]
        by_name = {method.name: method for method, _ in reversed(methods)}
        generates = next((each for each in methods if each[0].name == GENERATES), None)
        made = [_makes(by_name[name]) for name in _MAKERS if name in by_name]
        whys = [*(self._unknown_base(each) for each in lineage), *(unclear for _, _, unclear in made)]
        if "value" in by_name:
            whys.append("it has a property value of its own")
        chosen = 0 if self._kinds.ancestry(definition) & CHOICES else -1
        return Manner(
            unknown=next(filter(None, whys), ""),
            takes=max((takes for takes, _, _ in made), default=1),
            value=max([chosen, *(value for _, value, _ in made)]),
            generates=generates,
        )

    def _text(
        self, node: ast.expr, name: str, definition: Definition, manner: Manner, known: Mapping[str, str | None]
    ) -> str | None:
        """Return the value of the member *name* if it is a string, None if it is another, else ``UNCLEAR``."""
        if node is AUTO or self._called(node, definition.module) == "enum.auto":
            return UNCLEAR if manner.value > 0 else self._generated(name, definition, manner)
        if isinstance(node, ast.Tuple) and not any(isinstance(each, ast.Starred) for each in node.elts):
            if manner.value < 0:
                return None
            if manner.value >= len(node.elts):
                return UNCLEAR  # the default of a parameter
            node = node.elts[manner.value]
        elif manner.value > 0:
            return UNCLEAR
        text = self._strings.of(node, definition.module, known)
        if text is None and not isinstance(node, ast.Constant | ast.Dict | ast.List | ast.Set | ast.UnaryOp):
            return UNCLEAR
        return text

    def _generated(self, name: str, definition: Definition, manner: Manner) -> str | None:
        ancestry = self._kinds.ancestry(definition)
        if manner.generates is None:
            number = UNCLEAR if "str" in ancestry else None  # which becomes a text
            return name.lower() if "enum.StrEnum" in ancestry else name if ancestry & CHOICES else number
        function, module = manner.generates
        body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
        parameters = [*function.args.posonlyargs, *function.args.args]
        known = {parameters[0].arg: name} if parameters else {}
        text = self._strings.of(returned, module, known)
        return UNCLEAR if text is None else text

    def _unknown_base(self, definition: Definition) -> str:
        """Return why what a base or the metaclass makes of values cannot be known, empty if it can."""
        node = definition.node
        if self._kinds.dataclass(definition) is not None:
            return "its values are objects of a dataclass"
        for base, symbol in self._kinds.bases(definition):
            name = symbol.name if isinstance(symbol, External) else ""
            if isinstance(symbol, External) and symbol.known and name not in _PLAIN_BASES:
                if name.partition(".")[0] not in {"abc", "typing"}:
                    return "its values are no strings"
            elif not isinstance(symbol, Definition) and name not in _PLAIN_BASES | CHOICES:
                return f"its base {definition.module.file.shown(base)} is not in the scanned files"
        if not isinstance(node, ast.ClassDef):
            return ""
        made = next((name for name in (GENERATES, *_MAKERS) if any(assigned(node.body, name))), "")
        if made:
            return f"its {made} is not written as a method"
        metaclass = argument_of(node, "metaclass")
        if metaclass is not None:
            symbol = self._program.resolve(metaclass, definition.module)
            is_own = isinstance(symbol, Definition) and _OF_META.isdisjoint(m.name for m, _ in _methods(symbol))
            if not is_own and not (isinstance(symbol, External) and symbol.known):
                return f"its metaclass {definition.module.file.shown(metaclass)} may change its values"
        return ""


def _methods(definition: Definition) -> Iterator[tuple[ast.FunctionDef, Module]]:
    yield from ((s, definition.module) for s in definition.body if isinstance(s, ast.FunctionDef))


def _makes(maker: ast.FunctionDef) -> tuple[int, int, str]:
    """Return how many values ``__new__`` or ``__init__`` needs, which one is the member's, or why it is unclear.

    Where it does not set ``_value_``, they all are.
    """
    parameters = [*maker.args.posonlyargs, *maker.args.args][1:]
    takes = len(parameters) - len(maker.args.defaults) + len([d for d in maker.args.kw_defaults if d is None])
    takes += maker.args.vararg is not None and not parameters
    nodes = (
        n for n in ast.walk(maker) if isinstance(n, ast.Attribute | ast.Name) and isinstance(n.ctx, ast.Store)
    )
    stored = list(nodes)
    stores = [n for n in stored if isinstance(n, ast.Attribute) and n.attr == "_value_"]
    if not stores:
        return takes, -1, ""
    changed = {n.id for n in stored if isinstance(n, ast.Name)}
    unchanged = {p.arg: index for index, p in enumerate(parameters) if p.arg not in changed}
    plain = [s for s in maker.body if isinstance(s, ast.Assign) and s.targets == stores]
    value = plain[0].value if plain else None
    if not isinstance(value, ast.Name) or value.id not in unchanged:
        return takes, -1, f"its {maker.name} makes the values of its members"
    return takes, unchanged[value.id], ""


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
