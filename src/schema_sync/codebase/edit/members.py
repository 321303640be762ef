"""Edits of an Enum's members, and of a Literal alias's values.

Authority: the Python library reference, "enum"; the typing specification, "Literals" (PEP 586).
"""

from __future__ import annotations

import ast

from schema_sync.codebase.edit.body_layout import Extent, read_body, read_elements
from schema_sync.codebase.edit.entries import Entry, EntryList
from schema_sync.codebase.edit.items import add_to_empty
from schema_sync.codebase.edit.rendering import named
from schema_sync.codebase.edit.style import Style, member_names, quote_of
from schema_sync.codebase.scope import Definition
from schema_sync.codebase.source_file import SourceFile
from schema_sync.errors import WriteError
from schema_sync.model.declarations import Member
from schema_sync.model.edits import AddMember, OrderMembers, RemoveMember

MemberEdit = AddMember | OrderMembers | RemoveMember


class Members:
    """The members of one enum, to be edited in order and then spliced in; *known* are those it has."""

    def __init__(self, definition: Definition, style: Style, known: tuple[Member, ...]) -> None:
        source, statement = definition.module.file, definition.node
        self._where = f"{source.path}: {definition.name}"
        self._literal = not isinstance(statement, ast.ClassDef)
        self._taken: set[str] = set()
        self._style = style
        self._upper: bool | None = None
        self._quote: str | None = None
        if isinstance(statement, ast.ClassDef):
            self.sequence = self._read_class(source, statement, style, known)
        elif isinstance(definition.value, ast.Subscript):
            self._quote = quote_of(source, definition.value)
            self.sequence = read_elements(source, definition.value, style.unit)
        else:
            raise WriteError(
                f"{self._where} is neither an Enum class nor a Literal alias", hint="Run the command again."
            )

    def _read_class(
        self, source: SourceFile, node: ast.ClassDef, style: Style, known: tuple[Member, ...]
    ) -> EntryList:
        by_place = {member.at: member for member in known}
        extents: list[Extent] = []
        for statement in node.body:
            extent = Extent(*source.span(statement))
            member = by_place.get(source.at(statement))
            if member and isinstance(statement, ast.Assign | ast.AnnAssign):
                extent = extent._replace(key=member.value, name=member.name)
                self._quote = quote_of(source, statement.value or statement) or self._quote
            extents.append(extent)
        names = member_names(node)
        self._upper = not all(map(str.islower, names)) if names else None
        methods = (s.name for s in node.body if isinstance(s, ast.FunctionDef | ast.ClassDef))
        self._taken = {*(n.id for n in ast.walk(node) if isinstance(n, ast.Name)), *methods}
        return read_body(source, node.body, extents, style.unit)

    def apply(self, edit: MemberEdit) -> None:
        """Apply *edit*. One that is done already changes nothing.

        Raises:
            WriteError: if it would leave a Literal without values.
        """
        if isinstance(edit, AddMember):
            self._add(edit)
        elif isinstance(edit, RemoveMember):
            self._remove(edit.label)
        else:
            self._order(edit.labels)

    def _add(self, edit: AddMember) -> None:
        sequence = self.sequence
        if sequence.index(edit.label) is not None:
            return
        value = self._style.quoted(edit.label, self._quote)
        entry = Entry(text=value, key=edit.label, after=edit.after)
        if not self._literal:
            upper = self._style.upper if self._upper is None else self._upper
            entry.name = named(edit.label, self._taken, upper=upper, encoding=self._style.encoding)
            self._taken.add(entry.name)
            entry.text = f"{entry.name} = {value}"
        if any(each.declares for each in sequence.entries):
            sequence.add_label(entry)
        else:
            add_to_empty(sequence, entry)

    def _remove(self, label: str) -> None:
        while (index := self.sequence.index(label)) is not None:
            if self._literal and len(self.sequence.entries) == 1:
                message = f"{self._where}: without {label!r} the Literal would be empty"
                raise WriteError(message, hint="Remove the alias by hand.")
            self.sequence.remove(index)

    def _order(self, labels: tuple[str, ...]) -> None:
        rank = {label: number for number, label in enumerate(labels)}
        entries = self.sequence.entries
        slots = [i for i, entry in enumerate(entries) if entry.key in rank]
        self.sequence.reorder(slots, sorted(slots, key=lambda i: rank[entries[i].key or ""]))
