"""What a field of a model or dataclass is assigned, and its aliases.

Authority: pydantic's documentation, "Fields" and "Alias".
"""

from __future__ import annotations

import ast

from schema_sync.codebase.edit.style import TypeSpeller
from schema_sync.codebase.source_file import SourceFile, Splice
from schema_sync.codebase.syntax import text_of

_ALIASES = ("alias", "validation_alias", "serialization_alias")


def field_value(types: TypeSpeller, alias: str | None, *, optional: bool = False, keyword: bool = False) -> str:
    """Return what a field is assigned (default None, alias, keyword-only); empty if it needs nothing."""
    arguments = ["default=None"] if optional else []
    if alias is not None:
        arguments.append(f"alias={types.style.quoted(alias)}")
    if keyword:
        arguments.append("kw_only=True")
    if not arguments or arguments == ["default=None"]:
        return "None" if optional else ""
    function = "dataclasses.field" if alias is None else "pydantic.Field"
    return f"{types.spell(function)}({', '.join(arguments)})"


def realiased(types: TypeSpeller, text: str, former: str, alias: str) -> str:
    """Return the field *text* with *alias* wherever ``Field`` spells the key *former*."""
    source = SourceFile("", text)
    keywords = (node for node in ast.walk(source.tree) if isinstance(node, ast.keyword))
    values = [each.value for each in keywords if each.arg in _ALIASES and text_of(each.value) == former]
    spans = map(source.span, values)
    return source.replaced(Splice(*span, types.style.quoted(alias, text[span[1] - 1])) for span in spans).text


def with_alias(types: TypeSpeller, text: str, alias: str) -> str:
    """Return the field *text*, which spells no alias, with one."""
    source = SourceFile("", text)
    statement = source.tree.body[0]
    value = statement.value if isinstance(statement, ast.AnnAssign) else None
    if value is None:
        return f"{text} = {field_value(types, alias)}"
    start, end = source.span(value)
    if isinstance(value, ast.Call) and types.resolve(value.func).endswith(".Field"):
        separator = ", " if value.args or value.keywords else ""
        inside = text[start : end - 1].rstrip()
        inside = inside.removesuffix(",") if separator else inside
        return f"{text[:start]}{inside}{separator}alias={types.style.quoted(alias)}){text[end:]}"
    function = types.spell("pydantic.Field")
    call = f"{function}(default={text[start:end]}, alias={types.style.quoted(alias)})"
    return text[:start] + call + text[end:]
