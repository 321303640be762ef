"""New classes at the end of a file, in the file's own style, and new files.

Authority for the layout of new code: the Black code style, as ``ruff format`` applies it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from schema_sync.codebase.edit.docstrings import commented, described
from schema_sync.codebase.edit.items import field_value
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
from schema_sync.mapping.fields import PROTECTED, field_name, is_field
from schema_sync.mapping.names import SHAPE_SUFFIXES, is_key
from schema_sync.model.declarations import PyType
from schema_sync.model.edits import AddAlias, AddEnum, AddResult, AddRow, NewItem
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
        kinds = [self._types.spelled(each.type) for each in edit.items]
        if edit.form == "pydantic":
            return self._model(edit, kinds)
        fits = self._fits_class(edit, kinds)
        base = self._names.spell("typing.TypedDict", source=_EXTENSIONS if edit.extensions else None)
        total = self._style.total if edit.shape == "row" else edit.shape == "insert"
        if not fits:
            return self._functional(edit, kinds, base, total=total)
        lines: list[str] = []
        for item, kind in zip(edit.items, kinds, strict=True):
            settled = self._qualified(edit, item, self._settled(kind))
            lines += self._commented(item, annotated(item.key, settled, self._style.unit))
        return self._class(edit, base if total else f"{base}, total=False", lines)

    def _model(self, edit: AddRow, kinds: list[Spelled]) -> str:
        style = self._style
        hidden = {"Field", "ConfigDict"}.union(*(kind.heads for kind in kinds))
        keys = [item.key for item in edit.items]
        names = self._field_names(keys, hidden)
        settings = ["populate_by_name=True"] if names != keys else []
        settings += ["protected_namespaces=()"] if any(name.startswith(PROTECTED) for name in names) else []
        configuration: list[str] = []
        if settings:
            made = self._names.spell("pydantic.ConfigDict")
            configuration = [f"{style.unit}model_config = {made}({', '.join(settings)})"]
        base = self._names.spell("pydantic.BaseModel")
        lines: list[str] = []
        for item, kind, name in zip(edit.items, kinds, names, strict=True):
            optional = not item.required or (item.type.admits_none and style.optional and edit.shape == "row")
            value = field_value(self._types, item.key if name != item.key else None, optional=optional)
            lines += self._commented(item, _field(name, self._settled(kind), value, style.unit))
        return self._class(edit, base, configuration, lines)

    def _field_names(self, keys: list[str], taken: Collection[str]) -> list[str]:
        """Return what fields for *keys* are called: no name is in *taken*, is private or hides a type."""
        encoding = self._style.encoding
        own = {key for key in keys if is_field(key) and key not in taken and encodable(key, encoding)}
        used = {*own, *taken}
        names: list[str] = []
        for key in keys:
            name = key if key in own else field_name(key, used)
            if not encodable(name, encoding):
                name = field_name(key.encode("ascii", "ignore").decode(), used)
            used.add(name)
            names.append(name)
        return names

    def _functional(self, edit: AddRow, kinds: list[Spelled], base: str, *, total: bool) -> str:
        style = self._style
        unit, inner = style.unit, style.unit * 2
        lines = [
            f"{edit.declaration} = {base}(",
            f"{unit}{style.quoted(edit.declaration)},",
            f"{unit}{{",
        ]
        for item, kind in zip(edit.items, kinds, strict=True):
            head = f"{inner}{style.quoted(item.key)}: "
            settled = self._qualified(edit, item, self._types.settled(kind))
            lines.append(f"{head}{settled.fitted(columns(head), inner, 1)},")
        lines += [f"{unit}}},", *([] if total else [f"{unit}total=False,"]), ")"]
        return "\n".join([*lines, described(edit.marker, edit.comment, "", style.encoding)])

    def _class(self, edit: AddEnum | AddRow, bases: str, *parts: list[str]) -> str:
        """Return a class with its docstring and the lines of *parts*, a blank one above each part that has any."""
        unit = self._style.unit
        lines = [_called(f"class {edit.declaration}", bases, ":")]
        lines.append(unit + described(edit.marker, edit.comment, unit, self._style.encoding))
        for part in filter(None, parts):
            lines += ["", *part]
        return "\n".join(lines)

    def _commented(self, item: NewItem, text: str) -> list[str]:
        unit = self._style.unit
        return [*commented(item.comment, unit, "\n", self._style.encoding).splitlines(), unit + text]

    def _settled(self, kind: Spelled) -> Spelled:
        return kind if self._names.postponed else self._types.settled(kind)

    def _qualified(self, edit: AddRow, item: NewItem, kind: Spelled) -> Spelled:
        if item.required or edit.shape != "insert":
            return kind
        return Spelled(self._names.spell("typing.NotRequired"), (kind,))

    def _fits_class(self, edit: AddRow, kinds: list[Spelled]) -> bool:
        """Whether a class body can hold the items: no key hides a name that a later annotation uses."""
        seen: set[str] = set()
        for item, kind in zip(edit.items, kinds, strict=True):
            heads = self._qualified(edit, item, kind).heads
            unwritable = not is_key(item.key) or item.key == "__debug__"
            if unwritable or not encodable(item.key, self._style.encoding) or not seen.isdisjoint(heads):
                return False
            seen.add(item.key)
        return True


def _field(name: str, kind: Spelled, value: str, indent: str) -> str:
    """Return a model's field that is assigned *value*, laid out for a body that is indented by *indent*."""
    if not value:
        return annotated(name, kind, indent)
    head = f"{name}: {kind.text} = "
    used = len(indent) + columns(head)
    if used + columns(value) <= WIDTH or not value.endswith(")") or used > WIDTH - len("Field("):
        return head + value
    call, _, arguments = value.partition("(")
    return f"{head}{call}(\n{indent}    {arguments[:-1]}\n{indent})"


