"""New classes at the end of a file, in the file's own style, and new files.

Authority for the layout of new code: the Black code style, as ``ruff format`` applies it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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
from schema_sync.mapping.aliases import ARRAY
from schema_sync.mapping.names import is_key
from schema_sync.model.edits import AddAlias, AddEnum, AddRow

Addition = AddEnum | AddRow | AddAlias
_EXTENSIONS = "typing_extensions"


class ClassWriter:
    """Writes new classes for one file, as lines joined by bare newlines."""

    def __init__(self, names: Names, style: Style, types: TypeSpeller, encoding: str) -> None:
        self._names = names
        self._style = style
        self._types = types
        self._encoding = encoding

    def write(self, edit: Addition) -> str:
        """Return the class or alias for *edit*, without a final newline."""
        if isinstance(edit, AddAlias):
            return self._alias(edit)
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
        if not (all(encodable(key, self._encoding) for key, _ in items) and _fits_class(items)):
            return self._functional(edit, items)
        style = self._style
        bases = self._typed_dict(edit) + ("" if style.total else ", total=False")
        lines = [_header(edit.declaration, bases), style.unit + docstring(edit.marker, self._encoding)]
        if items:
            lines.append("")
        quotable = not self._names.postponed
        for key, kind in items:
            settled = self._types.settled(kind, quotable=quotable)
            lines.append(style.unit + annotated(key, settled, style.unit))
        return "\n".join(lines)

    def _typed_dict(self, edit: AddRow) -> str:
        return self._names.spell("typing.TypedDict", source=_EXTENSIONS if edit.extensions else None)

    def _functional(self, edit: AddRow, items: list[tuple[str, Spelled]]) -> str:
        style = self._style
        unit, inner = style.unit, style.unit * 2
        lines = [
            f"{edit.declaration} = {self._typed_dict(edit)}(",
            f"{unit}{quoted(edit.declaration, style.quote, self._encoding)},",
            f"{unit}{{",
        ]
        for key, kind in items:
            head = f"{inner}{quoted(key, style.quote, self._encoding)}: "
            lines.append(f"{head}{self._types.settled(kind).fitted(columns(head), inner, 1)},")
        lines += [f"{unit}}},", *([] if style.total else [f"{unit}total=False,"]), ")"]
        lines.append(docstring(edit.marker, self._encoding))
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


def append(source: Verbatim, texts: Sequence[str], blank: int) -> Verbatim:
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
    words = {AddRow: "rows", AddEnum: "enums", AddAlias: "types"}
    kinds = {type(edit) for edit in edits}
    found = [word for kind, word in words.items() if kind in kinds]
    return f'"""Database {" and ".join(found)}."""'


def in_order(edits: Sequence[Addition], path: str) -> list[Addition]:
    """Return *edits* of the file *path*, each class behind those that its items name.

    Classes that name each other stay as they are: one of them has to be named before it exists.
    """
    named = {edit.declaration: _named(edit, path) for edit in edits}
    waiting = {edit.declaration: edit for edit in edits}
    found: list[Addition] = []

    def place(edit: Addition) -> None:
        del waiting[edit.declaration]
        for name in sorted(named[edit.declaration]):
            if name in waiting and edit.declaration not in _reached(name, named):
                place(waiting[name])
        found.append(edit)

    for edit in edits:
        if edit.declaration in waiting:
            place(edit)
    return found


def _reached(name: str, named: Mapping[str, Collection[str]]) -> set[str]:
    """Return all that the class *name* names, itself or through others."""
    found: set[str] = set()
    queue = [name]
    while queue:
        new = set(named.get(queue.pop(), ())) - found
        found |= new
        queue += new
    return found


def _named(edit: Addition, path: str) -> set[str]:
    """Return the classes of the file *path* that the items of a new class name."""
    types = [item.type for item in edit.items] if isinstance(edit, AddRow) else []
    found: set[str] = set()
    while types:
        type_ = types.pop()
        types += type_.args
        found.update({type_.name.removeprefix(f"{path}:")} if type_.name.startswith(f"{path}:") else ())
    return found
