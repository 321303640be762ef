"""Edits of a TypedDict's items, in the class form and in the functional form, and of a model's fields.

Authority: the typing specification, "TypedDict"; pydantic's documentation, "Fields".
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from schema_sync.codebase.scope import Definition
from schema_sync.codebase.source_file import SourceFile, Splice
from schema_sync.codebase.writing.documents import is_string, set_comment, set_doc
from schema_sync.codebase.writing.fields import FieldWriter
from schema_sync.codebase.writing.layout import Extent, inside, read_body, read_brackets
from schema_sync.codebase.writing.rendering import TypeSpeller, quoted
from schema_sync.codebase.writing.retyping import Retyping
from schema_sync.codebase.writing.sequences import Entry, Sequence
from schema_sync.codebase.writing.styles import Style, quote_of
from schema_sync.errors import WriteError
from schema_sync.mapping.names import is_key
from schema_sync.model.edits import (
    AddItem,
    Edit,
    RemoveItem,
    RenameItem,
    SetDoc,
    SetItemComment,
    SetItemNullable,
    SetItemRequired,
    SetItemType,
)

ItemEdit = AddItem | RemoveItem | RenameItem | SetItemComment | SetItemNullable | SetItemRequired | SetItemType


class Items:
    """The items of one TypedDict, to be edited in order and then spliced in."""

    def __init__(
        self,
        definition: Definition,
        edit: Edit,
        style: Style,
        retyping: Retyping,
        fields: FieldWriter,
    ) -> None:
        self._where = f"{edit.path}: {edit.declaration}"
        self._retyping = retyping
        self._fields = fields
        source, statement = definition.module.file, definition.node
        self._encoding = source.encoding
        self._style = style
        self._quote: str | None = None
        self._functional = not isinstance(statement, ast.ClassDef)
        if isinstance(statement, ast.ClassDef):
            extents = [Extent(*source.span(s), _item_key(s)) for s in statement.body]
            self._sequence = read_body(source, statement.body, extents, style.unit)
        else:
            self._sequence = self._read_functional(source, definition.value, style)

    def _read_functional(self, source: SourceFile, call: ast.expr | None, style: Style) -> Sequence:
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

    @property
    def types(self) -> TypeSpeller:
        """How types are spelled here."""
        return self._retyping.types

    def splice(self) -> Splice:
        """Return the edited region."""
        return self._sequence.splice()

    def apply(self, edit: ItemEdit) -> None:
        """Apply *edit*. One that is done already changes nothing.

        Raises:
            WriteError: if there is no such item, or its new key cannot be written here.
        """
        retyping = self._retyping
        if isinstance(edit, AddItem):
            self._add(edit)
        elif isinstance(edit, RemoveItem):
            while (index := self._sequence.index(edit.key)) is not None:
                self._sequence.remove(index)
        elif isinstance(edit, RenameItem):
            self._rename(edit)
        elif isinstance(edit, SetItemType):
            self._annotate(edit.key, lambda text: retyping.with_type(text, edit.type))
        elif isinstance(edit, SetItemNullable):
            self._annotate(edit.key, lambda text: retyping.with_none(text, edit.nullable))
        elif isinstance(edit, SetItemComment):
            self._entry(edit.key)
            set_comment(self._sequence, self._sequence.index(edit.key) or 0, edit.comment, self._encoding)
        else:
            self._annotate(edit.key, lambda text: retyping.required(text, marked=edit.marked))

    def document(self, edit: SetDoc) -> None:
        """Set the docstring of the class."""
        set_doc(self._sequence, edit, self._encoding)

    def _add(self, edit: AddItem) -> None:
        if self._sequence.index(edit.key) is not None:
            return
        key = self._written(edit.key)
        annotation = self._retyping.qualified(self.types.text(edit.type), edit.qualifier)
        text = self._fields.flat(key, annotation, edit.alias, edit.optional, edit.keyword)
        entry = Entry(text=text, key=edit.key, after=edit.after)
        self._place(entry, edit)
        if edit.comment and not self._functional:
            set_comment(self._sequence, self._sequence.index(edit.key) or 0, edit.comment, self._encoding)

    def _place(self, entry: Entry, edit: AddItem) -> None:
        anchor = self._sequence.index(edit.after)
        if anchor is None:
            anchor = max((i for i, e in enumerate(self._sequence.entries) if e.key is not None), default=None)
        if anchor is None:
            add_to_empty(self._sequence, entry)
        else:
            anchor = self._sequence.last_on_line(anchor)
            self._sequence.insert(self._sequence.behind(anchor, edit.after), entry)

    def _written(self, key: str) -> str:
        if self._functional:
            return quoted(key, self._quote or self._style.quote, self._encoding)
        if not is_key(key) or key == "__debug__":
            raise WriteError(
                f"{self._where}: the column {key!r} cannot be an item of a class",
                hint="Turn the class into the functional form, TypedDict(name, {…}).",
            )
        return key

    def _rename(self, edit: RenameItem) -> None:
        entry = self._entry(edit.key)
        if edit.alias is not None and edit.former is not None:
            entry.text = self._fields.realiased(entry.text, edit.former, edit.alias)
        elif edit.alias is not None:
            entry.text = self._fields.with_alias(entry.text, edit.alias)
        if edit.new_key == edit.key:
            return
        if self._sequence.index(edit.new_key) is not None:
            raise WriteError(f"{self._where}: it has an item {edit.new_key!r} already", hint="Remove one of them.")
        start, end = self._span(entry, _key_node)
        key = self._written(edit.new_key)
        if self._functional:
            key = quoted(edit.new_key, '"' if entry.text[end - 1] == '"' else "'", self._encoding)
        entry.text = entry.text[:start] + key + entry.text[end:]
        entry.key = edit.new_key

    def _annotate(self, key: str, change: Callable[[str], str]) -> None:
        entry = self._entry(key)
        start, end = self._span(entry, _annotation_node)
        try:
            new = change(entry.text[start:end])
        except SyntaxError as error:
            raise WriteError(
                f"{self._where}: the annotation of {key!r} cannot be parsed", hint="Mend it first."
            ) from error
        text = entry.text[:start] + new + entry.text[end:]
        if not self._functional and not _parses(text):
            text = f"{entry.text[:start]}({new}){entry.text[end:]}"
        entry.text = text

    def _entry(self, key: str) -> Entry:
        index = self._sequence.index(key)
        if index is None:
            raise WriteError(f"{self._where} has no item {key!r}", hint="Run the command again.")
        return self._sequence.entries[index]

    def _span(self, entry: Entry, choose: Callable[[ast.stmt], ast.expr | None]) -> tuple[int, int]:
        """Return where a node of the entry stands in its text."""
        opening = "{" if self._functional else ""
        small = SourceFile("", f"{opening}{entry.text}{'}' * len(opening)}")
        statement = small.tree.body[0]
        start, end = small.span(choose(statement) or statement)
        return start - len(opening), end - len(opening)


def add_to_empty(sequence: Sequence, entry: Entry) -> None:
    """Put the first item or member into *sequence*: for ``pass`` or ``...``, else behind the docstring."""
    fillers = [i for i, e in enumerate(sequence.entries) if e.text in {"pass", "..."}]
    if fillers:
        if sequence.inline:
            sequence.unfold()
        filler = sequence.entries[fillers[0]]
        filler.text, filler.key, filler.name = entry.text, entry.key, entry.name
        filler.after, filler.fresh = entry.after, True
        return
    documented = bool(sequence.entries) and is_string(sequence.entries[0].text)
    sequence.insert(1 if documented else 0, entry)
    if documented:
        entry.detached = sequence.newline


def _item_key(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    return None


def _key_node(node: ast.stmt) -> ast.expr | None:
    if isinstance(node, ast.AnnAssign):
        return node.target
    return node.value.keys[0] if isinstance(node, ast.Expr) and isinstance(node.value, ast.Dict) else None


def _annotation_node(node: ast.stmt) -> ast.expr | None:
    if isinstance(node, ast.AnnAssign):
        return node.annotation
    return node.value.values[0] if isinstance(node, ast.Expr) and isinstance(node.value, ast.Dict) else None


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