def _called(head: str, arguments: str, ending: str = "") -> str:
    line = f"{head}({arguments}){ending}"
    return line if columns(line) <= WIDTH else f"{head}(\n    {arguments}\n){ending}"


def append(source: SourceFile, texts: Sequence[str], edits: Sequence[Addition]) -> SourceFile:
    """Return *source* with the *texts* of *edits* behind it, with or without its final newline.

    Two blank lines go in front of each, one if they are aliases.
    """
    newline, body = source.newline, source.text
    blank = 1 if all(isinstance(edit, AddAlias) for edit in edits) else 2
    ending = NEWLINE.findall(body[len(body.rstrip(" \t\f\r\n")) :])
    gap = newline * max(0, 1 + blank - len(ending))
    joined = (newline * (1 + blank)).join(text.replace("\n", newline) for text in texts)
    ended = newline if body.endswith(("\n", "\r")) else ""
    return source.replaced([Splice(0, len(source.text), body + gap + joined + ended)])


def started(source: SourceFile, edits: Sequence[Addition]) -> SourceFile:
    """Return a file that holds nothing with a docstring on what *edits* add."""
    return source.replaced([Splice(0, len(source.text), module_docstring(edits) + source.newline)])


def module_docstring(edits: Sequence[Addition]) -> str:
    """Return the docstring line of a new file with what *edits* add."""
    if any(e.marker.startswith(("Function:", "Result:")) for e in edits if isinstance(e, AddRow | AddResult)):
        return '"""Database functions."""'
    words = {AddRow: "rows", AddEnum: "enums", AddAlias: "types"}
    kinds = {type(edit) for edit in edits}
    found = [word for kind, word in words.items() if kind in kinds]
    return f'"""Database {" and ".join(found)}."""'


def named_first(edits: Sequence[Addition], path: str) -> list[Addition]:
    """Return *edits* of the file *path*, each class behind those that its items name, one object's side by side.

    Classes that name each other stay as they are: one of them has to be named before it exists.
    """
    new = {edit.declaration: edit for edit in edits}
    named = {edit.declaration: [n for n in sorted(_named(edit, path)) if n in new] for edit in edits}
    circle = {name: number for number, group in enumerate(components(named)) for name in group}

    behind = {name: [other for other in named[name] if circle[other] != circle[name]] for name in named}
    found: dict[str, Addition] = {}
    for edit in side_by_side(edits):
        found.update((name, new[name]) for name in needed_first(edit.declaration, behind.__getitem__, found))
    return list(found.values())


def _named(edit: Addition, path: str) -> set[str]:
    """Return the classes of the file *path* that the items of a new class name."""
    types = {item.type for item in edit.items} if isinstance(edit, AddRow) else set[PyType]()
    names = (name for type_ in types for name in type_.names)
    return {name.removeprefix(f"{path}:") for name in names if name.startswith(f"{path}:")}


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
