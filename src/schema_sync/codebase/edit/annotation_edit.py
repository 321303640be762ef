"""Edits of one annotation as text: its value type, its None, its NotRequired. What fits stays as it is written.

Authority: the typing specification, "Union types", "Literals" (PEP 586), "TypedDict" (PEP 655, PEP 705) and
"String annotations".
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from schema_sync.codebase.edit.body_layout import read_elements
from schema_sync.codebase.edit.entries import Entry
from schema_sync.codebase.edit.rendering import Spelled, quoted
from schema_sync.codebase.edit.style import TypeSpeller, quote_of
from schema_sync.codebase.source_file import NEWLINE, Expression, SourceFile, Splice
from schema_sync.codebase.syntax import alternatives, elements, is_none, subscripted, text_of
from schema_sync.errors import WriteError
from schema_sync.model.declarations import PyType
from schema_sync.model.edits import SetResultType

_LISTS = frozenset(
    f"{module}.{name}"
    for module in ("typing", "collections.abc")
    for name in ("Sequence", "MutableSequence", "Collection", "Iterable", "Container")
)
_QUALIFIERS = frozenset(
    f"typing.{name}" for name in ("NotRequired", "Required", "ReadOnly", "Annotated", "Final", "ClassVar")
)

_ADMITS = frozenset({"typing.Any", "object"})

Change = Callable[[Expression, bool], str]


def relabelled(source: SourceFile, node: ast.Subscript, labels: Sequence[object], quote: str) -> Splice:
    """Return what gives the Literal *node* *labels* for its strings; what it has already stays as it is."""
    sequence = read_elements(source, node, "    ")
    for index in reversed(range(len(sequence.entries))):
        key = sequence.entries[index].key
        if key is not None and key not in labels:
            sequence.drop(index)
    before: str | None = None
    for label in filter(lambda each: isinstance(each, str), labels):
        if sequence.index(str(label)) is None:
            text = quoted(str(label), quote_of(source, node) or quote, source.encoding)
            sequence.add_label(Entry(text=text, key=str(label), after=before))
        before = str(label)
    return sequence.splice()


def _is_literal_with_none(node: ast.Subscript, types: TypeSpeller) -> bool:
    return types.resolve(node.value) == "typing.Literal" and any(map(is_none, elements(node)))


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

    def changed(self, kind: PyType) -> str:
        """Return the expression with *kind* as its value type; None beside it stays."""
        return self.expression.changed(self.expression.node, self._splices(self.expression.node, kind))

    def _splices(self, node: ast.expr, kind: PyType) -> Iterator[Splice]:
        string, parts = text_of(node), alternatives(node)
        if string is not None:
            inner = TypeEditor(self.types, Expression(string))
            text = inner.changed(kind)
            named = isinstance(inner.expression.node, ast.Name | ast.Attribute)
            self.late = self.late or (named and inner.late)
            literal = self.expression.segment(node)
            yield Splice(*self.expression.span(node), text if named else requoted(literal, text))
        elif isinstance(node, ast.Subscript):
            yield from self._of_subscript(node, kind)
        elif len(parts) > 1:
            yield from self._of_union(node, parts, kind)
        elif is_none(node):
            yield self._replacing(node, self.types.optional(self._spelled(kind)))
        elif kind.args or kind.literals or _plain(self.types.resolve(node)) != kind.name:
            yield self._replacing(node, self._spelled(kind))

    def _of_subscript(self, node: ast.Subscript, kind: PyType) -> Iterator[Splice]:
        name, parts = self.types.resolve(node.value), elements(node)
        if name in {"typing.Optional", "typing.Annotated"}:
            yield from self._of_part(parts[0], kind)
        elif name == "typing.Union":
            yield from self._of_union(node, parts, kind)
        elif self._is_relabelled(node, kind):
            yield relabelled(self.expression, node, kind.literals, self.types.style.quote)
        elif self._holds(node, kind):
            for part, inner in reversed(list(zip(parts, kind.args, strict=True))):
                yield from self._of_part(part, inner)
        else:
            spelled = self._spelled(kind)
            optional = _is_literal_with_none(node, self.types)
            yield self._replacing(node, self.types.optional(spelled) if optional else spelled)

    def _of_union(self, node: ast.expr, parts: list[ast.expr], kind: PyType) -> Iterator[Splice]:
        values = [part for part in parts if not is_none(part)]
        if len(values) == 1:
            yield from self._of_part(values[0], kind)
            return
        new = self._spelled(kind)
        if not values:
            new = self.types.optional(new)
        elif len(values) < len(parts):
            head = self.expression.segment(node.value) if isinstance(node, ast.Subscript) else ""
            new = Spelled(head, (new, Spelled("None")), union=not head)
        yield self._replacing(node, new)

    def _of_part(self, part: ast.expr, kind: PyType) -> Iterator[Splice]:
        return self._splices(part, kind if is_none(part) else kind.without_none)

    def _replacing(self, node: ast.expr, new: Spelled) -> Splice:
        return Splice(*self.expression.span(node), keeping(self.expression.segment(node), new.text))

    def _spelled(self, kind: PyType) -> Spelled:
        spelled = self.types.spelled(kind)
        self.late = self.late or spelled.late
        return spelled

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


@dataclass(frozen=True)
class AnnotationEditor:
    """Changes annotations in one file."""

    types: TypeSpeller

    def with_type(self, text: str, kind: PyType) -> str:
        """Return the annotation *text* with *kind* as its value type; None and qualifiers stay.

        Only the parts that differ are written anew; comments stay, whatever is written.
        """

        def change(expression: Expression, in_string: bool) -> str:
            mending = TypeEditor(self.types, expression)
            result = mending.changed(kind.without_none)
            if mending.late and not in_string:
                flat = (
                    " ".join(result.split()) if "#" not in result else self.types.spelled(kind.without_none).text
                )
                return keeping(expression.bare, self.types.style.quoted(flat))
            return result

        return self._inside(text, change)

    def of_alias(self, source: SourceFile, value: ast.expr | None, edit: SetResultType) -> Splice:
        """Return the splice that gives an alias with *value* the type of *edit*.

        Raises:
            WriteError: if nothing is assigned.
        """
        if value is None:
            raise WriteError(f"{edit.path}: {edit.declaration} is not a type alias", hint="Run the command again.")
        if isinstance(value, ast.Call) and len(value.args) > 1:  # TypeAliasType("Name", value)
            value = value.args[1]
        start, end = source.span(value)
        text = source.text[start:end]
        return Splice(
            start, end, self.types.text(edit.type) if is_none(value) else self.with_type(text, edit.type)
        )

    def with_none(self, text: str, nullable: bool) -> str:
        """Return the annotation *text* admitting None, or not.

        What hides its None behind a name of its own (an alias) stays as it is.
        """
        return self._inside(text, lambda e, _: self._add_none(e) if nullable else self._drop_none(e))

    def required(self, text: str, *, marked: bool) -> str:
        """Return the annotation *text* less NotRequired; *marked*: with Required around it."""
        bare = self._inside(text, lambda expression, _: expression.bare, dropped="typing.NotRequired")
        return self.qualified(bare, "required") if marked and not self._is_required(bare) else bare

    def qualified(self, text: str, qualifier: Literal["required", "not_required"] | None) -> str:
        """Return the annotation *text* with *qualifier* around it."""
        if qualifier is None:
            return text
        name = "typing.Required" if qualifier == "required" else "typing.NotRequired"
        return f"{self.types.spell(name)}[{text}]"

    def _is_required(self, text: str) -> bool:
        node: ast.expr | None = Expression(text).node
        while node is not None:
            inner = text_of(node)
            if inner is not None:
                return self._is_required(inner)
            if isinstance(node, ast.Subscript) and self.types.resolve(node.value) == "typing.Required":
                return True
            node = self._qualified(node)
        return False

    def _inside(self, text: str, change: Change, *, in_string: bool = False, dropped: str = "") -> str:
        """Apply *change* within the qualifiers and quotes around the type; or take the qualifier *dropped* off."""
        expression = Expression(text)
        string, inner = text_of(expression.node), self._qualified(expression.node)
        if string is not None:
            return requoted(text, self._inside(string, change, in_string=True, dropped=dropped))
        if inner is None:
            return change(expression, in_string)
        if isinstance(expression.node, ast.Subscript) and self.types.resolve(expression.node.value) == dropped:
            return expression.changed(expression.node, _unwrapping(expression, expression.node, inner))
        rest = self._inside(expression.segment(inner), change, in_string=in_string, dropped=dropped)
        return expression.replaced([Splice(*expression.span(inner), rest)]).text[1:-1]

    def _qualified(self, node: ast.expr) -> ast.expr | None:
        if isinstance(node, ast.Subscript) and self.types.resolve(node.value) in _QUALIFIERS:
            return elements(node)[0]
        return None

    def _admits_none(self, node: ast.expr) -> bool:
        if is_none(node):
            return True
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return any(map(self._admits_none, alternatives(node)))
        if isinstance(node, ast.Subscript):
            name = self.types.resolve(node.value)
            admitted = name == "typing.Union" and any(map(self._admits_none, elements(node)))
            return admitted or name == "typing.Optional" or _is_literal_with_none(node, self.types)
        return self.types.resolve(node) in _ADMITS

    def _add_none(self, expression: Expression) -> str:
        node, text = expression.node, expression.bare
        if self._admits_none(node):
            return text
        if isinstance(node, ast.BinOp):
            return f"{text} | None"
        plain = isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
        return self.types.optional(Spelled(text if plain else f"({text})")).text

    def _drop_none(self, expression: Expression) -> str:
        return expression.changed(expression.node, self._dropping_none(expression, expression.node))

    def _dropping_none(self, expression: Expression, node: ast.expr) -> Iterator[Splice]:
        string, name = text_of(node), self.types.resolve(subscripted(node))
        if string is not None:
            text = requoted(expression.segment(node), self._drop_none(Expression(string)))
            yield Splice(*expression.span(node), text)
        elif isinstance(node, ast.BinOp):
            kept = [each for each in (node.left, node.right) if not is_none(each)] or [node.right]
            if len(kept) == 1:
                yield from _unwrapping(expression, node, kept[0])
            for each in kept:
                yield from self._dropping_none(expression, each)
        elif isinstance(node, ast.Subscript):
            kept = [each for each in elements(node) if not is_none(each)]
            if name == "typing.Optional" or (name == "typing.Union" and len(kept) == 1):
                only = kept[0] if kept else elements(node)[0]
                yield from _unwrapping(expression, node, only)
                yield from self._dropping_none(expression, only)
            elif kept and (name == "typing.Union" or _is_literal_with_none(node, self.types)):
                yield self._dropping_elements(expression, node)

    def _dropping_elements(self, expression: Expression, node: ast.Subscript) -> Splice:
        sequence = read_elements(expression, node, "    ")
        for index, part in reversed(list(enumerate(elements(node)))):
            if is_none(part):
                sequence.drop(index)
            elif splices := list(self._dropping_none(expression, part)):
                sequence.entries[index].text = expression.changed(part, splices)
        return sequence.splice()


def _unwrapping(expression: Expression, node: ast.expr, kept: ast.expr) -> Iterator[Splice]:
    """Yield what leaves only *kept* of *node*, with the comments that stand around it."""
    start, end = expression.span(node)
    first, last = expression.span(kept)
    before, behind = expression.text[start:first], expression.text[last:end]
    commented = "#" in before + behind
    yield Splice(start, first, f"({_only_comments(before)}" if commented else "")
    yield Splice(last, end, f"{_only_comments(behind)})" if commented else "")


def _only_comments(text: str) -> str:
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        code, mark, comment = line.partition("#")
        lines.append("".join(char if char.isspace() else "" for char in code) + mark + comment)
    return "".join(lines)
