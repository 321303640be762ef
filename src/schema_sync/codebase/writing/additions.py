"""New classes at the end of a file, in the file's own style, and new files.

Authority for the layout of new code: the Black code style, as ``ruff format`` applies it.
"""

from __future__ import annotations

from collections.abc import Sequence

from schema_sync.codebase.source_file import NEWLINE, SourceFile, Splice
from schema_sync.codebase.writing.documents import commented, described
from schema_sync.codebase.writing.fields import FieldWriter
from schema_sync.codebase.writing.ordering import Addition
from schema_sync.codebase.writing.rendering import (
    WIDTH,
    Spelled,
    all_named,
    annotated,
    assigned,
    columns,
    docstring,
    encodable,
)
from schema_sync.codebase.writing.styles import TypeSpeller
from schema_sync.mapping.aliases import ARRAY
from schema_sync.mapping.names import is_key
from schema_sync.model.edits import AddAlias, AddEnum, AddResult, AddRow

_EXTENSIONS = "typing_extensions"
NOT_REQUIRED = "typing.NotRequired"
_Item = tuple[str, Spelled, bool]  # key, type, and whether it is NotRequired


class ClassWriter:
    """Writes new classes for one file, as lines joined by bare newlines."""

    def __init__(self, types: TypeSpeller) -> None:
        self._types = types
        self._style = types.style
        self._names = types.style.names

    def write(self, edit: Addition) -> str:
        """Return the class or alias for *edit*, without a final newline."""
        if isinstance(edit, AddAlias):
            return self._alias(edit)
        if isinstance(edit, AddResult):
            return self._result(edit)
        return self._enum(edit) if isinstance(edit, AddEnum) else self._row(edit)

    def _alias(self, edit: AddAlias) -> str:
        """Return the text of an alias: fixed, but for how the file calls what it is made of.

        A string names the alias itself before it exists; typing.TypeAliasType is of Python 3.12 and later.
        """
        made = self._names.spell("typing.TypeAliasType", source=_EXTENSIONS)
        either = self._names.spell("typing.Union")
        name = edit.declaration
        if name != ARRAY:
            value = f"{either}[dict[str, {name}], list[{name}], str, int, float, bool, None]"
            return _called(f"{name} = {made}", f'"{name}", "{value}"')
        variable = "T"
        while self._names.binds(variable):
            variable = f"_{variable}"
        return f'{variable} = {self._names.spell("typing.TypeVar")}("{variable}")\n\n' + _called(
            f"{name} = {made}",
            f'"{name}", "list[{either}[{variable}, {name}[{variable}], None]]", type_params=({variable},)',
        )

    def _result(self, edit: AddResult) -> str:
        head = f"{edit.declaration}: {self._names.spell('typing.TypeAlias')} = "
        kind = self._types.settled(self._types.spelled(edit.type)).fitted(columns(head), "")
        return f"{head}{kind}\n{docstring(edit.marker, self._style.encoding)}"

    def _enum(self, edit: AddEnum) -> str:
        style = self._style
        bases = style.bases or f"str, {self._names.spell('enum.Enum')}"
        lines = [_header(edit.declaration, bases), style.unit + self._doc(edit, style.unit)]
        if edit.labels:
            lines.append("")
        chosen = all_named(edit.labels, upper=style.upper, encoding=self._style.encoding)
        for label, name in chosen.items():
            value = style.quoted(label)
            lines.append(style.unit + assigned(name, value, style.unit))
        return "\n".join(lines)

    def _row(self, edit: AddRow) -> str:
        if edit.form == "pydantic":
            return self._model(edit)
        optional = edit.shape == "insert"
        items = [(i.key, self._types.spelled(i.type), optional and not i.required) for i in edit.items]
        whole = [(key, self._qualified(kind, optional=each)) for key, kind, each in items]
        if not (all(encodable(key, self._style.encoding) for key, _ in whole) and _fits_class(whole)):
            return self._functional(edit, items)
        style = self._style
        bases = self._typed_dict(edit) + ("" if self._total(edit) else ", total=False")
        lines = [_header(edit.declaration, bases), style.unit + self._doc(edit, style.unit)]
        if items:
            lines.append("")
        quotable = not self._names.postponed
        comments = {item.key: item.comment for item in edit.items}
        for key, kind, optional in items:
            settled = self._types.settled(kind, quotable=quotable)
            lines += commented(comments[key], style.unit, "\n", self._style.encoding).splitlines()
            lines.append(style.unit + annotated(key, self._qualified(settled, optional=optional), style.unit))
        return "\n".join(lines)

    def _model(self, edit: AddRow) -> str:
        style, unit = self._style, self._style.unit
        writer = FieldWriter(self._types)
        items = [(item.key, self._types.spelled(item.type)) for item in edit.items]
        hidden = {"Field", "ConfigDict"}.union(*(_heads(kind) for _, kind in items))
        fields = writer.named(items, hidden)
        configuration = writer.configuration(fields)
        lines = [_header(edit.declaration, self._names.spell("pydantic.BaseModel")), unit + self._doc(edit, unit)]
        lines += ["", unit + configuration] if configuration else []
        lines += [""] if fields else []
        quotable = not self._names.postponed
        for item, field in zip(edit.items, fields, strict=True):
            settled = field._replace(type=self._types.settled(field.type, quotable=quotable))
            optional = not item.required or (item.type.admits_none and style.optional and edit.shape == "row")
            lines += commented(item.comment, unit, "\n", self._style.encoding).splitlines()
            lines.append(unit + writer.field(settled, indent=unit, optional=optional))
        return "\n".join(lines)

    def _doc(self, edit: AddEnum | AddRow, indent: str) -> str:
        return described(edit.marker, edit.comment, indent, self._style.encoding)

    def _typed_dict(self, edit: AddRow) -> str:
        return self._names.spell("typing.TypedDict", source=_EXTENSIONS if edit.extensions else None)

    def _total(self, edit: AddRow) -> bool:
        return self._style.total if edit.shape == "row" else edit.shape == "insert"

    def _qualified(self, kind: Spelled, *, optional: bool) -> Spelled:
        return Spelled(self._names.spell(NOT_REQUIRED), (kind,)) if optional else kind

    def _functional(self, edit: AddRow, items: list[_Item]) -> str:
        style = self._style
        unit, inner = style.unit, style.unit * 2
        lines = [
            f"{edit.declaration} = {self._typed_dict(edit)}(",
            f"{unit}{style.quoted(edit.declaration)},",
            f"{unit}{{",
        ]
        for key, kind, optional in items:
            head = f"{inner}{style.quoted(key)}: "
            settled = self._qualified(self._types.settled(kind), optional=optional)
            lines.append(f"{head}{settled.fitted(columns(head), inner, 1)},")
        lines += [f"{unit}}},", *([] if self._total(edit) else [f"{unit}total=False,"]), ")"]
        lines.append(self._doc(edit, ""))
        return "\n".join(lines)


