"""Columns as SQLAlchemy and SQLModel declare them → Item.

Authority: SQLAlchemy's documentation, "Table Configuration with Declarative", "Mapped Column" and "The Type
Hierarchy"; SQLModel's, "Fields".
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from schema_sync.codebase.read.annotations import OPAQUE, Annotations
from schema_sync.codebase.read.class_kinds import Kinds, Unknown, library_name
from schema_sync.codebase.read.strings import Strings
from schema_sync.codebase.scope import Definition, Module
from schema_sync.codebase.syntax import alternatives, argument_of, constant, elements, unquoted
from schema_sync.model.declarations import EnumDeclaration, Field, Item, Member, PyType, union

COLUMN_CALLS = frozenset({"Column", "mapped_column"})
_WRAPPING = frozenset({"column_property", "composite", "deferred"})  # calls that may hold columns
_ABOUT_COLUMNS = frozenset({"CheckConstraint", "Computed", "FetchedValue", "ForeignKey", "Identity", "Sequence"})
_NUMBER = union(*(PyType(name=name) for name in ("int", "float", "decimal.Decimal")))
_NUMBERS = "Float REAL FLOAT Double DOUBLE DOUBLE_PRECISION Numeric NUMERIC DECIMAL"
_TYPES = {
    "int": "Integer BigInteger SmallInteger INTEGER BIGINT SMALLINT INT",
    "str": "String Text Unicode UnicodeText VARCHAR TEXT CHAR NVARCHAR CITEXT AutoString",
    "bool": "Boolean BOOLEAN",
    "datetime.datetime": "DateTime TIMESTAMP DATETIME",
    "datetime.date": "Date DATE",
    "datetime.time": "Time TIME",
    "datetime.timedelta": "Interval INTERVAL",
    "bytes": "LargeBinary BYTEA BINARY VARBINARY",
}
_PYTHON = {
    **{sql: PyType(name=name) for name, types in _TYPES.items() for sql in types.split()},
    **dict.fromkeys(_NUMBERS.split(), _NUMBER),
    **dict.fromkeys(("Uuid", "UUID"), union(PyType(name="uuid.UUID"), PyType(name="str"))),  # by as_uuid
}
_ANNOTATED = frozenset({"Literal", "uuid.UUID", "float", "decimal.Decimal", *_TYPES})
_OF_ANNOTATIONS = {name: _PYTHON[sql] for name, sql in {"float": "Float", "decimal.Decimal": "Numeric"}.items()}


class Written(NamedTuple):
    """A column where it is written: its attribute, annotation (without ``Mapped``) and the call that makes it."""

    name: str
    annotation: ast.expr | None
    call: ast.Call | None
    place: ast.expr | ast.stmt
    owner: Definition


class _Arguments(NamedTuple):
    """What a call says of a column, and whose names its type uses."""

    name: str | None = None
    type: tuple[ast.expr, Module] | None = None
    nullable: bool | None = None
    primary: bool = False
    doubtful: bool = False


class Columns:
    """Reads columns; ``enums`` are the ids of Enums whose names are stored, ``listed`` types of columns, by id."""

    def __init__(self, kinds: Kinds, annotations: Annotations) -> None:
        self._kinds = kinds
        self._program = kinds.program
        self._annotations = annotations
        self._strings = Strings(kinds.program)
        self.enums: set[str] = set()
        self.listed: dict[str, EnumDeclaration] = {}

    def library(self, node: ast.expr | None, module: Module) -> str:
        """Return the bare name of what *node* calls, or names, in SQLAlchemy and its kin; empty for all else."""
        return library_name(self._program.name_of(node, module))

    def calls(self, node: ast.expr | None, module: Module) -> list[ast.Call]:
        """Return the calls that make a column in *node*: itself, or those that it wraps."""
        if not isinstance(node, ast.Call):
            return []
        name = self.library(node, module)
        if name in COLUMN_CALLS:
            return [node]
        found = [c for a in node.args for c in self.calls(a, module)] if name in _WRAPPING else []
        if name == "composite" and any(not c.args or self._strings.of(c.args[0], module) is None for c in found):
            raise Unknown("the columns of a composite attribute cannot be determined from its source")
        return found

    def item(self, written: Written, *, inherited: bool, mapped_types: bool) -> Item:
        """Return the item for a column; *mapped_types* says that the base has a ``type_annotation_map``."""
        module = written.owner.module
        said = self._said(written, module)
        annotated = OPAQUE if written.annotation is None else self._annotations.type(written.annotation, module)
        if said.type is None:
            type_ = self._of_annotation(annotated, mapped_types)
        else:
            type_ = self._listed(written, *said.type) or self._of_type(*said.type)
        nullable = said.nullable
        if nullable is None and not said.doubtful:
            says_none = any(member.name == "None" for member in annotated.members)
            nullable = not said.primary and (says_none if written.annotation is not None else True)
        name = said.name or written.name
        return Item(
            key=name,
            type=type_,
            inherited=inherited,
            owner=written.owner.name,
            field=Field(name=written.name, nullable=nullable),
            at=module.file.at(written.place),
        )

    def _said(self, written: Written, module: Module) -> _Arguments:
        found = [self._arguments(call, owner) for call, owner in self._in_annotation(written.annotation, module)]
        if written.call is not None:
            is_column = self.library(written.call, module) in COLUMN_CALLS  # else it is SQLModel's Field
            found.append((self._arguments if is_column else self._field)(written.call, module))
        merged = _Arguments()
        for each in found:  # what stands nearer to the column wins
            merged = _Arguments(
                name=each.name or merged.name,
                type=each.type or merged.type,
                nullable=merged.nullable if each.nullable is None else each.nullable,
                primary=each.primary or merged.primary,
                doubtful=each.doubtful or merged.doubtful,
            )
        return merged

    def _in_annotation(self, node: ast.expr | None, module: Module) -> list[tuple[ast.Call, Module]]:
        """Return the columns that ``Annotated`` in an annotation holds, through one alias."""
        node = node and unquoted(node)
        if isinstance(node, ast.Name | ast.Attribute):
            symbol = self._program.resolve(node, module)
            if not isinstance(symbol, Definition) or not isinstance(symbol.value, ast.Subscript):
                return []
            node, module = symbol.value, symbol.module
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return [found for each in alternatives(node) for found in self._in_annotation(each, module)]
        if not isinstance(node, ast.Subscript):
            return []
        parts = elements(node)
        if self._program.name_of(node.value, module) == "typing.Optional":
            return self._in_annotation(parts[0], module)
        return [(call, module) for part in parts[1:] for call in self.calls(part, module)]

    def _arguments(self, call: ast.Call, module: Module) -> _Arguments:
        given = self._keywords(call)
        positional = [a for a in call.args if self.library(a, module) not in _ABOUT_COLUMNS]
        if any(isinstance(a, ast.Starred) for a in positional):
            raise Unknown("the arguments of one of its columns cannot be determined from its source")
        name = self._strings.of(_unquoted_name(positional[0]), module) if positional else None
        rest = positional[1:] if name is not None else positional
        name = self._strings.of(given["name"], module) if "name" in given else name
        type_ = rest[0] if rest else given.get("type_")
        nullable = constant(given.get("nullable"))
        return _Arguments(
            name=name,
            type=None if type_ is None else (type_, module),
            nullable=nullable if isinstance(nullable, bool) else None,
            primary=constant(given.get("primary_key")) is True,
            doubtful="nullable" in given and not isinstance(nullable, bool),
        )

    def _field(self, call: ast.Call, module: Module) -> _Arguments:
        """Read ``Field(…)`` of SQLModel."""
        given = self._keywords(call)
        column = self.calls(given.get("sa_column"), module)
        if column:
            return self._arguments(column[0], module)
        more = given.get("sa_column_kwargs")
        pairs = zip(more.keys, more.values, strict=True) if isinstance(more, ast.Dict) else ()
        extra = {str(constant(key)): value for key, value in pairs}
        nullable = constant(given.get("nullable", extra.get("nullable")))
        type_ = given.get("sa_type")
        return _Arguments(
            name=self._strings.of(extra.get("name"), module),
            type=None if type_ is None else (type_, module),
            nullable=nullable if isinstance(nullable, bool) else None,
            primary=constant(given.get("primary_key")) is True,
            doubtful="sa_column" in given or (more is not None and not isinstance(more, ast.Dict)),
        )

    def _keywords(self, call: ast.Call) -> dict[str, ast.expr]:
        if any(keyword.arg is None for keyword in call.keywords):
            raise Unknown("the arguments of one of its columns cannot be determined from its source")
        return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}

    def _of_annotation(self, annotated: PyType, mapped_types: bool) -> PyType:
        """Return what a column yields whose type SQLAlchemy takes from the annotation."""
        plain = annotated.without_none
        if plain.name in self._kinds.ids("enum"):
            if mapped_types:
                return OPAQUE
            self.enums.add(plain.name)
        elif plain.name not in _ANNOTATED and plain.name not in self._kinds.ids("literal"):
            return OPAQUE
        return _OF_ANNOTATIONS.get(plain.name, plain)

    def _of_type(self, node: ast.expr, module: Module) -> PyType:
        """Return what a column of an SQLAlchemy type yields; opaque where that is not certain."""
        name = self.library(node, module)
        call = node if isinstance(node, ast.Call) else None
        if name in {"Enum", "ENUM"} and call is not None:
            return self._enum(call, module)
        if name == "ARRAY" and call is not None and call.args:
            return PyType(name="list", args=(self._of_type(call.args[0], module),))
        return _PYTHON.get(name, OPAQUE)

    def _texts(self, call: ast.Call, module: Module) -> tuple[str, ...]:
        """Return the labels that ``Enum("a", "b")`` lists; none where one of them cannot be known."""
        texts = [self._strings.of(argument, module) for argument in call.args]
        return () if None in texts else tuple(text for text in texts if text is not None)

    def _listed(self, written: Written, node: ast.expr, module: Module) -> PyType | None:
        """Return the enum type that ``Enum("a", "b", name="x")`` declares; None for any other type."""
        if not isinstance(node, ast.Call) or self.library(node, module) not in {"Enum", "ENUM"}:
            return None
        texts, given = self._texts(node, module), self._keywords(node)
        if not texts or constant(given.get("native_enum")) is False:
            return None
        at = module.file.at(node)
        name = self._strings.of(given.get("name"), module) or written.name
        declared = EnumDeclaration(
            name=f"{written.owner.name}.{name}",
            form="sqlalchemy",
            members=tuple(Member(name=text, value=text, at=at) for text in texts),
            kept="SQLAlchemy classes are read, not edited: mend it by hand.",
            at=at,
        )
        self.listed[declared.id] = declared
        return PyType(name=declared.id)

    def _enum(self, call: ast.Call, module: Module) -> PyType:
        texts = self._texts(call, module)
        if texts:
            return PyType(name="Literal", literals=texts)
        first = call.args[0] if call.args else None
        type_ = self._annotations.type(first, module) if first is not None else OPAQUE
        if type_.name not in self._kinds.ids("enum"):
            return OPAQUE
        if argument_of(call, "values_callable") is None:
            self.enums.add(type_.name)
        return type_


def _unquoted_name(node: ast.expr) -> ast.expr:
    """Return what ``quoted_name(…)`` quotes."""
    if not isinstance(node, ast.Call) or not node.args:
        return node
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return node.args[0] if called == "quoted_name" else node
