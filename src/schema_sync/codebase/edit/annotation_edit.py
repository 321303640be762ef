"""Edits of one annotation as text: its value type, its None, its NotRequired. What fits stays as it is written.

Authority: the typing specification, "Union types", "Literals" (PEP 586), "TypedDict" (PEP 655, PEP 705) and
"String annotations".
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from schema_sync.codebase.edit.body_layout import read_elements, spliced
from schema_sync.codebase.edit.entries import Entry
from schema_sync.codebase.edit.rendering import Spelled, quoted
from schema_sync.codebase.edit.style import TypeSpeller, quote_of
from schema_sync.codebase.source_file import NEWLINE, Expression, SourceFile, Splice
from schema_sync.codebase.syntax import alternatives, elements, is_none, text_of
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
_NAMES = {"required": "Required", "not_required": "NotRequired"}
_ADMITS = frozenset({"typing.Any", "object"})

Change = Callable[[Expression, bool], str]


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
            sequence.add_label(Entry(text=text, key=str(label), after=before))
        before = str(label)
    return spliced(source, node, sequence)


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
        string = text_of(node)
        if string is not None:
            inner = TypeEditor(self.types, Expression(string))
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
            result = mending.of(expression.node, kind.without_none)
            if mending.late and not in_string:
                bare = " ".join(result.split()) if "#" not in result else mending.whole(kind.without_none)
                return keeping(expression.text, self.types.style.quoted(bare))
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
        return self._inside(text, lambda e, _: self._add_none(e) if nullable else self._drop_none(e, e.node))

    def required(self, text: str, *, marked: bool) -> str:
        """Return the annotation *text* less NotRequired; *marked*: with Required around it."""
        bare = self._inside(text, lambda expression, _: expression.text, dropped="typing.NotRequired")
        return self.qualified(bare, "required") if marked and not self._is_required(bare) else bare

    def qualified(self, text: str, qualifier: Literal["required", "not_required"] | None) -> str:
        """Return the annotation *text* with *qualifier* around it."""
        if qualifier is None:
            return text
        return f"{self.types.spell('typing.' + _NAMES[qualifier])}[{text}]"

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
        rest = expression.segment(inner)
        if isinstance(expression.node, ast.Subscript) and self.types.resolve(expression.node.value) == dropped:
            return _keeping_comments(expression, expression.node, inner, rest)
        return expression.replaced(inner, self._inside(rest, change, in_string=in_string, dropped=dropped))

    def _qualified(self, node: ast.expr) -> ast.expr | None:
        if isinstance(node, ast.Subscript) and self.types.resolve(node.value) in _QUALIFIERS:
            return elements(node)[0]
        return None

    # ---- None

    def _admits_none(self, node: ast.expr) -> bool:
        if is_none(node):
            return True
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return any(map(self._admits_none, alternatives(node)))
        if isinstance(node, ast.Subscript):
            name = self.types.resolve(node.value)
            admitted = name == "typing.Union" and any(map(self._admits_none, elements(node)))
            return admitted or name == "typing.Optional" or bool(literal_nones(node, self.types.resolve))
        return self.types.resolve(node) in _ADMITS

    def _add_none(self, expression: Expression) -> str:
        node, text = expression.node, expression.text
        if self._admits_none(node):
            return text
        if isinstance(node, ast.BinOp):
            return f"{text} | None"
        plain = isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
        return self.types.optional(Spelled(text if plain else f"({text})")).text

    def _drop_none(self, expression: Expression, node: ast.expr) -> str:
        string = text_of(node)
        if string is not None:
            inner = Expression(string)
            return requoted(expression.segment(node), self._drop_none(inner, inner.node))
        if isinstance(node, ast.BinOp):
            return self._drop_operand(expression, node)
        if not isinstance(node, ast.Subscript):
            return expression.segment(node)
        name = self.types.resolve(node.value)
        if name == "typing.Optional":
            value = elements(node)[0]
            return _keeping_comments(expression, node, value, self._drop_none(expression, value))
        if name == "typing.Union" or literal_nones(node, self.types.resolve):
            return self._drop_elements(expression, node, unwrap=name == "typing.Union")
        return expression.segment(node)

    def _drop_operand(self, expression: Expression, node: ast.BinOp) -> str:
        for dropped, kept in ((node.left, node.right), (node.right, node.left)):
            if is_none(dropped):
                return _keeping_comments(expression, node, kept, self._drop_none(expression, kept))
        start, end = expression.span(node)
        left, right = expression.span(node.left), expression.span(node.right)
        text = expression.text
        first, second = self._drop_none(expression, node.left), self._drop_none(expression, node.right)
        return text[start : left[0]] + first + text[left[1] : right[0]] + second + text[right[1] : end]

    def _drop_elements(self, expression: Expression, node: ast.Subscript, *, unwrap: bool) -> str:
        texts = {part: self._drop_none(expression, part) for part in elements(node) if not is_none(part)}
        if not texts:
            return expression.segment(node)
        if unwrap and len(texts) == 1:
            ((kept, text),) = texts.items()
            return _keeping_comments(expression, node, kept, text)
        sequence = read_elements(expression.source, node, "    ")
        for index, part in reversed(list(enumerate(elements(node)))):
            if part not in texts:
                sequence.drop(index)
            elif texts[part] != expression.segment(part):
                sequence.entries[index].text = texts[part]
        return spliced(expression.source, node, sequence)


def _keeping_comments(expression: Expression, node: ast.expr, kept: ast.expr, text: str) -> str:
    """Return *text* for *node*, of which only *kept* stays, with the comments that stood around *kept*."""
    start, end = expression.span(node)
    first, last = expression.span(kept)
    before, behind = expression.text[start:first], expression.text[last:end]
    if "#" not in before + behind:
        return text
    return f"({_only_comments(before)}{text}{_only_comments(behind)})"


def _only_comments(text: str) -> str:
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        code, mark, comment = line.partition("#")
        lines.append("".join(char if char.isspace() else "" for char in code) + mark + comment)
    return "".join(lines)
