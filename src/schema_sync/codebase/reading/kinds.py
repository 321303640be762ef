"""What a definition declares: a TypedDict, a model, a dataclass, an Enum, a Literal alias, or nothing of concern.

Authority: the typing specification, "TypedDict", "Enumerations" and "Literals"; PEP 589 and PEP 586; pydantic's
documentation, "Models" and "Dataclasses".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from schema_sync.codebase.reading.modules import Definition, External
from schema_sync.codebase.reading.program import Program
from schema_sync.model.graph import needed_first

Kind = Literal["typeddict", "functional", "model", "dataclass", "enum", "literal"]

GENERATES = "_generate_next_value_"
_MODELS = frozenset({"pydantic.BaseModel", "sqlmodel.SQLModel"})
DATACLASS = "dataclasses.dataclass"
_DATACLASSES = frozenset({DATACLASS, "pydantic.dataclasses.dataclass"})
_ENUMS = frozenset(f"enum.{name}" for name in ("Enum", "Flag", "IntEnum", "IntFlag", "ReprEnum", "StrEnum"))


def subscripted(expression: ast.expr) -> ast.expr:
    """Return ``X`` of ``X[...]``, any other expression as it is."""
    return expression.value if isinstance(expression, ast.Subscript) else expression


def elements(node: ast.Subscript) -> list[ast.expr]:
    """Return the arguments between the brackets."""
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def declaration_id(definition: Definition) -> str:
    """Return the id that the definition's declaration has in a codebase."""
    return f"{definition.module.text.path}:{definition.name}"


class Kinds:
    """The kind of every definition of a program, found once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._bases: dict[Definition, tuple[Definition, ...]] = {}
        self._ancestry: dict[Definition, frozenset[str]] = {}
        self._kinds: dict[Definition, Kind | None] = {}

    def bases(self, definition: Definition) -> Iterator[Definition | External]:
        """Yield what the bases of a class resolve to, less those that cannot be resolved."""
        if isinstance(definition.node, ast.ClassDef):
            for base in definition.node.bases:
                symbol = self.program.resolve(subscripted(base), definition.module, definition.parent)
                if isinstance(symbol, Definition | External):
                    yield symbol

    def definitions(self, definition: Definition) -> tuple[Definition, ...]:
        """Return the bases of a class that scanned files define."""
        if definition not in self._bases:
            found = tuple(base for base in self.bases(definition) if isinstance(base, Definition))
            self._bases[definition] = found
        return self._bases[definition]

    def ancestry(self, definition: Definition) -> frozenset[str]:
        """Return the names of the library classes that a class inherits from, through scanned ones too.

        ``_generate_next_value_`` is among them where a scanned class on the way defines this method.
        """
        for each in needed_first(definition, self.definitions, self._ancestry):
            names: set[str] = set()
            for base in self.bases(each):  # a class that inherits from itself has no more
                names |= {base.name} if isinstance(base, External) else self._ancestry.get(base, set[str]())
            if names & _ENUMS and isinstance(each.node, ast.ClassDef):
                methods = (s.name for s in each.node.body if isinstance(s, ast.FunctionDef))
                names |= {GENERATES} & set(methods)
            self._ancestry[each] = frozenset(names)
        return self._ancestry[definition]

    def kind(self, definition: Definition) -> Kind | None:
        """Return what *definition* declares, None for anything but rows and enums."""
        if definition not in self._kinds:
            self._kinds[definition] = self._find(definition)
        return self._kinds[definition]

    def _find(self, definition: Definition) -> Kind | None:
        if isinstance(definition.node, ast.ClassDef):
            return self._kind_of_class(definition, definition.node)
        if definition.parent and self.kind(definition.parent):
            return None  # an Enum's member, whatever its value
        if isinstance(definition.value, ast.Call):
            return "functional" if self.is_typeddict_call(definition.value, definition) else None
        if isinstance(definition.value, ast.Subscript) and self._is_literal(definition.value, definition):
            return "literal"
        return None

    def _kind_of_class(self, definition: Definition, node: ast.ClassDef) -> Kind | None:
        names = self.ancestry(definition)
        if "typing.TypedDict" in names:
            return "typeddict"
        if names & _ENUMS:
            return "enum"
        if self.dataclass(definition):
            return "dataclass"
        return "model" if names & _MODELS and not _is_table(node) else None

    def dataclass(self, definition: Definition) -> tuple[str, list[ast.keyword]] | None:
        """Return which library's decorator makes a class a dataclass, and its options; None where none does."""
        decorators = definition.node.decorator_list if isinstance(definition.node, ast.ClassDef) else []
        for decorator in decorators:
            call = decorator if isinstance(decorator, ast.Call) else None
            symbol = self.program.resolve(call.func if call else decorator, definition.module)
            if isinstance(symbol, External) and symbol.name in _DATACLASSES:
                return symbol.name, call.keywords if call else []
        return None

    def is_typeddict_call(self, call: ast.Call, definition: Definition) -> bool:
        """Whether *call* is the functional form of a TypedDict with its fields in view."""
        symbol = self.program.resolve(call.func, definition.module)
        if not (isinstance(symbol, External) and symbol.name == "typing.TypedDict") or not call.args:
            return False
        if len(call.args) == 1:  # items as keywords, which Python 3.13 removed
            return all(keyword.arg for keyword in call.keywords)
        fields = call.args[1]
        return isinstance(fields, ast.Dict) and all(map(_is_string, fields.keys))

    def _is_literal(self, alias: ast.Subscript, definition: Definition) -> bool:
        symbol = self.program.resolve(alias.value, definition.module)
        known = isinstance(symbol, External) and symbol.name == "typing.Literal"
        return known and all(map(_is_string, elements(alias))) and bool(elements(alias))


def _is_table(node: ast.ClassDef) -> bool:
    """Whether a class of SQLModel maps a table itself: SQLAlchemy then makes its rows, without validation."""
    return any(
        keyword.arg == "table" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in node.keywords
    )


def _is_string(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
