"""Pydantic models and dataclasses → RowDeclaration, by their source alone.

Authority: pydantic's documentation, "Models", "Fields", "Alias", "Dataclasses"; the Python library reference,
"dataclasses". Pydantic 2 is meant.
"""

from __future__ import annotations

import ast
from typing import Literal

from msgspec.structs import replace

from schema_sync.codebase.read.annotations import Annotations
from schema_sync.codebase.read.class_kinds import DATACLASS, MOST_BASES, PYDANTIC_DATACLASS, Kinds, Unknown
from schema_sync.codebase.read.model_fields import (
    Arguments,
    Configuration,
    Declared,
    Fields,
    Validators,
)
from schema_sync.codebase.scope import Definition, Module
from schema_sync.codebase.syntax import is_none, text_of
from schema_sync.mapping.fields import GENERATORS
from schema_sync.model.declarations import Field, Item, RowDeclaration, RowForm

_DATACLASSES: dict[str, RowForm] = {
    DATACLASS: "dataclass",
    PYDANTIC_DATACLASS: "pydantic_dataclass",
}


class Models:
    """Reads the models and dataclasses of a program."""

    def __init__(self, kinds: Kinds, annotations: Annotations) -> None:
        self._kinds = kinds
        self._annotations = annotations

        self._fields = Fields(kinds)
        self._read: dict[Definition, dict[str, Declared]] = {}
        self._made: dict[Definition, Configuration] = {}

    def declaration(self, definition: Definition) -> RowDeclaration:
        """Return the declaration in *definition*, a class that is a model or a dataclass."""
        made = self._kinds.dataclass(definition)
        bare = RowDeclaration(
            name=definition.name,
            form="pydantic" if made is None else _DATACLASSES[made[0]],
            doc=definition.doc,
            comments=definition.comments,
            at=definition.at,
        )
        try:
            lineage = self._lineage(definition)
            validated = bare.form != "dataclass"
            configuration = self._fields.configuration(lineage) if validated else Configuration()
            validators = self._fields.validators(lineage) if validated else Validators(frozenset(), frozenset())
            found: dict[str, Declared] = {}
            for ancestor in reversed(lineage):
                found.update(self._own(ancestor, model=bare.form == "pydantic"))
            items = tuple(self._item(own, definition, configuration, validators) for own in found.values())
        except Unknown as reason:
            return replace(bare, unknown=str(reason))
        return replace(
            bare,
            others=items,
            closed=configuration.closed,
            aliases=configuration.generator,
            by_name=configuration.by_name,
        )

    def _lineage(self, definition: Definition) -> list[Definition]:
        """Return the class and the scanned ones that it inherits from, in the order of method resolution.

        Raises:
            Unknown: if they are more than ``MOST_BASES``, or one has a base that nobody knows.
        """
        found = self._kinds.lineage(definition)
        if len(found) > MOST_BASES:
            raise Unknown(f"it inherits from more than {MOST_BASES} classes")
        for each in found:
            if not isinstance(each.node, ast.ClassDef):
                raise Unknown(f"what its base {each.name} is cannot be determined from its source")
            self._kinds.refuse_unknown_bases(each, "pydantic", "sqlmodel")
        return found

    def _own(self, definition: Definition, *, model: bool) -> dict[str, Declared]:
        """Return the fields that the body of a class makes, by name; in a *model* mixins make fields too."""
        if not model and self._kinds.dataclass(definition) is None:
            return {}
        if definition not in self._read:
            declared, _ = self._fields.declared(definition)
            self._read[definition] = {each.name: each for each in declared if not each.hidden}
        return self._read[definition]

    def _aside(self, own: Declared) -> Literal["", "taken", "made"]:
        """Return whether a dataclass has an argument that is not a field, or a field that is not an argument."""
        if self._kinds.dataclass(own.definition) is None:
            return ""
        if own.arguments.constant("init") is False:
            return "made"
        outer = self._fields.outermost(own.statement.annotation, own.definition.module)
        taken = outer == "dataclasses.InitVar" or own.arguments.constant("init_var") is True
        return "taken" if taken else ""

    def _item(
        self, own: Declared, definition: Definition, configuration: Configuration, validators: Validators
    ) -> Item:
        name, statement, arguments = own.name, own.statement, own.arguments
        module, aside = own.definition.module, self._aside(own)
        inherited = own.definition is not definition
        if inherited and not configuration.generator and self._kinds.kind(own.definition) == "model":
            made = self._configuration(own.definition)  # whose aliases are handed on
            configuration = configuration._replace(generator=made.generator, written=made.written)
        keys, nested = self._keys(name, arguments, configuration, module)
        default = arguments.default
        strict = arguments.constant("strict")
        annotation = self._annotations.item(statement.annotation, module)
        return Item(
            key=keys[0],
            type=annotation.type,
            alias=annotation.alias,
            required=default is None,
            inherited=inherited,
            owner=own.definition.name,
            comments=module.file.comments_above(statement.target.lineno, statement.target.col_offset),
            field=Field(
                name=name,
                others=tuple(keys[1:]),
                dumped=_dumped(name, arguments, configuration),
                default="missing" if default is None else "none" if is_none(default) else "value",
                strict=arguments.strict or (configuration.strict if strict is None else strict is True),
                trusted=bool(aside) or nested or arguments.trusted or not validators.first.isdisjoint({name, "*"}),
                pinned=name in validators.named,
                constrained=arguments.constrained,
                keyword=own.keyword,
                aside=aside,
                aliased=isinstance(arguments.constant("validation_alias") or arguments.constant("alias"), str),
            ),
            at=module.file.at(statement.target),
        )

    def _configuration(self, definition: Definition) -> Configuration:
        if definition not in self._made:
            self._made[definition] = self._fields.configuration(self._lineage(definition))
        return self._made[definition]

    def _keys(
        self, name: str, arguments: Arguments, configuration: Configuration, module: Module
    ) -> tuple[list[str], bool]:
        """Return the keys that are read for a field, and whether its value lies deeper than under the key."""
        stated = arguments.given.get("validation_alias", arguments.given.get("alias"))
        if stated is None or is_none(stated):
            aliases = [GENERATORS[configuration.generator](name)] if configuration.generator else [name]
            nested = False
        else:
            aliases, nested = self._aliases(stated, module)
        if not configuration.by_alias:
            return [name], False
        return list(dict.fromkeys([*aliases, *([name] if configuration.by_name else [])])), nested

    def _aliases(self, stated: ast.expr, module: Module) -> tuple[list[str], bool]:
        text = text_of(stated)
        if text is not None:
            return [text], False
        called = self._kinds.program.name_of(stated, module)
        if isinstance(stated, ast.Call) and called == "pydantic.AliasChoices" and stated.args:
            parts = [self._aliases(choice, module) for choice in stated.args]
            return [key for keys, _ in parts for key in keys], any(nested for _, nested in parts)
        if isinstance(stated, ast.Call) and called == "pydantic.AliasPath" and stated.args:
            return self._aliases(stated.args[0], module)[0], True
        raise Unknown("the alias of one of its fields cannot be determined from its source")


def _dumped(name: str, arguments: Arguments, configuration: Configuration) -> str:
    """Return the key under which a field is written by alias; empty where that is its name."""
    stated = arguments.constant("serialization_alias") or arguments.constant("alias")
    if isinstance(stated, str):
        return stated if stated != name else ""
    written = GENERATORS[configuration.written](name) if configuration.written else name
    return written if written != name else ""
