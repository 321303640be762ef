"""New classes at the end of a file, in the file's own style, and new files.

Authority for the layout of new code: the Black code style, as ``ruff format`` applies it.
"""

from __future__ import annotations

from collections.abc import Sequence

from schema_sync.codebase.edit.docstrings import commented, described
from schema_sync.codebase.edit.model_fields import FieldWriter, Named
from schema_sync.codebase.edit.rendering import (
    WIDTH,
    Spelled,
    all_named,
    annotated,
    assigned,
    columns,
    docstring,
    encodable,
)
from schema_sync.codebase.edit.style import TypeSpeller
from schema_sync.codebase.source_file import NEWLINE, SourceFile, Splice
from schema_sync.mapping.aliases import ARRAY
from schema_sync.mapping.names import SHAPE_SUFFIXES, is_key
from schema_sync.model.edits import AddAlias, AddEnum, AddResult, AddRow
from schema_sync.model.graph import components, needed_first

_EXTENSIONS = "typing_extensions"


Addition = AddEnum | AddRow | AddResult | AddAlias


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
        chosen = all_named(edit.labels, upper=style.upper, encoding=style.encoding)
        members = [assigned(name, style.quoted(label), style.unit) for label, name in chosen.items()]
        return self._class(edit, bases, [style.unit + member for member in members])

    def _row(self, edit: AddRow) -> str:
        items = [
            Named(
                each.key,
                self._types.spelled(each.type),
                optional=edit.shape == "insert" and not each.required,
                comment=each.comment,
            )
            for each in edit.items
        ]
        if edit.form == "pydantic":
            return self._model(edit, items)
        if not self._fits_class(items):
            return self._functional(edit, items)
        bases = self._typed_dict(edit) + ("" if self._total(edit) else ", total=False")
        lines: list[str] = []
        for item in items:
            settled = self._qualified(item._replace(type=self._settled(item.type)))
            lines += self._commented(item, annotated(item.name, settled, self._style.unit))
        return self._class(edit, bases, lines)

    def _model(self, edit: AddRow, items: list[Named]) -> str:
        style = self._style
        writer = FieldWriter(self._types)
        hidden = {"Field", "ConfigDict"}.union(*(_heads(item.type) for item in items))
        fields = writer.named(items, hidden)
        configuration = writer.configuration(fields)
        base = self._names.spell("pydantic.BaseModel")
        lines: list[str] = []
        for item, field in zip(edit.items, fields, strict=True):
            optional = not item.required or (item.type.admits_none and style.optional and edit.shape == "row")
            settled = field._replace(type=self._settled(field.type), optional=optional)
            lines += self._commented(field, writer.field(settled, indent=style.unit))
        return self._class(edit, base, [style.unit + configuration] if configuration else [], lines)

    def _functional(self, edit: AddRow, items: list[Named]) -> str:
        style = self._style
        unit, inner = style.unit, style.unit * 2
        lines = [
            f"{edit.declaration} = {self._typed_dict(edit)}(",
            f"{unit}{style.quoted(edit.declaration)},",
            f"{unit}{{",
        ]
        for item in items:
            head = f"{inner}{style.quoted(item.name)}: "
            settled = self._qualified(item._replace(type=self._types.settled(item.type)))
            lines.append(f"{head}{settled.fitted(columns(head), inner, 1)},")
        lines += [f"{unit}}},", *([] if self._total(edit) else [f"{unit}total=False,"]), ")"]
        return "\n".join([*lines, described(edit.marker, edit.comment, "", style.encoding)])

    def _class(self, edit: AddEnum | AddRow, bases: str, *parts: list[str]) -> str:
        """Return a class with its docstring and the lines of *parts*, a blank one above each part that has any."""
        unit = self._style.unit
        lines = [_called(f"class {edit.declaration}", bases, ":")]
        lines.append(unit + described(edit.marker, edit.comment, unit, self._style.encoding))
        for part in filter(None, parts):
            lines += ["", *part]
        return "\n".join(lines)

    def _commented(self, item: Named, text: str) -> list[str]:
        unit = self._style.unit
        return [*commented(item.comment, unit, "\n", self._style.encoding).splitlines(), unit + text]

    def _settled(self, kind: Spelled) -> Spelled:
        return kind if self._names.postponed else self._types.settled(kind)

    def _typed_dict(self, edit: AddRow) -> str:
        return self._names.spell("typing.TypedDict", source=_EXTENSIONS if edit.extensions else None)

    def _total(self, edit: AddRow) -> bool:
        return self._style.total if edit.shape == "row" else edit.shape == "insert"

    def _qualified(self, item: Named) -> Spelled:
        return Spelled(self._names.spell("typing.NotRequired"), (item.type,)) if item.optional else item.type

    def _fits_class(self, items: list[Named]) -> bool:
        """Whether a class body can hold *items*: no key hides a name that a later annotation uses."""
        seen: set[str] = set()
        for item in items:
            heads = _heads(self._qualified(item))
            unwritable = not is_key(item.name) or item.name == "__debug__"
            if unwritable or not encodable(item.name, self._style.encoding) or not seen.isdisjoint(heads):
                return False
            seen.add(item.name)
        return True


