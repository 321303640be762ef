"""Annotations as written → PyType, canonical whatever the spelling.

Authority: the typing specification, "Type annotations" (what an annotation may hold, string annotations),
"TypedDict" (Required, NotRequired, ReadOnly: PEP 655 and PEP 705) and "Literals" (PEP 586).
"""

from __future__ import annotations

import ast
import re
import typing
from typing import Literal, NamedTuple

from schema_sync.codebase.read.class_kinds import Kinds
from schema_sync.codebase.scope import Definition, External, Module, Symbol
from schema_sync.codebase.syntax import (
    alternatives,
    argument_of,
    dotted,
    elements,
    parse_forward_reference,
    unquoted,
)
from schema_sync.model.declarations import PyType, ResultDeclaration, union

Qualifier = Literal["required", "not_required"]

OPAQUE = PyType(name="?")
NONE = PyType(name="None")
ANY = PyType(name="typing.Any")
_ITSELF = PyType(name="^")  # the alias that is being read
_ELLIPSIS = PyType(name="...")
_MAX_OPEN = 50  # aliases within aliases; more of them are not followed
_MOST_PARTS = 5000  # of a type; an alias that is larger, or nested more deeply, is opaque

# What typing calls by a name of its own, such as List and Deque.
_ORIGINS = {name: getattr(value, "__origin__", None) for name, value in vars(typing).items()}
_CANONICAL = {
    f"typing.{name}": f"{origin.__module__}.{origin.__qualname__}".removeprefix("builtins.")
    for name, origin in _ORIGINS.items()
    if isinstance(origin, type) and origin.__module__ in {"builtins", "collections", "collections.abc", "re"}
}
_QUALIFIERS: dict[str, Qualifier | None] = {
    "typing.Annotated": None,
    "typing.ClassVar": None,
    "typing.Final": None,
    "typing.NotRequired": "not_required",
    "typing.ReadOnly": None,
    "typing.Required": "required",
}
_RESULT = re.compile(r"^[ \t]*Result[ \t]*:", re.MULTILINE | re.IGNORECASE)
_NO_TYPES = frozenset({*_QUALIFIERS, "typing.AnyStr", "typing.Literal", "typing.Optional", "typing.Union"})
_CHOSEN = (
    "AnyUrl AnyHttpUrl HttpUrl FileUrl WebsocketUrl AnyWebsocketUrl PostgresDsn RedisDsn EmailStr NameEmail "
    "SecretStr SecretBytes StrictStr StrictInt StrictFloat StrictBool StrictBytes AwareDatetime NaiveDatetime "
    "IPvAnyAddress IPvAnyInterface IPvAnyNetwork Json Base64Bytes Base64Str"
)
_NARROWED = {
    "int": "PositiveInt NegativeInt NonNegativeInt NonPositiveInt conint",
    "float": "PositiveFloat NegativeFloat NonNegativeFloat NonPositiveFloat FiniteFloat confloat",
    "str": "constr",
    "bytes": "conbytes",
    "list": "conlist",
    "set": "conset",
    "frozenset": "confrozenset",
    "decimal.Decimal": "condecimal",
    "datetime.date": "PastDate FutureDate condate",
    "datetime.datetime": "PastDatetime FutureDatetime",
    "pathlib.Path": "FilePath DirectoryPath NewPath",
    "uuid.UUID": "UUID1 UUID3 UUID4 UUID5 UUID6 UUID7 UUID8",
}
_PYDANTIC = {
    **{f"pydantic.{name}": f"pydantic.{name}" for name in _CHOSEN.split()},
    **{f"pydantic.{name}": type_ for type_, names in _NARROWED.items() for name in names.split()},
}


class Annotation(NamedTuple):
    """An item's annotation taken apart: its type, and whether it says Required or NotRequired itself.

    ``alias`` is the id of the type alias that spells a Literal in it, empty where it does so itself.
    """

    type: PyType
    qualifier: Qualifier | None
    alias: str = ""


