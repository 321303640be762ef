"""Edits of a TypedDict's items, in the class form and in the functional form, and of a model's fields.

Authority: the typing specification, "TypedDict"; pydantic's documentation, "Fields" and "Alias".
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from schema_sync.codebase.edit.annotation_edit import AnnotationEditor
from schema_sync.codebase.edit.body_layout import Extent, inside, read_body, read_brackets
from schema_sync.codebase.edit.docstrings import is_string, set_comment
from schema_sync.codebase.edit.entries import Entry, EntryList
from schema_sync.codebase.edit.style import Style, TypeSpeller, quote_of
from schema_sync.codebase.scope import Definition
from schema_sync.codebase.source_file import NotPythonError, SourceFile, Splice
from schema_sync.codebase.syntax import names_bound, text_of
from schema_sync.errors import WriteError
from schema_sync.mapping.names import is_key
from schema_sync.model.edits import (
    AddItem,
    RemoveItem,
    RenameItem,
    SetItemComment,
    SetItemNullable,
    SetItemRequired,
    SetItemType,
)

_ALIASES = ("alias", "validation_alias", "serialization_alias")
ItemEdit = AddItem | RemoveItem | RenameItem | SetItemComment | SetItemNullable | SetItemRequired | SetItemType


class Items:
    """The items of one TypedDict, to be edited in order and then spliced in."""

    def __init__(self, definition: Definition, types: TypeSpeller) -> None:
        self._where = f"{definition.module.file.path}: {definition.name}"
        self._types = types
        self._style = style = types.style
        self._retyping = AnnotationEditor(types)
        source, statement = definition.module.file, definition.node
        self._quote: str | None = None
        self._functional = not isinstance(statement, ast.ClassDef)
        if isinstance(statement, ast.ClassDef):
            extents: list[Extent] = []
            for each in statement.body:
                names = names_bound(each) if isinstance(each, ast.AnnAssign) else []
                extents.append(Extent(*source.span(each), *names))
            self.sequence = read_body(source, statement.body, extents, style.unit)
        else:
            self.sequence = self._read_functional(source, definition.value, style)

    def _read_functional(self, source: SourceFile, call: ast.expr | None, style: Style) -> EntryList:
        fields = call.args[1] if isinstance(call, ast.Call) and len(call.args) > 1 else None
        if not isinstance(fields, ast.Dict):
            raise WriteError(
                f"{self._where} is not a TypedDict whose items can be edited",
                hint="Write it as a class, or as TypedDict(name, {…}).",
            )
        extents: list[Extent] = []
        keys: list[ast.expr] = []
        for key, value in zip(fields.keys, fields.values, strict=True):
            end = source.span(value)[1]
            if key is None:
                extents.append(Extent(source.text.rindex("**", 0, source.span(value)[0]), end))
                continue
            keys.append(key)
            extents.append(Extent(source.span(key)[0], end, ast.literal_eval(key)))
        self._quote = next((q for key in keys if (q := quote_of(source, key))), None)
        return read_brackets(source, *inside(source, fields), extents, style.unit)

    def apply(self, edit: ItemEdit) -> None:
        """Apply *edit*. One that is done already changes nothing.

        Raises:
            WriteError: if there is no such item, or its new key cannot be written here.
        """
        if isinstance(edit, AddItem):
            self._add(edit)
        elif isinstance(edit, RemoveItem):
            self.sequence.remove_all({edit.key})
        elif isinstance(edit, RenameItem):
            self._rename(edit)
        elif isinstance(edit, SetItemType):
            self._annotate(edit.key, lambda text: self._retyping.with_type(text, edit.type))
        elif isinstance(edit, SetItemNullable):
            self._annotate(edit.key, lambda text: self._retyping.with_none(text, edit.nullable))
        elif isinstance(edit, SetItemComment):
            set_comment(self.sequence, self._index(edit.key), edit.comment, self._style.encoding)
        else:
            self._annotate(edit.key, lambda text: self._retyping.required(text, marked=edit.marked))

    def _add(self, edit: AddItem) -> None:
        if self.sequence.index(edit.key) is not None:
            return
        key = self._written(edit.key, self._quote)
        annotation = self._retyping.qualified(self._types.text(edit.type), edit.qualifier)
        value = field_value(self._types, edit.alias, optional=edit.optional, keyword=edit.keyword)
        text = f"{key}: {annotation} = {value}" if value else f"{key}: {annotation}"
        entry = Entry(text=text, key=edit.key, after=edit.after)
        anchor = self.sequence.anchor(edit.after)
        if anchor is None:
            add_to_empty(self.sequence, entry)
        else:
            anchor = self.sequence.last_on_line(anchor)
            self.sequence.insert(self.sequence.behind(anchor, edit.after), entry)
        if edit.comment and not self._functional:
            set_comment(self.sequence, self._index(edit.key), edit.comment, self._style.encoding)

    def _written(self, key: str, quote: str | None) -> str:
        if self._functional:
            return self._style.quoted(key, quote)
        if not is_key(key) or key == "__debug__":
            raise WriteError(
                f"{self._where}: the column {key!r} cannot be an item of a class",
                hint="Turn the class into the functional form, TypedDict(name, {…}).",
            )
        return key

    def _rename(self, edit: RenameItem) -> None:
        entry = self.sequence.entries[self._index(edit.key)]
        if edit.alias is not None and edit.former is not None:
            entry.text = _realiased(self._types, entry.text, edit.former, edit.alias)
        elif edit.alias is not None:
            entry.text = _with_alias(self._types, entry.text, edit.alias)
        if edit.new_key == edit.key:
            return
        if self.sequence.index(edit.new_key) is not None:
            raise WriteError(f"{self._where}: it has an item {edit.new_key!r} already", hint="Remove one of them.")
        start, end = self._span(entry, 0)
        key = self._written(edit.new_key, entry.text[end - 1])
        entry.text = entry.text[:start] + key + entry.text[end:]
        entry.key = edit.new_key

    def _annotate(self, key: str, change: Callable[[str], str]) -> None:
        entry = self.sequence.entries[self._index(key)]
        start, end = self._span(entry, 1)
        try:
            new = change(entry.text[start:end])
        except SyntaxError as error:
            raise WriteError(
                f"{self._where}: the annotation of {key!r} cannot be parsed", hint="Mend it first."
            ) from error
        text = entry.text[:start] + new + entry.text[end:]
        try:
            self._span(Entry(text=text), 1)
        except NotPythonError:
            text = f"{entry.text[:start]}({new}){entry.text[end:]}"
        entry.text = text

    def _index(self, key: str) -> int:
        index = self.sequence.index(key)
        if index is None:
            raise WriteError(f"{self._where} has no item {key!r}", hint="Run the command again.")
        return index

    def _span(self, entry: Entry, part: Literal[0, 1]) -> tuple[int, int]:
        """Return where the key (0) or the annotation (1) of an entry stands in its text."""
        file = SourceFile("", f"{{{entry.text}}}" if self._functional else entry.text)
        statement = file.tree.body[0]
        nodes: list[ast.expr | None] = []
        if isinstance(statement, ast.AnnAssign):
            nodes = [statement.target, statement.annotation]
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Dict):
            nodes = [*statement.value.keys, *statement.value.values]
        start, end = file.span(nodes[part] or statement)
        return start - self._functional, end - self._functional


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


def _realiased(types: TypeSpeller, text: str, former: str, alias: str) -> str:
    """Return the field *text* with *alias* wherever ``Field`` spells the key *former*."""
    source = SourceFile("", text)
    keywords = (node for node in ast.walk(source.tree) if isinstance(node, ast.keyword))
    values = [each.value for each in keywords if each.arg in _ALIASES and text_of(each.value) == former]
    spans = map(source.span, values)
    return source.replaced(Splice(*span, types.style.quoted(alias, text[span[1] - 1])) for span in spans).text


def _with_alias(types: TypeSpeller, text: str, alias: str) -> str:
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


def add_to_empty(sequence: EntryList, entry: Entry) -> None:
    """Put the first item or member into *sequence*: for ``pass`` or ``...``, else behind the docstring."""
    fillers = [i for i, e in enumerate(sequence.entries) if e.text in {"pass", "..."}]
    if fillers:
        if sequence.inline:
            sequence.unfold()
        filler = sequence.entries[fillers[0]]
        new = replace(filler, text=entry.text, key=entry.key, name=entry.name, after=entry.after, fresh=True)
        sequence.entries[fillers[0]] = new
        return
    documented = bool(sequence.entries) and is_string(sequence.entries[0].text)
    sequence.insert(1 if documented else 0, entry)
    if documented:
        entry.detached = sequence.newline