def _called(head: str, arguments: str) -> str:
    line = f"{head}({arguments})"
    return line if columns(line) <= WIDTH else f"{head}(\n    {arguments}\n)"


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


def append(source: SourceFile, texts: Sequence[str], blank: int) -> SourceFile:
    """Return *source* with *texts* behind it, each after *blank* lines, with or without its final newline."""
    newline = source.newline
    body = source.text
    ended = not body.strip() or body.endswith(("\n", "\r"))
    ending = NEWLINE.findall(body[len(body.rstrip(" \t\f\r\n")) :])
    gap = newline * max(0, 1 + blank - len(ending)) if body.strip() else ""
    joined = (newline * (1 + blank)).join(text.replace("\n", newline) for text in texts)
    return source.replaced([Splice(len(body), len(body), gap + joined + newline * ended)])


def blank_lines(edits: Sequence[Addition]) -> int:
    """Return how many blank lines go in front of each addition: classes take two, aliases one."""
    return 1 if all(isinstance(edit, AddAlias) for edit in edits) else 2


def module_docstring(edits: Sequence[Addition]) -> str:
    """Return the docstring line of a new file with what *edits* add."""
    if any(e.marker.startswith(("Function:", "Result:")) for e in edits if isinstance(e, AddRow | AddResult)):
        return '"""Database functions."""'
    words = {AddRow: "rows", AddEnum: "enums", AddAlias: "types"}
    kinds = {type(edit) for edit in edits}
    found = [word for kind, word in words.items() if kind in kinds]
    return f'"""Database {" and ".join(found)}."""'
