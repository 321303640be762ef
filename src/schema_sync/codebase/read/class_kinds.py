"""What a definition declares: a TypedDict, a model, a dataclass, an Enum, a Literal alias, or nothing of concern.

Authority: the typing specification, "TypedDict", "Enumerations" and "Literals"; PEP 589 and PEP 586; pydantic's
documentation, "Models" and "Dataclasses".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from schema_sync.codebase.program import Program
from schema_sync.codebase.scope import Definition, External, Symbol
from schema_sync.codebase.syntax import argument_of, assigned, constant, elements, is_none, subscripted, text_of
from schema_sync.model.declarations import Unread
from schema_sync.model.graph import needed_first

Kind = Literal["typeddict", "functional", "model", "dataclass", "enum", "literal", "table"]

GENERATES = "_generate_next_value_"
_MODELS = frozenset({"pydantic.BaseModel", "sqlmodel.SQLModel"})
DATACLASS = "dataclasses.dataclass"
PYDANTIC_DATACLASS = "pydantic.dataclasses.dataclass"
ENUMS = frozenset(f"enum.{name}" for name in ("Enum", "Flag", "IntEnum", "IntFlag", "ReprEnum", "StrEnum"))
CHOICES = frozenset({"django.db.models.TextChoices", "django.db.models.enums.TextChoices"})
_ENUMS = ENUMS | CHOICES
ALCHEMY = frozenset({"flask_sqlalchemy", "sqlalchemy", "sqlmodel"})
MOST_BASES = 200  # of a class that is looked at
_TABLE_NAMES = frozenset({"__table__", "__tablename__"})
_FLASK_MODEL = "flask_sqlalchemy.SQLAlchemy().Model"
_NO_KIND = frozenset({"abc.ABC", "object", "typing.Generic"})


def library_name(name: str) -> str:
    """Return the bare name of what SQLAlchemy or its kin defines (``mapped_column``); empty for all else."""
    return name.rpartition(".")[2] if name.partition(".")[0] in ALCHEMY else ""


class Unknown(Exception):  # noqa: N818  # no error: what a class says cannot be determined from its source
    """A class whose keys cannot be determined from its source; the message states why."""


class Kinds:
    """The kind of every definition of a program, found once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._bases: dict[Definition, tuple[Definition, ...]] = {}
        self._ancestry: dict[Definition, frozenset[str]] = {}
        self._kinds: dict[Definition, Kind | None] = {}
        self._ids: dict[Kind, frozenset[str]] = {}

    def bases(self, definition: Definition) -> Iterator[tuple[ast.expr, Symbol]]:
        """Yield the bases of a class as they are written, and what they resolve to.

        Those of an Enum in functional form are what its argument ``type`` names, and the class that is called;
        that of what ``declarative_base`` makes is its argument ``cls``.
        """
        call = definition.value
        bases = definition.node.bases if isinstance(definition.node, ast.ClassDef) else []
        if isinstance(call, ast.Call):
            named = [each.value for each in call.keywords if each.arg in {"cls", "type"}]
            bases = [*named, call.func] if is_functional(call) else named
        for base in bases:
            yield base, self.program.resolve(subscripted(base), definition.module, definition.parent)

    def lineage(self, definition: Definition) -> list[Definition]:
        """Return *definition* and the scanned ones that it inherits from, in the order of method resolution.

        Each stands in front of its bases, and these in their order. If they are more than ``MOST_BASES``, those
        behind are left out: each class of a long chain has all that are above it.
        """
        met, queue = {definition}, [definition]
        while queue and len(met) <= MOST_BASES:
            new = [base for base in self.definitions(queue.pop()) if base not in met]
            met.update(new)
            queue += new

        order = needed_first(definition, lambda each: [b for b in self.definitions(each)[::-1] if b in met])
        return list(order)[::-1]

    def refuse_unknown_bases(self, definition: Definition, *libraries: str) -> None:
        """Check that the bases of a class are scanned, or of Python or *libraries*.

        Raises:
            Unknown: if one is not.
        """
        for base, symbol in self.bases(definition):
            name = symbol.name if isinstance(symbol, External) else ""
            known = isinstance(symbol, Definition) or (isinstance(symbol, External) and symbol.known)
            if not known and name.partition(".")[0] not in libraries:
                raise Unknown(f"its base {definition.module.file.shown(base)} is not in the scanned files")

    def definitions(self, definition: Definition) -> tuple[Definition, ...]:
        """Return the bases of a class that scanned files define."""
        if definition not in self._bases:
            bases = (base for _, base in self.bases(definition))
            self._bases[definition] = tuple(base for base in bases if isinstance(base, Definition))
        return self._bases[definition]

    def ancestry(self, definition: Definition) -> frozenset[str]:
        """Return the names of the library classes that a class inherits from, through scanned ones too."""
        for each in needed_first(definition, self.definitions, self._ancestry):
            names: set[str] = set()
            for _, base in self.bases(each):
                if isinstance(base, External):
                    names.add(base.name)
                elif isinstance(base, Definition):  # a class that inherits from itself has no more
                    names |= self._ancestry.get(base, frozenset())
            if isinstance(each.value, ast.Call):  # Base = declarative_base()
                made = self.program.name_of(each.value, each.module)
                names |= {made} if library_name(made) else set()
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
            if self.is_typeddict_call(definition.value, definition):
                return "functional"
            return "enum" if self._is_enum_call(definition.value, definition) else None
        if isinstance(definition.value, ast.Subscript) and self._is_literal(definition.value, definition):
            return "literal"
        return None

    def _kind_of_class(self, definition: Definition, node: ast.ClassDef) -> Kind | None:
        names = self.ancestry(definition)
        if self._has_tables and self._is_mapped(definition, node, names):
            return "table"
        if "typing.TypedDict" in names:
            return "typeddict"
        if names & _ENUMS:
            return "enum"
        if self.dataclass(definition):
            return "dataclass"
        return "model" if names & _MODELS else None

    def unread(self, definition: Definition) -> Iterator[Unread]:
        """Yield the class in *definition*, which is not a declaration, or a call with a text that may be a marker.

        Such a class is not checked, and no second one is written for the database object that it states.
        """
        doc, comments = definition.doc, definition.comments
        if isinstance(definition.node, ast.ClassDef):
            why = self._why_unread(definition, definition.node)
        elif isinstance(definition.value, ast.Call) and (doc or comments):
            function = definition.value.func
            symbol = self.program.resolve(function, definition.module, definition.parent)
            made = symbol.name if isinstance(symbol, External) else definition.module.file.shown(function)
            why = f"what {made} makes is not read"
        else:
            return
        yield Unread(name=definition.name, why=why, doc=doc, comments=comments, at=definition.at)

    def _why_unread(self, definition: Definition, node: ast.ClassDef) -> str:
        """State what kind a class is of: by its decorator, or the first base that is not in the scanned files."""
        for decorator in node.decorator_list:
            name = self.program.name_of(decorator, definition.module)
            if name.partition(".")[0] in {"attr", "attrs"}:
                return f"an {name} class is not read"
        for each in self.lineage(definition):
            for base, symbol in self.bases(each):
                name = symbol.name if isinstance(symbol, External) else each.module.file.shown(base)
                if not isinstance(symbol, Definition) and name not in _NO_KIND:
                    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name} is not read"
        return "a plain class is not read"

    def ids(self, kind: Kind) -> frozenset[str]:
        """Return the ids of the declarations of *kind*."""
        if kind not in self._ids:
            definitions = self.program.definitions
            self._ids[kind] = frozenset(d.id for d in definitions if self.kind(d) == kind)
        return self._ids[kind]

    @cached_property
    def _has_tables(self) -> bool:
        words = ("__table", "sqlmodel", "flask_sqlalchemy")
        return any(word in module.file.text for module in self.program.modules for word in words)

    def _is_mapped(self, definition: Definition, node: ast.ClassDef, names: frozenset[str]) -> bool:
        """Whether SQLAlchemy or SQLModel maps a class to a table of its own.

        It says the table's name, or a method that it inherits makes one; mixins and abstract bases have none.
        """
        if names & _MODELS:
            return is_table_model(node)
        if says_abstract(definition):
            return False
        if _has_method(definition):
            return False  # the classes below it have the tables
        own, inherited = assigned_in(definition, *_TABLE_NAMES), self.lineage(definition)[1:]
        if own is not None:
            named = not is_none(own)
        else:
            abstract = (each for each in inherited if says_abstract(each))
            named = (
                any(map(_has_method, inherited))
                or any(assigned_in(each, *_TABLE_NAMES) for each in abstract)
                or (_FLASK_MODEL in names and all(self.kind(each) != "table" for each in inherited[::-1]))
            )
        return named and self._is_of_alchemy(definition, node, names)

    def _is_of_alchemy(self, definition: Definition, node: ast.ClassDef, names: frozenset[str]) -> bool:
        """Whether a class with a table's name has to do with SQLAlchemy; one of an unknown base may have."""
        module = definition.module
        if any(library_name(name) or not External(name).known for name in names):
            return True
        parts = list(node.decorator_list)
        for statement in (s for each in self.lineage(definition) for s in each.body):
            if isinstance(statement, ast.AnnAssign):
                parts.append(subscripted(statement.annotation))
            if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Call):
                parts.append(statement.value)
        return any(library_name(self.program.name_of(part, module)) for part in parts)

    def dataclass(self, definition: Definition) -> tuple[str, ast.expr] | None:
        """Return which library's decorator makes a class a dataclass, and it; None where none does."""
        for decorator in definition.node.decorator_list if isinstance(definition.node, ast.ClassDef) else []:
            name = self.program.name_of(decorator, definition.module)
            if name in {DATACLASS, PYDANTIC_DATACLASS}:
                return name, decorator
        return None

    def is_typeddict_call(self, call: ast.Call, definition: Definition) -> bool:
        """Whether *call* is the functional form of a TypedDict with its fields in view."""
        if self.program.name_of(call, definition.module) != "typing.TypedDict" or not call.args:
            return False
        if len(call.args) == 1:  # items as keywords, which Python 3.13 removed
            return all(keyword.arg for keyword in call.keywords)
        fields = call.args[1]
        return isinstance(fields, ast.Dict) and all(text_of(key) is not None for key in fields.keys)

    def _is_enum_call(self, call: ast.Call, definition: Definition) -> bool:
        """Whether *call* is the functional form of an Enum; of a class with members it looks one up."""
        symbol = self.program.resolve(call.func, definition.module)
        if not is_functional(call) or not isinstance(symbol, Definition):
            return is_functional(call) and isinstance(symbol, External) and symbol.name in _ENUMS
        has_members = any(isinstance(statement, ast.Assign) for statement in symbol.body)
        return self.kind(symbol) == "enum" and not has_members

    def _is_literal(self, alias: ast.Subscript, definition: Definition) -> bool:
        values = elements(alias)
        is_literal = self.program.name_of(alias.value, definition.module) == "typing.Literal"
        return is_literal and bool(values) and all(text_of(value) is not None for value in values)


