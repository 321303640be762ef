"""A type for an annotation, part by part: what fits already stays as it is written.

Authority: the typing specification, "Union types", "Literals" (PEP 586) and "String annotations".
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schema_sync.codebase.edit.body_layout import Extent, read_brackets
from schema_sync.codebase.edit.entries import Entry, EntryList
from schema_sync.codebase.edit.rendering import Spelled, quoted
from schema_sync.codebase.edit.style import TypeSpeller, quote_of
from schema_sync.codebase.source_file import NEWLINE, Expression, SourceFile
from schema_sync.codebase.syntax import alternatives, elements, is_none, text_of
from schema_sync.model.declarations import PyType

_LISTS = frozenset(
    f"{module}.{name}"
    for module in ("typing", "collections.abc")
    for name in ("Sequence", "MutableSequence", "Collection", "Iterable", "Container")
)


def read_elements(source: SourceFile, node: ast.Subscript, unit: str) -> EntryList:
    """Return the elements of *node* as entries, with the values of strings as keys; *unit* is one indentation."""
    extents = [Extent(*source.span(element), text_of(element)) for element in elements(node)]
    value_end, end = source.span(node.value)[1], source.span(node)[1]
    opened = next(p.end for p in source.trivia(value_end, extents[0].start) if p.text == "[")
    return read_brackets(source, opened, end - 1, extents, unit)


def relabelled(source: SourceFile, node: ast.Subscript, labels: Sequence[object], quote: str) -> str:
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


def spliced(source: SourceFile, node: ast.Subscript, sequence: EntryList) -> str:
    """Return the text of *node* with the elements of *sequence*."""
    splice = sequence.splice()
    start, end = source.span(node)
    return source.text[start : splice.start] + splice.text + source.text[splice.end : end]


def add_label(sequence: EntryList, entry: Entry) -> None:
    """Insert a label behind the one that it follows: in front of all if it follows none."""
    if entry.after is None:
        first = next(index for index, each in enumerate(sequence.entries) if each.declares)
        index = sequence.behind(first - 1, None)
        sequence.insert(index, entry, before=index == first)
        return
    anchor = sequence.index(entry.after)
    if anchor is None:
        anchor = sequence.last(lambda each: each.declares) or 0
    sequence.insert(sequence.behind(anchor, entry.after), entry)


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


@dataclass
class TypeEditor:
    """Gives a type to an expression; ``late`` if what it wrote names a class that is not there yet."""

    types: TypeSpeller
    expression: Expression
    late: bool = False

    def of(self, node: ast.expr, kind: PyType) -> str:
        """Return the text of *node* with *kind* as its value type; None beside it stays."""
        quoted = text_of(node)
        if quoted is not None:
            inner = TypeEditor(self.types, Expression(quoted))
            text = inner.of(inner.expression.node, kind)
            named = isinstance(inner.expression.node, ast.Name | ast.Attribute)
            self.late = self.late or (named and inner.late)
            return text if named else requoted(self.expression.segment(node), text)
        if isinstance(node, ast.Subscript):
            return self._of_subscript(node, kind)
        parts = alternatives(node)
        if len(parts) > 1:
            return self._of_union(node, parts, kind)
        if is_none(node):
            return self._replaced(node, self.types.optional(self._spelled(kind)).text)
        fits = not kind.args and not kind.literals and _plain(self.types.resolve(node)) == kind.name
        return self.expression.segment(node) if fits else self._replaced(node, self.whole(kind))

    def _of_subscript(self, node: ast.Subscript, kind: PyType) -> str:
        name = self.types.resolve(node.value)
        if name in {"typing.Optional", "typing.Annotated"}:
            return self._with(node, [(elements(node)[0], kind)])
        if name == "typing.Union":
            return self._of_union(node, elements(node), kind)
        if self._is_relabelled(node, kind):
            return relabelled(self.expression.source, node, kind.literals, self.types.style.quote)
        if self._holds(node, kind):
            return self._with(node, list(zip(elements(node), kind.args, strict=True)))
        if literal_nones(node, self.types.resolve):
            return self._replaced(node, self.types.optional(self._spelled(kind)).text)
        return self._replaced(node, self.whole(kind))

    def _replaced(self, node: ast.expr, text: str) -> str:
        return keeping(self.expression.segment(node), text)

    def whole(self, kind: PyType) -> str:
        """Return *kind* as the file spells it."""
        return self._spelled(kind).text

    def _spelled(self, kind: PyType) -> Spelled:
        spelled = self.types.spelled(kind)
        self.late = self.late or spelled.late
        return spelled

    def _of_union(self, node: ast.expr, parts: list[ast.expr], kind: PyType) -> str:
        values = [part for part in parts if not is_none(part)]
        if len(values) == 1:
            return self._with(node, [(values[0], kind)])
        spelled = self._spelled(kind)
        if len(values) == len(parts):
            new = spelled.text
        elif not values:
            new = self.types.optional(spelled).text
        elif isinstance(node, ast.Subscript):
            new = f"{self.expression.segment(node.value)}[{spelled.text}, None]"
        else:
            new = f"{spelled.text} | None"
        return self._replaced(node, new)

    def _with(self, node: ast.expr, parts: list[tuple[ast.expr, PyType]]) -> str:
        """Return the text of *node* with the types of *parts* of it."""
        start, _ = self.expression.span(node)
        text = self.expression.segment(node)
        for part, kind in reversed(parts):
            first, last = self.expression.span(part)
            new = self.of(part, kind if is_none(part) else kind.without_none)
            text = text[: first - start] + new + text[last - start :]
        return text

    def _is_relabelled(self, node: ast.Subscript, kind: PyType) -> bool:
        """Whether *node* is a Literal of strings, and None at most, that shares labels with *kind*."""
        if kind.name != "Literal" or self.types.resolve(node.value) != "typing.Literal":
            return False
        texts = [text_of(element) for element in elements(node) if not is_none(element)]
        return None not in texts and not set(kind.literals).isdisjoint(texts)

    def _holds(self, node: ast.Subscript, kind: PyType) -> bool:
        """Whether *node* is a container as *kind* is, so that its elements alone may differ."""
        if len(elements(node)) != len(kind.args) or kind.name == "|":
            return False
        if ":" in kind.name:
            return self.expression.segment(node.value) == self.types.spell(kind.name)
        own = _plain(self.types.resolve(node.value))
        nulls = any(arg.admits_none and arg != arg.without_none for arg in kind.args)
        return not nulls and (own == kind.name or (own in _LISTS and kind.name == "list"))


def _plain(name: str) -> str:
    """Return the builtin name of a container that *name*, of typing, is another word for."""
    bare = name.removeprefix("typing.")
    return bare.lower() if bare in {"Dict", "FrozenSet", "List", "Set", "Tuple"} else name


def keeping(old: str, new: str) -> str:
    """Return *new* for *old*, with the comments of *old* above it that it has not itself."""
    stream = io.StringIO(f"({old}\n)")
    comments = [t.string for t in tokenize.generate_tokens(stream.readline) if t.type == tokenize.COMMENT]
    lost = [comment for comment in comments if comment not in new]
    if not lost:
        return new
    newline = next(iter(NEWLINE.findall(old)), "\n")
    last = old[max(old.rfind("\n"), old.rfind("\r")) + 1 :]
    indent = last[: len(last) - len(last.lstrip())]
    lines = "".join(f"{newline}{indent}    {part}" for part in [*lost, new])
    return f"({lines}{newline}{indent})"
