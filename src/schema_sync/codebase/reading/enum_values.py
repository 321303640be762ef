"""The values of an Enum's members, by the methods of its class and its bases that make them.

Authority: the Python library reference, "enum": ``auto``, ``_generate_next_value_``, ``_value_``, and "When to use
__new__() vs. __init__()".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_sync.codebase.reading.kinds import CHOICES, ENUMS, GENERATES, MOST_BASES, Kinds
from schema_sync.codebase.reading.strings import Strings
from schema_sync.codebase.scope import Definition, External, Module
from schema_sync.codebase.syntax import argument_of, assigned, subscripted

AUTO = ast.Call(func=ast.Name(id="auto", ctx=ast.Load()), args=[], keywords=[])  # of a name without a value
UNCLEAR = "\0 the source does not tell"  # no value of a member: a source cannot hold the null character
_MAKERS = ("__new__", "__init__")
_OF_META = frozenset({"__new__", "__init__", "__prepare__", "__call__"})
_PLAIN_BASES = frozenset(
    {"str", "object", "enum.ReprEnum", *(ENUMS - {"enum.Flag", "enum.IntEnum", "enum.IntFlag"})}
)


class Manner(NamedTuple):
    """How an Enum makes its members.

    ``unknown`` says why nobody can tell; ``takes`` is how many values a member needs, and ``value`` which of them
    is its own (-1: all of them together). ``generates`` is the method behind ``auto()``, if the code has its own.
    """

    unknown: str = ""
    takes: int = 1
    value: int = -1
    generates: tuple[ast.FunctionDef, Module] | None = None


class Manners:
    """Reads how the Enums of a program make their members, and what they are."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._program = kinds.program
        self._strings = Strings(kinds.program)

    def called(self, node: ast.expr, module: Module) -> str:
        """Return the canonical name of the library function that *node* calls, else an empty text."""
        return self._program.name_of(node, module) if isinstance(node, ast.Call) else ""

    def plain(self, node: ast.expr, definition: Definition, known: Mapping[str, str | None]) -> str | None:
        """Return the string that an expression in *definition* is by itself, None where there is doubt."""
        return self._strings.of(node, definition.module, known)

    def of(self, definition: Definition) -> Manner:
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

    def text(
        self, node: ast.expr, name: str, definition: Definition, manner: Manner, known: Mapping[str, str | None]
    ) -> str | None:
        """Return the value of the member *name* if it is a string, None if it is another, else ``UNCLEAR``."""
        if node is AUTO or self.called(node, definition.module) == "enum.auto":
            return UNCLEAR if manner.value > 0 else self._generated(name, definition, manner)
        if isinstance(node, ast.Tuple) and not any(isinstance(each, ast.Starred) for each in node.elts):
            if manner.value < 0:
                return None
            if manner.value >= len(node.elts):
                return UNCLEAR  # the default of a parameter
            node = node.elts[manner.value]
        elif manner.value > 0:
            return UNCLEAR
        text = self.plain(node, definition, known)
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
        """Return why what a base or the metaclass makes of values cannot be told, empty if it can."""
        node = definition.node
        if self._kinds.dataclass(definition) is not None:
            return "its values are objects of a dataclass"
        for base in self._kinds.base_expressions(definition):
            symbol = self._program.resolve(subscripted(base), definition.module, definition.parent)
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
    """Yield the functions in the body of a class, and whose names they use."""
    yield from ((s, definition.module) for s in definition.body if isinstance(s, ast.FunctionDef))


def _makes(maker: ast.FunctionDef) -> tuple[int, int, str]:
    """Return how many values ``__new__`` or ``__init__`` needs, which one is the member's, or why it is unclear.

    Where it does not set ``_value_``, they all are.
    """
    parameters = [*maker.args.posonlyargs, *maker.args.args][1:]
    takes = len(parameters) - len(maker.args.defaults) + len([d for d in maker.args.kw_defaults if d is None])
    takes += maker.args.vararg is not None and not parameters
    stores = [n for n in ast.walk(maker) if isinstance(n, ast.Attribute) and n.attr == "_value_"]
    stores = [n for n in stores if isinstance(n.ctx, ast.Store)]
    if not stores:
        return takes, -1, ""
    names = [parameter.arg for parameter in parameters]
    plain = [s for s in maker.body if isinstance(s, ast.Assign) and s.targets == stores]
    value = plain[0].value if plain else None
    if not isinstance(value, ast.Name) or value.id not in names or _is_changed(value.id, maker):
        return takes, -1, f"its {maker.name} makes the values of its members"
    return takes, names.index(value.id), ""


def _is_changed(name: str, maker: ast.FunctionDef) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(maker))
