"""Fields of models and dataclasses: ``name: type = Field(…)``, and new models.

Authority: pydantic's documentation, "Fields", "Alias" and "Configuration".
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schema_sync.codebase.edit.rendering import WIDTH, Spelled, annotated, columns, encodable
from schema_sync.codebase.edit.style import TypeSpeller
from schema_sync.codebase.source_file import SourceFile
from schema_sync.codebase.syntax import text_of
from schema_sync.mapping.fields import PROTECTED, field_name, is_field

_ALIASES = ("alias", "validation_alias", "serialization_alias")


class Named(NamedTuple):
    """An item or field to be written.

    ``alias`` is the key in a row where that is not the name, ``optional`` makes an item NotRequired and gives a
    field the default None, ``comment`` stands above it.
    """

    name: str
    type: Spelled
    alias: str | None = None
    optional: bool = False
    comment: str = ""


@dataclass(frozen=True)
class FieldWriter:
    """Writes fields in one file."""

    types: TypeSpeller

    def field(self, field: Named, *, indent: str) -> str:
        """Return a field for a class's body that is indented by *indent*."""
        flat = self.flat(field.name, field.type.text, field.alias, field.optional)
        value = self.value(field.alias, field.optional)
        if not value:
            return annotated(field.name, field.type, indent)
        head = flat[: -len(value)]
        fits = len(indent) + columns(flat) <= WIDTH
        if fits or not value.endswith(")") or len(indent) + columns(head) > WIDTH - len("Field("):
            return flat
        call, _, arguments = value.partition("(")
        return f"{head}{call}(\n{indent}    {arguments[:-1]}\n{indent})"

    def flat(self, name: str, annotation: str, alias: str | None, *which: bool) -> str:
        """Return a field on one line; *which* are those of ``value``."""
        value = self.value(alias, *which)
        return f"{name}: {annotation} = {value}" if value else f"{name}: {annotation}"

    def value(self, alias: str | None, optional: bool = False, keyword: bool = False) -> str:
        """Return what a field is assigned (default None, alias, keyword-only); empty if it needs nothing."""
        arguments = ["default=None"] if optional else []
        if alias is not None:
            arguments.append(f"alias={self.types.style.quoted(alias)}")
        if keyword:
            arguments.append("kw_only=True")
        if not arguments or arguments == ["default=None"]:
            return "None" if optional else ""
        function = "dataclasses.field" if alias is None else "pydantic.Field"
        return f"{self.types.spell(function)}({', '.join(arguments)})"

    def named(self, items: Sequence[Named], taken: Collection[str]) -> list[Named]:
        """Return *items*, named by their keys, as fields: no name is in *taken*, is private or hides a type."""
        encoding = self.types.style.encoding
        keys = (item.name for item in items)
        own = {key for key in keys if is_field(key) and key not in taken and encodable(key, encoding)}
        used = {*own, *taken}
        found: list[Named] = []
        for item in items:
            name = item.name if item.name in own else self._name(item.name, used)
            used.add(name)
            found.append(item._replace(name=name, alias=item.name if name != item.name else None))
        return found

    def _name(self, key: str, used: Collection[str]) -> str:
        name = field_name(key, used)
        if encodable(name, self.types.style.encoding):
            return name
        return field_name(key.encode("ascii", "ignore").decode(), used)

    def configuration(self, fields: Sequence[Named]) -> str:
        """Return the ``model_config`` that a new model needs, empty if none."""
        settings = ["populate_by_name=True"] if any(field.alias is not None for field in fields) else []
        settings += ["protected_namespaces=()"] if any(f.name.startswith(PROTECTED) for f in fields) else []
        if not settings:
            return ""
        return f"model_config = {self.types.spell('pydantic.ConfigDict')}({', '.join(settings)})"

    # ---- aliases of fields that are there

    def realiased(self, text: str, former: str, alias: str) -> str:
        """Return the field *text* with *alias* wherever ``Field`` spells the key *former*."""
        source = SourceFile("", text)
        keywords = (node for node in ast.walk(source.tree) if isinstance(node, ast.keyword))
        values = [each.value for each in keywords if each.arg in _ALIASES and text_of(each.value) == former]
        for start, end in sorted(map(source.span, values), reverse=True):
            text = text[:start] + self.types.style.quoted(alias, text[end - 1]) + text[end:]
        return text

    def with_alias(self, text: str, alias: str) -> str:
        """Return the field *text*, which spells no alias, with one."""
        source = SourceFile("", text)
        statement = source.tree.body[0]
        value = statement.value if isinstance(statement, ast.AnnAssign) else None
        if value is None:
            return f"{text} = {self.value(alias)}"
        start, end = source.span(value)
        if isinstance(value, ast.Call) and self.types.resolve(value.func).endswith(".Field"):
            separator = ", " if value.args or value.keywords else ""
            inside = text[start : end - 1].rstrip()
            inside = inside.removesuffix(",") if separator else inside
            return f"{text[:start]}{inside}{separator}alias={self.types.style.quoted(alias)}){text[end:]}"
        function = self.types.spell("pydantic.Field")
        call = f"{function}(default={text[start:end]}, alias={self.types.style.quoted(alias)})"
        return text[:start] + call + text[end:]
