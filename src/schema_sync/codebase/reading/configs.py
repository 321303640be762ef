"""The configuration of pydantic models: which keys a row has, and how strictly it is validated.

Authority: pydantic's documentation, "Configuration" (inheritance, class arguments) and "Alias".
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from schema_sync.codebase.reading.kinds import DATACLASS, Kinds
from schema_sync.codebase.scope import Definition, Module
from schema_sync.codebase.syntax import argument_of, assigned, constant, is_none, names_bound

_GENERATORS = "pydantic.alias_generators.to_"
_CALLS = frozenset({"dict", "pydantic.ConfigDict", "sqlmodel._compat.SQLModelConfig"})
_MAX_DEPTH = 50  # configurations within configurations, and names for names
_BY_NAME = ("populate_by_name", "validate_by_name")


class Entry(NamedTuple):
    """A value of a configuration, and the module whose names it uses."""

    value: ast.expr
    module: Module


class Unknown(Exception):  # noqa: N818  # no error: what a class says cannot be determined from its source
    """A class whose keys cannot be determined from its source; the message says why."""


class Configuration(NamedTuple):
    """What counts of a class's configuration; the generators are ``camel``, ``pascal``, ``snake`` or none."""

    generator: str = ""
    written: str = ""
    by_name: bool = False
    by_alias: bool = True
    closed: bool = False
    strict: bool = False


class Configurations:
    """Reads the configurations of a program's models."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._program = kinds.program
        self._known: dict[Definition, dict[str, Entry]] = {}

    def of(self, lineage: list[Definition]) -> Configuration:
        """Return the configuration of a class, whose *lineage* starts with itself.

        Raises:
            Unknown: if it cannot be told.
        """
        entries: dict[str, Entry] = {}
        for definition in reversed(lineage):
            entries.update(self._own(definition))
        said = {name: constant(entry.value) for name, entry in entries.items()}
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
            found.update((k.arg, Entry(k.value, module)) for k in node.keywords if k.arg)
        elif made[0] != DATACLASS and (config := argument_of(made[1], "config")):
            found.update(self._read(config, module))
        for statement in definition.body:
            if isinstance(statement, ast.ClassDef) and statement.name == "Config":
                for inner in statement.body:
                    value = inner.value if isinstance(inner, ast.Assign | ast.AnnAssign) else None
                    found.update((name, Entry(value, module)) for name in names_bound(inner) if value is not None)
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
            pairs = [
                (str(k.value) if isinstance(k, ast.Constant) else None, v)
                for k, v in zip(value.keys, value.values, strict=True)
            ]
        else:
            symbol = self._program.resolve(value, module)
            if not isinstance(symbol, Definition) or symbol.value is None or depth > _MAX_DEPTH:
                raise Unknown("its model_config cannot be determined from its source")
            if symbol not in self._known:
                self._known[symbol] = self._read(symbol.value, symbol.module, depth + 1)
            return self._known[symbol]
        found: dict[str, Entry] = {}
        for key, inner in pairs:
            found.update({key: Entry(inner, module)} if key else self._read(inner, module, depth + 1))
        return found

    def _generators(self, entry: Entry | None, *, by_name: bool) -> tuple[str, str]:
        """Return the generators for reading and for writing."""
        if entry is None:
            return "", ""
        value, module = entry
        if isinstance(value, ast.Call) and self._program.name_of(value, module) == "pydantic.AliasGenerator":
            alias = argument_of(value, "alias")
            reading = argument_of(value, "validation_alias") or alias
            writing = argument_of(value, "serialization_alias") or alias
            return (
                self._generator(reading, module, by_name=by_name),
                self._generator(writing, module, by_name=True),
            )
        name = self._generator(value, module, by_name=by_name)
        return name, name

    def _generator(self, value: ast.expr | None, module: Module, *, by_name: bool) -> str:
        if value is None or is_none(value):
            return ""
        name = self._program.name_of(value, module)
        if name.startswith(_GENERATORS):
            return name.removeprefix(_GENERATORS)
        if by_name:
            return ""  # the names are read too
        raise Unknown("its alias_generator is not one of pydantic's own")
