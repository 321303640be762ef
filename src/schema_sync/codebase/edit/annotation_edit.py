"""Edits of one annotation as text: its value type, its None, its NotRequired.

Authority: the typing specification, "Union types", "TypedDict" (PEP 655, PEP 705) and "String annotations".
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from schema_sync.codebase.edit.rendering import Spelled
from schema_sync.codebase.edit.style import TypeSpeller
from schema_sync.codebase.edit.type_edit import (
    TypeEditor,
    keeping,
    literal_nones,
    read_elements,
    requoted,
    spliced,
)
from schema_sync.codebase.source_file import Expression, SourceFile, Splice
from schema_sync.codebase.syntax import alternatives, elements, is_none, text_of
from schema_sync.errors import WriteError
from schema_sync.model.declarations import PyType
from schema_sync.model.edits import SetResultType

_QUALIFIERS = frozenset(
    f"typing.{name}" for name in ("NotRequired", "Required", "ReadOnly", "Annotated", "Final", "ClassVar")
)
_NAMES = {"required": "Required", "not_required": "NotRequired"}
_ADMITS = frozenset({"typing.Any", "object"})

Change = Callable[[Expression, bool], str]


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
        """Return the text of *node* without its None."""
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
