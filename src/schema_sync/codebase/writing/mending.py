"""A type for an annotation, part by part: what fits already stays as it is written.

Authority: the typing specification, "Union types", "Literals" (PEP 586) and "String annotations".
"""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass

from schema_sync.codebase.source_file import NEWLINE, Expression
from schema_sync.codebase.syntax import alternatives, elements, is_none, text_of
from schema_sync.codebase.writing.brackets import literal_nones, only_texts, relabelled, requoted
from schema_sync.codebase.writing.rendering import Spelled
from schema_sync.codebase.writing.styles import TypeSpeller
from schema_sync.model.declarations import PyType

_LISTS = frozenset(
    f"{module}.{name}"
    for module in ("typing", "collections.abc")
    for name in ("Sequence", "MutableSequence", "Collection", "Iterable", "Container")
)


@dataclass
class Mending:
    """Gives a type to an expression; ``late`` if what it wrote names a class that is not there yet."""

    types: TypeSpeller
    expression: Expression
    late: bool = False

    def of(self, node: ast.expr, kind: PyType) -> str:
        """Return the text of *node* with *kind* as its value type; None beside it stays."""
        quoted = text_of(node)
        if quoted is not None:
            inner = Mending(self.types, Expression(quoted))
            text = inner.of(inner.expression.node, kind)
            named = isinstance(inner.expression.node, ast.Name | ast.Attribute)
            self.late = self.late or (named and inner.late)
            return text if named else requoted(self.expression.segment(node), text)
        if isinstance(node, ast.Subscript):
            return self._of_subscript(node, kind)
        parts = alternatives(node)
        if len(parts) > 1:
            return self._of_union(node, parts, kind)
        text = self.expression.segment(node)
        if is_none(node):
            return keeping(text, self.types.optional(self._spelled(kind)).text)
        fits = not kind.args and not kind.literals and _plain(self.types.resolve(node)) == kind.name
        return text if fits else keeping(text, self.whole(kind))

    def _of_subscript(self, node: ast.Subscript, kind: PyType) -> str:
        text, name = self.expression.segment(node), self.types.resolve(node.value)
        if name in {"typing.Optional", "typing.Annotated"}:
            return self._with(node, [(elements(node)[0], kind)])
        if name == "typing.Union":
            return self._of_union(node, elements(node), kind)
        if self._is_relabelled(node, kind):
            return relabelled(self.expression.source, node, kind.literals, self.types.style.quote)
        if self._holds(node, kind):
            return self._with(node, list(zip(elements(node), kind.args, strict=True)))
        if literal_nones(node, self.types.resolve):
            return keeping(text, self.types.optional(self._spelled(kind)).text)
        return keeping(text, self.whole(kind))

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
        return keeping(self.expression.segment(node), new)

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
        """Whether *node* is a Literal that shares labels with *kind*."""
        if kind.name != "Literal" or self.types.resolve(node.value) != "typing.Literal":
            return False
        shared = any(isinstance(e, ast.Constant) and e.value in kind.literals for e in elements(node))
        return shared and only_texts(node)

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
