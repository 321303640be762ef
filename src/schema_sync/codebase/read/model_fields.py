"""What a field says beyond its type, and how a model's configuration has its keys read and its values validated.

Authority: pydantic's documentation, "Fields", "Validators", "Alias" and "Configuration" (inheritance, class
arguments); the Python library reference, "dataclasses".
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schema_sync.codebase.read.class_kinds import DATACLASS, Kinds, Unknown
from schema_sync.codebase.scope import Definition, Module
from schema_sync.codebase.syntax import (
    FUNCTIONS,
    argument_of,
    assigned,
    constant,
    elements,
    is_none,
    names_bound,
    subscripted,
    text_of,
    unquoted,
)

_GENERATORS = "pydantic.alias_generators.to_"
_CALLS = frozenset({"dict", "pydantic.ConfigDict", "sqlmodel._compat.SQLModelConfig"})
_MAX_DEPTH = 50  # configurations within configurations, and names for names
_BY_NAME = ("populate_by_name", "validate_by_name")
_FIELDS = frozenset({"pydantic.Field", "dataclasses.field"})
_NO_FIELDS = frozenset({"pydantic.PrivateAttr", "sqlmodel.Relationship", "sqlmodel.main.Relationship"})
_CONSTRAINTS = (
    "gt ge lt le multiple_of min_length max_length pattern regex max_digits decimal_places allow_inf_nan "
    "coerce_numbers_to_str union_mode discriminator"
)
_OF_FIELDS = frozenset(
    f"pydantic.{name}" for name in ("field_validator", "validator", "field_serializer", "serializer")
)
_OF_MODEL = frozenset({"pydantic.model_validator", "pydantic.root_validator"})
_HARMLESS = (
    "annotated_types.",
    "typing.",
    "pydantic.AfterValidator",
    "pydantic.Discriminator",
    "pydantic.Field",
    "pydantic.PlainSerializer",
    "pydantic.Strict",
    "pydantic.StringConstraints",
    "pydantic.Tag",
    "pydantic.WrapSerializer",
)
Entry = tuple[ast.expr, Module]
"""A value of a configuration, and the module whose names it uses."""


class Configuration(NamedTuple):
    """What counts of a class's configuration; the generators are ``camel``, ``pascal``, ``snake`` or none."""

    generator: str = ""
    written: str = ""
    by_name: bool = False
    by_alias: bool = True
    closed: bool = False
    strict: bool = False


class Arguments(NamedTuple):
    """The arguments of the ``Field`` calls of a field, and what stands around them in ``Annotated``."""

    given: dict[str, ast.expr]
    trusted: bool = False
    constrained: bool = False
    strict: bool = False

    def constant(self, name: str) -> object:
        """Return the value of the argument *name* where it is a literal, else None."""
        return constant(self.given.get(name))

    @property
    def default(self) -> ast.expr | None:
        """The default value; None where there is none."""
        value = self.given.get("default", self.given.get("default_factory"))
        return None if constant(value) is Ellipsis else value


class Declared(NamedTuple):
    """An annotated name in the body of a class: a field, unless it is ``hidden``; ``keyword`` as in Field."""

    name: str
    statement: ast.AnnAssign
    definition: Definition
    arguments: Arguments
    keyword: bool
    hidden: bool


class Validators(NamedTuple):
    """The fields that validators and serializers name (``*``: all), and those whose values they see first."""

    named: frozenset[str]
    first: frozenset[str]