def _called(head: str, arguments: str, ending: str = "") -> str:
    line = f"{head}({arguments}){ending}"
    return line if columns(line) <= WIDTH else f"{head}(\n    {arguments}\n){ending}"


def _heads(kind: Spelled) -> set[str]:
    return {kind.head.partition(".")[0]}.union(*map(_heads, kind.arguments))


def append(source: SourceFile, texts: Sequence[str], edits: Sequence[Addition]) -> SourceFile:
    """Return *source* with the *texts* of *edits* behind it, with or without its final newline.

    Two blank lines go in front of each, one if they are aliases. A new file has a docstring.
    """
    newline = source.newline
    body = source.text if source.text.strip() else module_docstring(edits) + newline
    blank = 1 if all(isinstance(edit, AddAlias) for edit in edits) else 2
    ending = NEWLINE.findall(body[len(body.rstrip(" \t\f\r\n")) :])
    gap = newline * max(0, 1 + blank - len(ending))
    joined = (newline * (1 + blank)).join(text.replace("\n", newline) for text in texts)
    ended = newline if body.endswith(("\n", "\r")) else ""
    return source.replaced([Splice(0, len(source.text), body + gap + joined + ended)])


def module_docstring(edits: Sequence[Addition]) -> str:
    """Return the docstring line of a new file with what *edits* add."""
    if any(e.marker.startswith(("Function:", "Result:")) for e in edits if isinstance(e, AddRow | AddResult)):
        return '"""Database functions."""'
    words = {AddRow: "rows", AddEnum: "enums", AddAlias: "types"}
    kinds = {type(edit) for edit in edits}
    found = [word for kind, word in words.items() if kind in kinds]
    return f'"""Database {" and ".join(found)}."""'


# ---- their order


def named_first(edits: Sequence[Addition], path: str) -> list[Addition]:
    """Return *edits* of the file *path*, each class behind those that its items name, one object's side by side.

    Classes that name each other stay as they are: one of them has to be named before it exists.
    """
    new = {edit.declaration: edit for edit in edits}
    named = {edit.declaration: [n for n in sorted(_named(edit, path)) if n in new] for edit in edits}
    circle = {name: number for number, group in enumerate(components(named)) for name in group}

    def behind(name: str) -> list[str]:
        return [other for other in named[name] if circle[other] != circle[name]]

    found: dict[str, Addition] = {}
    for edit in side_by_side(edits):
        found.update((name, new[name]) for name in needed_first(edit.declaration, behind, found))
    return list(found.values())


def _named(edit: Addition, path: str) -> set[str]:
    """Return the classes of the file *path* that the items of a new class name."""
    types = [item.type for item in edit.items] if isinstance(edit, AddRow) else []
    found: set[str] = set()
    while types:
        type_ = types.pop()
        types += type_.args
        found.update({type_.name.removeprefix(f"{path}:")} if type_.name.startswith(f"{path}:") else ())
    return found


def side_by_side(additions: Sequence[Addition]) -> list[Addition]:
    """Return *additions* with the classes of one object side by side, its row first."""
    places = {_stands_for(addition): place for place, addition in reversed(list(enumerate(additions)))}
    shapes = list(SHAPE_SUFFIXES)

    def order(addition: Addition) -> tuple[int, int]:
        shape = shapes.index(addition.shape) if isinstance(addition, AddRow) else 0
        return places[_stands_for(addition)], shape

    return sorted(additions, key=order)


def _stands_for(addition: Addition) -> str:
    return addition.declaration if isinstance(addition, AddAlias) else addition.marker
