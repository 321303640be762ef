"""Where a body's statements, or a bracket's elements, stand in a text: they become an EntryList."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import NamedTuple

from schema_sync.codebase.edit.entries import Entry, EntryList, split_above, split_deeper
from schema_sync.codebase.source_file import NEWLINE, Located, SourceFile
from schema_sync.codebase.syntax import elements, parse_expression, text_of


class Extent(NamedTuple):
    """What an element is for, and where it stands (without parentheses around it)."""

    start: int
    end: int
    key: str | None = None
    name: str | None = None


def read_body(
    source: SourceFile, body: Sequence[ast.stmt], extents: Sequence[Extent], unit: str, *, markers: bool = True
) -> EntryList:
    """Return the statements of *body*, whose keys and names stand in *extents*; *unit* is one indentation.

    *markers* states that a comment such as ``# Table: public.users`` is the body's, not its first statement's.
    """
    first = extents[0].start
    prefix = source.text[source.line_start(first) : first]
    inline = bool(prefix.strip(" \t\f\\"))
    if inline:
        start = len(source.text[:first].rstrip(" \t\f\\\r\n"))
        indent = source.indentation(first) + unit
    else:
        start, indent = source.comment_block(first), prefix
    newline = source.newline
    sequence = EntryList(start=start, end=start, lines=True, newline=newline, indent=indent, inline=inline)
    position = start
    for index, extent in enumerate(extents):
        following = extents[index + 1].start if index + 1 < len(extents) else None
        entry = Entry(text="", key=extent.key, name=extent.name)
        starts_line = bool(sequence.entries[-1].newline) if index else not inline
        if starts_line:
            _hang(source, sequence, entry, (position, extent.start), markers=markers)
        else:
            entry.indent = source.text[position : extent.start]
        position = _finish(source, entry, extent, ";", len(source.text) if following is None else following)
        if following is None and not entry.newline:
            entry.comment, position = source.text[position:], len(source.text)
        if index and _continues(body[index - 1], body[index], sequence, entry):
            previous = sequence.entries[-1]
            previous.below += entry.indent + entry.text + entry.separator + entry.comment + entry.newline
        else:
            sequence.entries.append(entry)
    sequence.end = position
    last = sequence.entries[-1]
    lines = source.text[position : source.comments_end(position)] if last.newline else ""
    deeper, _ = split_deeper(lines, last.indent, gaps=bool(NEWLINE.search(last.text)))
    last.below += deeper
    sequence.end += len(deeper)
    if not (last.below or last.newline).endswith(("\n", "\r")):
        sequence.unterminated = True
        last.below += newline if last.below else ""
        last.newline = last.newline or newline
    return sequence


def _hang(
    source: SourceFile, sequence: EntryList, entry: Entry, gap: tuple[int, int], *, markers: bool = False
) -> None:
    """Give the lines in *gap* to the entry behind it, and to the one before it."""
    position, start = gap
    line = source.line_start(start)
    lines, entry.indent = source.text[position:line], source.text[line:start]
    if sequence.entries:
        previous = sequence.entries[-1]
        gaps = sequence.lines and bool(NEWLINE.search(previous.text))
        deeper, lines = split_deeper(lines, entry.indent, gaps=gaps)
        previous.below += deeper
    entry.detached, entry.attached = split_above(lines, markers=markers)


def _finish(source: SourceFile, entry: Entry, extent: Extent, mark: str, limit: int) -> int:
    """Give an entry its text, and what stands behind it on its line; return where that ends.

    Its text goes to the last closing parenthesis in front of the separator *mark*.
    """
    closed = separated = extent.end
    for piece in source.trivia(closed, limit):
        if piece.group() == mark:
            separated = piece.end()
        if piece.group() == mark or (piece.lastgroup == "newline" and mark == ";"):
            break
        if piece.lastgroup == "mark":
            closed = separated = piece.end()
    entry.text, entry.separator = source.text[extent.start : closed], source.text[closed:separated]
    ending = _line_ending(source, separated, limit)
    if ending is None:
        return separated
    entry.comment, entry.newline = source.text[separated : ending.start()], ending.group()
    return ending.end()


def _continues(before: ast.stmt, statement: ast.stmt, sequence: EntryList, entry: Entry) -> bool:
    """Whether the entry is a string that documents the item or member on the line above it."""
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
        return False
    previous = sequence.entries[-1]
    touches = bool(previous.newline) and not (entry.detached or entry.attached)
    declares = previous.key is not None and not isinstance(before, ast.ClassDef | ast.FunctionDef)
    return declares and touches and isinstance(statement.value.value, str)


def read_brackets(
    source: SourceFile, start: int, end: int, extents: Sequence[Extent], unit: str, *, singleton: bool = False
) -> EntryList:
    """Return the elements *extents* between the brackets whose inside reaches from *start* to *end*."""
    base = source.indentation(start)
    sequence = EntryList(
        start=start, end=end, lines=False, newline=source.newline, indent=base + unit, singleton=singleton
    )
    if not extents:
        sequence.foot = source.text[start:end]
        return sequence
    opening = _line_ending(source, start, extents[0].start)
    position = opening.end() if opening else start
    sequence.head = source.text[start:position]
    for index, extent in enumerate(extents):
        limit = extents[index + 1].start if index + 1 < len(extents) else end
        marks = (p.start() for p in source.trivia(position, extent.start) if p.lastgroup == "mark")
        first = next(marks, extent.start)  # an opening parenthesis is the element's
        entry = Entry(text="", key=extent.key, name=extent.name)
        if source.line_start(position) == position <= source.line_start(first):
            _hang(source, sequence, entry, (position, first))
        else:
            entry.indent = source.text[position:first]
        sequence.entries.append(entry)
        position = _finish(source, entry, extent._replace(start=first), ",", limit)
    sequence.foot = source.text[position:end]
    return sequence


def _line_ending(source: SourceFile, start: int, limit: int) -> re.Match[str] | None:
    """Return the line ending between *start* and *limit*, None where an element stands in front of it."""
    pieces = (piece for piece in source.trivia(start, limit) if piece.lastgroup in {"mark", "newline"})
    first = next(pieces, None)
    return first if first and first.lastgroup == "newline" else None


def read_elements(source: SourceFile, node: ast.Subscript, unit: str) -> EntryList:
    """Return the elements of *node* as entries, with the values of strings as keys; *unit* is one indentation."""
    extents = [Extent(*source.span(element), text_of(element)) for element in elements(node)]
    value_end, end = source.span(node.value)[1], source.span(node)[1]
    opened = next(p.end() for p in source.trivia(value_end, extents[0].start) if p.group() == "[")
    return read_brackets(source, opened, end - 1, extents, unit)


def inside(source: SourceFile, node: Located) -> tuple[int, int]:
    """Return the inside of a display (list, dict, tuple in parentheses)."""
    start, end = source.span(node)
    return start + 1, end - 1


def is_bracketed(source: SourceFile, node: ast.Tuple) -> bool:
    """Whether the parentheses around a tuple, if any, are its own."""
    start, end = inside(source, node)
    try:
        parse_expression(f"[{source.text[start:end]}\n]")
    except SyntaxError:  # as in ("a"), ("b")
        return False
    return source.text[start - 1] == "("