class Annotations:
    """Reads annotations, each spelling once a module.

    In a TypedDict pydantic's types are those of any other library: opaque. With *pydantic* they are known.
    """

    def __init__(self, kinds: Kinds, *, pydantic: bool = False) -> None:
        self._kinds = kinds
        self._known = _PYDANTIC if pydantic else {}
        self._program = kinds.program
        self._read: dict[tuple[str, str], Annotation] = {}  # by path and text
        self._aliases: dict[Definition, PyType] = {}
        self._open: list[Definition] = []
        self._spelled_in: dict[Definition, Definition | None] = {}  # alias → the alias that spells its Literal
        self._last_literal: Definition | None = None
        self._parameters: dict[Definition, PyType] = {}

    def item(self, node: ast.expr, module: Module) -> Annotation:
        """Return what the annotation *node* of a TypedDict's item in *module* says.

        Names are those of the module's top level: the body of a TypedDict binds none. A name that cannot
        be resolved and a string that does not parse are opaque.
        """
        spelled = module.file.path, module.file.segment(node)
        if spelled not in self._read:
            self._read[spelled] = self._item(node, module)
        return self._read[spelled]

    def _item(self, node: ast.expr, module: Module) -> Annotation:
        qualifier: Qualifier | None = None
        while True:
            node = unquoted(node)
            name = self._program.name_of(node.value, module) if isinstance(node, ast.Subscript) else ""
            if not (isinstance(node, ast.Subscript) and name in _QUALIFIERS and elements(node)):
                self._last_literal = None
                type_ = self.type(node, module)
                spelled_in = self._last_literal
                return Annotation(type_, qualifier, spelled_in.id if spelled_in else "")
            qualifier = qualifier or _QUALIFIERS[name]
            node = elements(node)[0]

    def type(self, node: ast.expr, module: Module) -> PyType:
        """Return the type that the expression *node* in *module* maps to."""
        if isinstance(node, ast.Constant):
            return self._constant(node, module)
        if isinstance(node, ast.Name | ast.Attribute):
            return self._symbol(self._program.resolve(node, module))
        if isinstance(node, ast.Subscript):
            return self._subscript(node, module)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return _united(*(self.type(part, module) for part in alternatives(node)))
        return self._call(node, module) if isinstance(node, ast.Call) else OPAQUE

    def _call(self, node: ast.Call, module: Module) -> PyType:
        """Read ``constr(max_length=5)`` and ``conlist(int)`` of pydantic."""
        name = self._program.name_of(node, module)
        if not name.startswith("pydantic.con") or name not in self._known:
            return OPAQUE
        return PyType(name=self._known[name], args=tuple(self.type(arg, module) for arg in node.args[:1]))

    def _constant(self, node: ast.Constant, module: Module) -> PyType:
        if isinstance(node.value, str):
            inner = parse_forward_reference(node.value)
            return self.type(inner, module) if inner else OPAQUE
        return NONE if node.value is None else _ELLIPSIS if node.value is Ellipsis else OPAQUE

    def _symbol(self, symbol: Symbol) -> PyType:
        if isinstance(symbol, Definition):
            return self.alias(symbol)
        if isinstance(symbol, External) and symbol.name in self._known:
            return PyType(name=self._known[symbol.name])
        if not isinstance(symbol, External) or not symbol.known or symbol.name in _NO_TYPES:
            return OPAQUE
        return PyType(name=_CANONICAL.get(symbol.name, symbol.name))

    def alias(self, definition: Definition) -> PyType:
        """Return the type that *definition* maps to; opaque if it is neither a declaration nor an alias."""
        if self._kinds.kind(definition):
            return PyType(name=definition.id)
        if definition in self._parameters:
            return self._parameters[definition]
        if definition not in self._aliases:
            if definition in self._open or len(self._open) >= _MAX_OPEN:
                return _ITSELF if self._open[-1] is definition else OPAQUE
            self._open.append(definition)
            self._last_literal = None
            self._aliases[definition] = self._alias(definition)
            self._spelled_in[definition] = self._last_literal
            self._open.pop()
        self._last_literal = self._spelled_in.get(definition)
        return self._aliases[definition]

    def result(self, definition: Definition) -> ResultDeclaration | None:
        """Return the alias in *definition* if the string behind it states that it is what a function returns."""
        doc = definition.doc
        if doc is None or definition.value is None or definition.parent or not _RESULT.search(doc):
            return None
        type_ = self.type(definition.value, definition.module)
        return ResultDeclaration(name=definition.name, type=type_, doc=doc, at=definition.at)

    def _alias(self, definition: Definition) -> PyType:
        """Return what an alias means, its parameters as ``~0``, ``~1`` and so on.

        Within its own union a reference to itself adds no value (the least fixpoint). Elsewhere it is Any in a
        TypeAliasType, which may refer to itself, and opaque in others.
        """
        value, inner = definition.value, OPAQUE
        if isinstance(value, ast.Call):
            called = self._program.name_of(value, definition.module)
            named = called in {"typing.NewType", "typing.TypeAliasType"} and len(value.args) > 1
            value, inner = value.args[1] if named else None, ANY
        elif value is not None and dotted(value):  # a variable, or an alias of itself
            return OPAQUE
        if value is None:  # a class of no concern
            return OPAQUE
        given = argument_of(definition.value, "type_params")  # of a TypeAliasType
        names = given.elts if isinstance(given, ast.Tuple) else []
        variables = [self._program.resolve(name, definition.module) for name in names]
        known = [each for each in variables if isinstance(each, Definition)]
        outer = self._parameters
        self._parameters = {each: PyType(name=f"~{index}") for index, each in enumerate(known)}
        found = self.type(value, definition.module)
        self._parameters = outer
        return found.replaced({_ITSELF.name: inner}) if _is_small(found) else OPAQUE

    def _subscript(self, node: ast.Subscript, module: Module) -> PyType:
        symbol = self._program.resolve(node.value, module)
        name = symbol.name if isinstance(symbol, External) else ""
        if name == "typing.Literal":
            return self._literal(node, module)
        base = self._symbol(symbol)
        arguments = elements(node)
        if base.name == "collections.abc.Callable" or not arguments:
            return base
        if name in _QUALIFIERS:
            return self.type(arguments[0], module)
        types = tuple(self.type(argument, module) for argument in arguments)
        if name in {"typing.Optional", "typing.Union"}:
            return _united(*types, *([NONE] if name == "typing.Optional" else []))
        if isinstance(symbol, Definition) and not isinstance(symbol.node, ast.ClassDef):
            filled = {f"~{index}": argument for index, argument in enumerate(types)}
            return base.replaced(filled) if all(map(_is_small, types)) else OPAQUE
        return base if base == OPAQUE else PyType(name=base.name, args=types)

    def _literal(self, node: ast.Subscript, module: Module) -> PyType:
        """Read ``Literal[...]``; None among its values is an alternative of its own, as PEP 586 has it."""
        self._last_literal = self._open[-1] if self._open else None
        values: dict[tuple[type, object], str | int | bool | None] = {}
        for element in elements(node):
            for value in self._values(element, module):
                if not isinstance(value, str | int | None):
                    return OPAQUE
                values[type(value), value] = value
        literals = tuple(value for value in values.values() if value is not None)
        literal = [PyType(name="Literal", literals=literals)] if literals else []
        none = [NONE] if len(literals) < len(values) else []
        return union(*literal, *none) if values else OPAQUE

    def _values(self, element: ast.expr, module: Module) -> tuple[object, ...]:
        if isinstance(element, ast.Constant):
            return (element.value,)
        if isinstance(element, ast.UnaryOp) and isinstance(element.operand, ast.Constant):
            number = element.operand.value
            return (-number,) if isinstance(element.op, ast.USub) and isinstance(number, int) else (...,)
        inner = self.type(element, module)
        return inner.literals if inner.name == "Literal" else (None,) if inner == NONE else (...,)


def _united(*members: PyType) -> PyType:
    """Return the union of *members*, less the alias itself of which it is the value or a part."""
    others = [member for member in members if member != _ITSELF]
    return union(*others) if others else _ITSELF


def _is_small(type_: PyType) -> bool:
    """Whether *type_* has so few parts, none of them deep within others, that every part can be looked at.

    Aliases made of aliases twice each double with every step.
    """
    count, level = 1, [type_]
    for _ in range(2 * _MAX_OPEN):
        level = [arg for each in level for arg in each.args]
        count += len(level)
        if not level or count > _MOST_PARTS:
            break
    return not level