def is_functional(call: ast.Call) -> bool:
    """Whether a call gives a name and members, as the functional form of an Enum has them."""
    return len(call.args) > 1 or any(keyword.arg == "names" for keyword in call.keywords)


def _has_method(definition: Definition) -> bool:
    """Whether a class has a method that makes the table's name."""
    return any(isinstance(s, ast.FunctionDef) and s.name == "__tablename__" for s in definition.body)


def says_abstract(definition: Definition) -> bool:
    """Whether a class states that it has no table, only classes below it."""
    return constant(assigned_in(definition, "__abstract__")) is True


def assigned_in(definition: Definition, *names: str) -> ast.expr | None:
    """Return what the body of a class assigns to one of *names*, or returns from a method of that name."""
    for statement in definition.body:
        if isinstance(statement, ast.FunctionDef) and statement.name in names:
            return returned(statement)
        for value in assigned([statement], *names):
            return value
    return None


def returned(function: ast.FunctionDef) -> ast.expr:
    """Return the one expression that a function returns, at its end; an ellipsis where there are more ways."""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    only = returns[0].value if returns == function.body[-1:] else None
    return only if only is not None else ast.Constant(value=Ellipsis)


def is_table_model(node: ast.ClassDef) -> bool:
    """Whether a class of SQLModel maps a table itself: SQLAlchemy then makes its rows, without validation."""
    return constant(argument_of(node, "table")) is True
