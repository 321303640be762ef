"""Comments of the database in code: docstrings of several lines, and comment lines above items.

They are hostile input: each line is escaped, so that no text ends a string or a comment. Authority: PEP 257;
for ``#:``, the documentation of Sphinx (autodoc), "Doc comments".
"""

from __future__ import annotations

import ast
import textwrap

from schema_sync.codebase.edit.entries import LINE, Entry, EntryList, split_above
from schema_sync.codebase.edit.rendering import WIDTH, docstring, escaped_line, in_quotes
from schema_sync.codebase.scope import Definition
from schema_sync.codebase.source_file import Splice
from schema_sync.model.edits import SetDoc


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of *text*, long ones broken at blanks."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    return lines


def described(marker: str, comment: str, indent: str, encoding: str) -> str:
    """Return the docstring of a new class, its lines joined by bare newlines; the first is not indented."""
    if not comment:
        return docstring(marker, encoding)
    return _literal(SetDoc(path="", declaration="", head="", marker=marker, comment=comment), indent, encoding)


def _literal(edit: SetDoc, indent: str, encoding: str, former: str = "", newline: str = "\n") -> str:
    """Return the docstring of *edit*, in the quotes of the *former* one; its first line is not indented."""
    parts = [edit.head.rstrip()] if edit.head.strip() else []
    if edit.marker:
        parts += ["", indent + edit.marker] if parts else [edit.marker]
    if edit.comment:
        parts += ["", *(indent + line if line else "" for line in wrapped(edit.comment, WIDTH - len(indent)))]
    if edit.tail.strip():
        parts += ["", *edit.tail.strip("\n").rstrip().split("\n")]
    parts += [indent] if len(parts) > 1 else []
    lines = [escaped_line(line, encoding) for line in "\n".join(parts).split("\n")]
    mark = "'''" if former.lstrip("rRuU").startswith("'''") else '"""'
    return in_quotes("\n".join(lines), mark).replace("\n", newline)


def commented(comment: str, indent: str, newline: str, encoding: str) -> str:
    """Return the lines above an item for *comment*, with their line endings."""
    safe = comment.encode(encoding, "backslashreplace").decode(encoding)
    lines = wrapped(safe, WIDTH - len(indent) - 3) if comment else []
    return "".join(f"{indent}#: {line}".rstrip() + newline for line in lines)


def set_comment(sequence: EntryList, index: int, comment: str, encoding: str) -> None:
    """Put *comment* above the entry at *index*, for the lines ``#:`` that stand there."""
    sequence.start_line(index)
    entry = sequence.entries[index]
    lines = LINE.findall(entry.detached + entry.attached)
    while lines and lines[-1].lstrip().startswith("#:"):
        lines.pop()
    entry.detached, entry.attached = split_above("".join(lines))
    entry.attached += commented(comment, entry.indent, sequence.newline, encoding)


def set_doc(sequence: EntryList, edit: SetDoc, encoding: str) -> None:
    """Give the class whose body is *sequence* the docstring of *edit*."""
    sequence.start_line(0)
    first = sequence.entries[0]
    if is_string(first.text):
        first.text = _literal(edit, first.indent, encoding, first.text, sequence.newline)
        return
    sequence.insert(0, Entry(text=_literal(edit, first.indent, encoding, newline=sequence.newline)))
    first.detached = sequence.newline + first.detached


def doc_splice(definition: Definition, edit: SetDoc) -> Splice:
    """Return the splice that documents a statement which is not a class, by the string behind it."""
    source, statement = definition.module.file, definition.node
    following = definition.next
    indent = source.indentation(source.span(statement)[0])
    if isinstance(following, ast.Expr) and is_string(former := source.segment(following)):
        text = _literal(edit, indent, source.encoding, former, source.newline)
        return Splice(*source.span(following), text)
    end = source.line_end(source.span(statement)[1])
    text = _literal(edit, indent, source.encoding, newline=source.newline)
    ended = source.text.endswith(("\n", "\r"), 0, end)
    line = f"{indent}{text}{source.newline}" if ended else f"{source.newline}{indent}{text}"
    return Splice(end, end, line)


def is_string(text: str) -> bool:
    """Whether *text* is a string literal, as a docstring is."""
    return text.lstrip("rRuU")[:1] in {'"', "'"}