class Fields:
    """Reads the configurations of a program's models, and what stands around the types of their fields."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._program = kinds.program
        self._known: dict[Definition, dict[str, Entry]] = {}

    def configuration(self, lineage: list[Definition]) -> Configuration:
        """Return the configuration of a class, whose *lineage* starts with itself.

        Raises:
            Unknown: if it cannot be known.
        """
        entries: dict[str, Entry] = {}
        for definition in reversed(lineage):
            entries.update(self._own(definition))
        said = {name: constant(value) for name, (value, _) in entries.items()}
        by_name = any(said.get(name) is True for name in _BY_NAME)
        generator, written = self._generators(entries.get("alias_generator"), by_name=by_name)
        return Configuration(
            generator=generator,
            written=written,
            by_name=by_name,
            by_alias=said.get("validate_by_alias") is not False,
            closed=said.get("extra") == "forbid",
            strict=said.get("strict") is True,
        )

    def _own(self, definition: Definition) -> dict[str, Entry]:
        node, module = definition.node, definition.module
        if not isinstance(node, ast.ClassDef):
            return {}
        found: dict[str, Entry] = {}
        made = self._kinds.dataclass(definition)
        if made is None:
            found.update((k.arg, (k.value, module)) for k in node.keywords if k.arg)
        elif made[0] != DATACLASS and (config := argument_of(made[1], "config")):
            found.update(self._read(config, module))
        for statement in definition.body:
            if isinstance(statement, ast.ClassDef) and statement.name == "Config":
                for inner in statement.body:
                    value = inner.value if isinstance(inner, ast.Assign | ast.AnnAssign) else None
                    found.update((name, (value, module)) for name in names_bound(inner) if value is not None)
        for value in assigned(definition.body, "model_config", "__pydantic_config__"):
            found.update({} if value is None else self._read(value, module))
        return found

    def _read(self, value: ast.expr, module: Module, depth: int = 0) -> dict[str, Entry]:
        """Return the entries of ``ConfigDict(…)``, ``{…}``, or a name for one."""
        if isinstance(value, ast.Attribute) and value.attr == "model_config":
            return {}  # a base's, which counts already
        pairs: list[tuple[str | None, ast.expr]] = []
        if isinstance(value, ast.Call) and self._program.name_of(value, module) in _CALLS and not value.args:
            pairs = [(keyword.arg, keyword.value) for keyword in value.keywords]
        elif isinstance(value, ast.Dict) and all(k is None or isinstance(k, ast.Constant) for k in value.keys):
            keys = (None if key is None else str(constant(key)) for key in value.keys)
            pairs = list(zip(keys, value.values, strict=True))
        else:
            symbol = self._program.resolve(value, module)
            if not isinstance(symbol, Definition) or symbol.value is None or depth > _MAX_DEPTH:
                raise Unknown("its model_config cannot be determined from its source")
            if symbol not in self._known:
                self._known[symbol] = self._read(symbol.value, symbol.module, depth + 1)
            return self._known[symbol]
        found: dict[str, Entry] = {}
        for key, inner in pairs:
            found.update({key: (inner, module)} if key else self._read(inner, module, depth + 1))
        return found

    def _generators(self, entry: Entry | None, *, by_name: bool) -> tuple[str, str]:
        """Return the generators for reading and for writing."""
        if entry is None:
            return "", ""
        given, module = entry
        ways: list[ast.expr | None] = [given, given]
        if isinstance(given, ast.Call) and self._program.name_of(given, module) == "pydantic.AliasGenerator":
            alias = argument_of(given, "alias")
            ways = [argument_of(given, f"{way}_alias") or alias for way in ("validation", "serialization")]
        reading, writing = ways
        read = self._generator(reading, module, by_name=by_name)
        return read, self._generator(writing, module, by_name=True)

    def _generator(self, value: ast.expr | None, module: Module, *, by_name: bool) -> str:
        if value is None or is_none(value):
            return ""
        name = self._program.name_of(value, module)
        if name.startswith(_GENERATORS):
            return name.removeprefix(_GENERATORS)
        if by_name:
            return ""  # the names are read too
        raise Unknown("its alias_generator is not one of pydantic's own")

    def declared(self, definition: Definition) -> tuple[list[Declared], bool]:
        """Return the annotated names in the body of a class, and whether one at its end would be keyword-only.

        Raises:
            Unknown: if the arguments of a field cannot be known.
        """
        module, decorated = definition.module, self._kinds.dataclass(definition)
        keyword = decorated is None or constant(argument_of(decorated[1], "kw_only")) is True
        found: list[Declared] = []
        for statement in definition.body:
            if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
                continue
            name = statement.target.id
            private = decorated is None and (name.startswith("_") or name == "model_config")
            hidden = private or name == "__pydantic_config__" or self.is_none(statement, module)
            if self.outermost(statement.annotation, module) == "dataclasses.KW_ONLY":
                keyword = True
            else:
                arguments = Arguments({}) if hidden else self.arguments(statement, module)
                stated = arguments.constant("kw_only")
                by_keyword = keyword if stated is None else stated is True
                found.append(Declared(name, statement, definition, arguments, by_keyword, hidden))
        return found, keyword

    def is_none(self, statement: ast.AnnAssign, module: Module) -> bool:
        """Whether an annotated assignment makes no field: a class variable, a private attribute, a relation."""
        if self._program.name_of(statement.value, module) in _NO_FIELDS:
            return True
        outer = self.outermost(statement.annotation, module)
        return outer == "typing.ClassVar" or (outer == "typing.Final" and statement.value is not None)

    def outermost(self, annotation: ast.expr, module: Module) -> str:
        """Return the dotted name of what stands outermost in an annotation, before its brackets."""
        return self._program.name_of(subscripted(unquoted(annotation)), module)

    def arguments(self, statement: ast.AnnAssign, module: Module) -> Arguments:
        """Return what the annotation and the value of a field say."""
        given: dict[str, ast.expr] = {}
        metadata = list(self._metadata(statement.annotation, module))
        for node in metadata:
            given.update(self._arguments_of(node, module))
        value = statement.value
        if value is not None and self._program.name_of(value, module) in _FIELDS:
            given.update(self._arguments_of(value, module))
        elif value is not None:
            given["default"] = value
        called = [self._program.name_of(node, module) for node in metadata]
        constrained = any(name.startswith(("annotated_types.", "pydantic.StringConstraints")) for name in called)
        return Arguments(
            given=given,
            trusted=not all(name.startswith(_HARMLESS) for name in self._nested(statement.annotation, module)),
            constrained=constrained or not given.keys().isdisjoint(_CONSTRAINTS.split()),
            strict="pydantic.Strict" in called,
        )

    def _arguments_of(self, node: ast.expr, module: Module) -> dict[str, ast.expr]:
        if not isinstance(node, ast.Call) or self._program.name_of(node, module) not in _FIELDS:
            return {}
        if any(keyword.arg is None for keyword in node.keywords):
            raise Unknown("the arguments of one of its fields cannot be determined from its source")
        given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        return {"default": node.args[0], **given} if node.args else given

    def _metadata(self, annotation: ast.expr, module: Module) -> Iterator[ast.expr]:
        """Yield what the outermost ``Annotated`` of *annotation* adds to the type."""
        node = unquoted(annotation)
        symbol = self._program.resolve(node, module)
        if isinstance(symbol, Definition) and symbol.value is not None and symbol.module is module:
            node = unquoted(symbol.value)
        if isinstance(node, ast.Subscript) and self._program.name_of(node.value, module) == "typing.Annotated":
            yield from elements(node)[1:]

    def _nested(self, annotation: ast.expr, module: Module) -> Iterator[str]:
        """Yield the names of all that ``Annotated`` adds within *annotation*, aliases followed, literals left out.

        A name is empty where nobody can know it: what it names may take the value before the type does.
        """
        followed: set[Definition] = set()
        queue = [(annotation, module)]
        while queue:
            annotation, owner = queue.pop()
            node = unquoted(annotation)
            if isinstance(node, ast.Name | ast.Attribute):
                symbol = self._program.resolve(node, owner)
                if isinstance(symbol, Definition) and symbol.value is not None and symbol not in followed:
                    followed.add(symbol)
                    queue.append((symbol.value, symbol.module))
            elif isinstance(node, ast.BinOp):
                queue += [(node.right, owner), (node.left, owner)]
            elif isinstance(node, ast.Subscript):
                parts = elements(node)
                outer = self._program.name_of(node.value, owner)
                if outer == "typing.Annotated":
                    added = (part for part in parts[1:] if not isinstance(part, ast.Constant | ast.JoinedStr))
                    yield from (self._program.name_of(part, owner) for part in added)
                    parts = parts[:1]
                queue += [(part, owner) for part in reversed(parts) if outer != "typing.Literal"]

    def validators(self, lineage: Iterable[Definition]) -> Validators:
        """Return what the validators and serializers of a class and its bases name."""
        named, first = set[str](), set[str]()
        for definition in lineage:
            for call in _decorators(definition):
                name = self._program.name_of(call, definition.module)
                strings = {text for argument in call.args if (text := text_of(argument)) is not None}
                if name in _OF_FIELDS:
                    named |= strings
                    first |= strings if _sees_first(call) else set()
                elif name in _OF_MODEL and _sees_first(call):
                    first.add("*")
        return Validators(frozenset(named), frozenset(first))


def _decorators(definition: Definition) -> Iterator[ast.Call]:
    """Yield the calls that decorate methods, also as ``name = field_validator("x")(function)``."""
    for statement in definition.body:
        if isinstance(statement, FUNCTIONS):
            yield from (d for d in statement.decorator_list if isinstance(d, ast.Call))
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            made = statement.value.func
            yield made if isinstance(made, ast.Call) else statement.value


def _sees_first(call: ast.Call) -> bool:
    return (
        constant(argument_of(call, "mode")) in {"before", "wrap", "plain"}
        or constant(argument_of(call, "pre")) is True
    )
