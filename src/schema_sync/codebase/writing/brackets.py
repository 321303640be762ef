"""The elements between the brackets of ``X[a, b]``: labels of a Literal, alternatives of a Union.

Authority: the typing specification, "Literals" (PEP 586) and "Union types".
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from collections.abc import Sequence as Many

from schema_sync.codebase.source_file import SourceFile
from schema_sync.codebase.syntax import elements, is_none, text_of
from schema_sync.codebase.writing.layout import Extent, read_brackets
from schema_sync.codebase.writing.rendering import quoted
from schema_sync.codebase.writing.sequences import Entry, Sequence
from schema_sync.codebase.writing.styles import quote_of


def read_elements(source: SourceFile, node: ast.Subscript, unit: str) -> Sequence:
    """Return the elements of *node* as entries, with the values of strings as keys; *unit* is one indentation."""
    extents = [Extent(*source.span(element), text_of(element)) for element in elements(node)]
    value_end, end = source.span(node.value)[1], source.span(node)[1]
    opened = next(p.end for p in source.trivia(value_end, extents[0].start) if p.text == "[")
    return read_brackets(source, opened, end - 1, extents, unit)


def only_texts(node: ast.Subscript) -> bool:
    """Whether the elements of a Literal are strings, and None at most."""
    return all(is_none(e) or text_of(e) is not None for e in elements(node))


def relabelled(source: SourceFile, node: ast.Subscript, labels: Many[object], quote: str) -> str:
    """Return the text of the Literal *node* with *labels* for its strings; what it has already stays as it is."""
    sequence = read_elements(source, node, "    ")
    for index in reversed(range(len(sequence.entries))):
        key = sequence.entries[index].key
        if key is not None and key not in labels:
            sequence.drop(index)
    before: str | None = None
    for label in filter(lambda each: isinstance(each, str), labels):
        if sequence.index(str(label)) is None:
            text = quoted(str(label), quote_of(source, node) or quote, source.encoding)
            add_label(sequence, Entry(text=text, key=str(label), after=before))
        before = str(label)
    return spliced(source, node, sequence)


def spliced(source: SourceFile, node: ast.Subscript, sequence: Sequence) -> str:
    """Return the text of *node* with the elements of *sequence*."""
    splice = sequence.splice()
    start, end = source.span(node)
    return source.text[start : splice.start] + splice.text + source.text[splice.end : end]


def add_label(sequence: Sequence, entry: Entry) -> None:
    """Insert a label behind the one that it follows: in front of all if it follows none."""
    keyed = [i for i, e in enumerate(sequence.entries) if e.name is not None or e.key is not None]
    if entry.after is None:
        index = sequence.behind(keyed[0] - 1, None)
        sequence.insert(index, entry, before=index == keyed[0])
        return
    anchor = sequence.index(entry.after)
    sequence.insert(sequence.behind(keyed[-1] if anchor is None else anchor, entry.after), entry)


# ---- parts of annotations


def literal_nones(node: ast.Subscript, resolve: Callable[[ast.expr], str]) -> list[ast.expr]:
    """Return the None among the values of a Literal; *resolve* gives the dotted name of an expression."""
    return list(filter(is_none, elements(node))) if resolve(node.value) == "typing.Literal" else []


def requoted(literal: str, value: str) -> str:
    """Return *value* in the quotes of *literal* if they can hold it."""
    body = literal.lstrip("rRuU")
    mark = body[:3] if body[:3] in {'"""', "'''"} else body[:1]
    candidate = f"{literal[: len(literal) - len(body)]}{mark}{value}{mark}"
    try:
        same = ast.literal_eval(f"({candidate})") == value
    except SyntaxError:
        same = False
    return candidate if same else quoted(value, mark[0])
