"""New classes at the end of a file, in the file's own style, and new files.

Authority for the layout of new code: the Black code style, as ``ruff format`` applies it.
"""

from __future__ import annotations

from collections.abc import Sequence

from schema_sync.codebase.writing.fields import FieldWriter
from schema_sync.codebase.writing.names import Names
from schema_sync.codebase.writing.rendering import (
    WIDTH,
    Spelled,
    TypeSpeller,
    annotated,
    assigned,
    columns,
    docstring,
    encodable,
    named,
    quoted,
)
from schema_sync.codebase.writing.styles import Style
from schema_sync.codebase.writing.verbatim import NEWLINE, Splice, Verbatim
from schema_sync.mapping.names import is_key
from schema_sync.model.edits import AddEnum, AddRow

Addition = AddEnum | AddRow


class ClassWriter:
    """Writes new classes for one file, as lines joined by bare newlines."""

    def __init__(self, names: Names, style: Style, types: TypeSpeller, encoding: str) -> None:
        self._names = names
        self._style = style
        self._types = types
        self._encoding = encoding

    def write(self, edit: Addition) -> str:
        """Return the class for *edit*, without a final newline."""
        return self._enum(edit) if isinstance(edit, AddEnum) else self._row(edit)

    def _enum(self, edit: AddEnum) -> str:
        style = self._style
        bases = style.bases or f"str, {self._names.spell('enum.Enum')}"
        lines = [_header(edit.declaration, bases), style.unit + docstring(edit.marker, self._encoding)]
        if edit.labels:
            lines.append("")
        taken: set[str] = set()
        for label in edit.labels:
            name = named(label, taken, upper=style.upper, encoding=self._encoding)
            taken.add(name)
            value = quoted(label, style.quote, self._encoding)
            lines.append(style.unit + assigned(name, value, style.unit))
        return "\n".join(lines)

    def _row(self, edit: AddRow) -> str:
        items = [(item.key, self._types.spelled(item.type)) for item in edit.items]
        if edit.form == "pydantic":
            return self._model(edit, items)
        if not (all(encodable(key, self._encoding) for key, _ in items) and _fits_class(items)):
            return self._functional(edit, items)
        style = self._style
        bases = self._names.spell("typing.TypedDict") + ("" if style.total else ", total=False")
        lines = [_header(edit.declaration, bases), style.unit + docstring(edit.marker, self._encoding)]
        if items:
            lines.append("")
        quotable = not self._names.postponed
        for key, kind in items:
            settled = self._types.settled(kind, quotable=quotable)
            lines.append(style.unit + annotated(key, settled, style.unit))
        return "\n".join(lines)

    def _model(self, edit: AddRow, items: list[tuple[str, Spelled]]) -> str:
        style, unit = self._style, self._style.unit
        writer = FieldWriter(self._names, style.quote, self._encoding)
        hidden = {"Field", "ConfigDict"}.union(*(_heads(kind) for _, kind in items))
        fields = writer.named(items, hidden)
        configuration = writer.configuration(fields)
        lines = [_header(edit.declaration, self._names.spell("pydantic.BaseModel"))]
        lines.append(unit + docstring(edit.marker, self._encoding))
        lines += ["", unit + configuration] if configuration else []
        lines += [""] if fields else []
        quotable = not self._names.postponed
        for item, field in zip(edit.items, fields, strict=True):
            settled = field._replace(type=self._types.settled(field.type, quotable=quotable))
            optional = item.type.admits_none and style.optional
            lines.append(unit + writer.field(settled, indent=unit, optional=optional))
        return "\n".join(lines)

    def _functional(self, edit: AddRow, items: list[tuple[str, Spelled]]) -> str:
        style = self._style
        unit, inner = style.unit, style.unit * 2
        lines = [
            f"{edit.declaration} = {self._names.spell('typing.TypedDict')}(",
            f"{unit}{quoted(edit.declaration, style.quote, self._encoding)},",
            f"{unit}{{",
        ]
        for key, kind in items:
            head = f"{inner}{quoted(key, style.quote, self._encoding)}: "
            lines.append(f"{head}{self._types.settled(kind).fitted(columns(head), inner, 1)},")
        lines += [f"{unit}}},", *([] if style.total else [f"{unit}total=False,"]), ")"]
        lines.append(docstring(edit.marker, self._encoding))
        return "\n".join(lines)


def _header(name: str, bases: str) -> str:
    line = f"class {name}({bases}):"
    return line if columns(line) <= WIDTH else f"class {name}(\n    {bases}\n):"


def _fits_class(items: list[tuple[str, Spelled]]) -> bool:
    """Whether a class body can hold *items*: no key hides a name that a later annotation uses."""
    seen: set[str] = set()
    for key, kind in items:
        if not is_key(key) or key == "__debug__" or not seen.isdisjoint(_heads(kind)):
            return False
        seen.add(key)
    return True


def _heads(kind: Spelled) -> set[str]:
    return {kind.head.partition(".")[0]}.union(*map(_heads, kind.arguments))


def append(source: Verbatim, texts: Sequence[str]) -> Verbatim:
    """Return *source* with *texts* behind it, each after two blank lines, with or without its final newline."""
    newline = source.newline
    body = source.text
    ended = not body.strip() or body.endswith(("\n", "\r"))
    ending = NEWLINE.findall(body[len(body.rstrip(" \t\f\r\n")) :])
    gap = newline * max(0, 3 - len(ending)) if body.strip() else ""
    joined = (newline * 3).join(text.replace("\n", newline) for text in texts)
    return source.replaced([Splice(len(body), len(body), gap + joined + newline * ended)])


def module_docstring(edits: Sequence[Addition]) -> str:
    """Return the docstring line of a new file with the classes of *edits*."""
    rows = any(isinstance(edit, AddRow) for edit in edits)
    enums = any(isinstance(edit, AddEnum) for edit in edits)
    what = "rows and enums" if rows and enums else "rows" if rows else "enums"
    return f'"""Database {what}."""'
