"""The style of a file, as far as new code in it should follow it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from schema_sync.codebase.writing.names import Names, flat
from schema_sync.codebase.writing.verbatim import Verbatim
from schema_sync.mapping.names import SHAPE_SUFFIXES

_PIPE_NONE = re.compile(r"\|\s*None\b|\bNone\s*\|")
_OPTIONAL = re.compile(r"\bOptional\[")
_ENUMS = frozenset({"enum.Enum", "enum.StrEnum"})


class Style:
    """How the file *source* writes things, found when asked for; where it does not tell, the default."""

    def __init__(self, source: Verbatim, names: Names) -> None:
        self._source = source
        self._names = names

    @cached_property
    def newline(self) -> str:
        """The line ending."""
        return self._source.newline

    @cached_property
    def unit(self) -> str:
        """One indentation."""
        return next((unit for node in self._classes if (unit := _unit(self._source, node))), "    ")

    @cached_property
    def quote(self) -> str:
        """The quote of one-line strings."""
        return quote_of(self._source, self._source.tree) or '"'

    @cached_property
    def pipe(self) -> bool:
        """Whether it is ``X | None``, and not ``Optional[X]``."""
        return bool(writes_pipe(self._source.tree, self._names))

    @cached_property
    def union(self) -> bool:
        """Whether ``Union[A, B]`` is known here."""
        nodes = ast.walk(self._source.tree)
        return any(
            isinstance(node, ast.Subscript) and self._names.resolve(node.value) == "typing.Union" for node in nodes
        )

    @cached_property
    def total(self) -> bool:
        """Whether any TypedDict is total, or there is none; classes for updates are not asked."""
        found = [
            total
            for statement in flat(self._source.tree.body)
            if (total := _totality(statement, self._names)) is not None and not _is_update(statement)
        ]
        return not found or any(found)

    @cached_property
    def optional(self) -> bool:
        """Whether most fields of models that admit None have the default None."""
        nodes = [s for node in self._classes for s in node.body if isinstance(s, ast.AnnAssign)]
        nullable = [node for node in nodes if writes_pipe(node, self._names) is not None]
        given = [node for node in nullable if node.value is not None and _is_none_default(node.value)]
        return 2 * len(given) > len(nullable)

    @cached_property
    def upper(self) -> bool:
        """Whether members of Enum classes have upper-case names."""
        return not (self._enums and all(name.islower() for node in self._enums for name in member_names(node)))

    @cached_property
    def bases(self) -> str | None:
        """What most Enum classes of strings are made of, as written; None if there is none."""
        bases = Counter(b for node in self._enums if (b := _string_bases(self._source, node, self._names)))
        return bases.most_common(1)[0][0] if bases else None

    @cached_property
    def _classes(self) -> list[ast.ClassDef]:
        return [s for s in flat(self._source.tree.body) if isinstance(s, ast.ClassDef)]

    @cached_property
    def _enums(self) -> list[ast.ClassDef]:
        return [n for n in self._classes if is_enum(n, self._names, self._classes) and member_names(n)]


def writes_pipe(tree: ast.AST, names: Names) -> bool | None:
    """Whether *tree* writes ``X | None`` more often than ``Optional[X]``; None if it does neither."""
    pipes = optionals = 0
    for node in _annotation_parts(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = (node.left, node.right)
            pipes += any(isinstance(side, ast.Constant) and side.value is None for side in sides)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            pipes += bool(_PIPE_NONE.search(node.value))
            optionals += bool(_OPTIONAL.search(node.value))
        elif isinstance(node, ast.Subscript):
            optionals += names.resolve(node.value) == "typing.Optional"
    return pipes > optionals if pipes or optionals else None


def _annotation_parts(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of all annotations in *tree*, and of the functional form's items."""
    for node in ast.walk(tree):
        roots: list[ast.expr | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            roots = [node.annotation]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            roots = [node.returns]
        elif isinstance(node, ast.Dict):
            roots = list(node.values)
        for root in roots:
            if root is not None:
                yield from ast.walk(root)


def quote_of(source: Verbatim, tree: ast.AST) -> str | None:
    """Return the quote that most one-line strings in *tree* have, None if there is none."""
    counts: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.lineno == node.end_lineno:
            literal = source.segment(node).lstrip("rRuUbBfF")
            if literal[:1] in {'"', "'"} and literal[:3] not in {'"""', "'''"}:
                counts[literal[0]] += 1
    return max('"', "'", key=lambda quote: counts[quote]) if counts else None


def is_enum(node: ast.ClassDef, names: Names, classes: list[ast.ClassDef]) -> bool:
    """Whether a class is an Enum, through other classes of its file too, or by its base's name."""
    for base in node.bases:
        dotted = names.resolve(base)
        local = [c for c in classes if c.name == dotted and c.lineno < node.lineno]
        if dotted in _ENUMS or (local and is_enum(local[-1], names, classes)):
            return True
        if not local and dotted.endswith("Enum") and not dotted.startswith("enum."):
            return True
    return False


def member_names(node: ast.ClassDef) -> list[str]:
    """Return the names that the body of an Enum class assigns, less the private ones."""
    return [
        target.id
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    ]


def _string_bases(source: Verbatim, node: ast.ClassDef, names: Names) -> str:
    """Return the text of an Enum's bases if its members are strings."""
    values = [s.value for s in node.body if isinstance(s, ast.Assign)]
    strings = any(isinstance(v, ast.Constant) and isinstance(v.value, str) for v in values)
    generated = any(names.resolve(base) == "enum.StrEnum" for base in node.bases)
    return ", ".join(map(source.segment, node.bases)) if strings or generated else ""


def _is_none_default(value: ast.expr) -> bool:
    """Whether *value* is None, or a call such as ``Field(default=None)``."""
    parts: list[ast.expr] = [value]
    if isinstance(value, ast.Call):
        parts = [*value.args[:1], *(keyword.value for keyword in value.keywords if keyword.arg == "default")]
    return any(isinstance(part, ast.Constant) and part.value is None for part in parts)


def _unit(source: Verbatim, node: ast.ClassDef) -> str:
    if node.col_offset or node.body[0].lineno == node.lineno:
        return ""
    return source.indentation(source.span(node.body[0])[0])


def _is_update(statement: ast.stmt) -> bool:
    name = statement.name if isinstance(statement, ast.ClassDef) else ""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
    return name.endswith(SHAPE_SUFFIXES["update"])


def _totality(statement: ast.stmt, names: Names) -> bool | None:
    """Whether a statement declares a total TypedDict; None if it declares none."""
    node: ast.ClassDef | ast.Call | None = None
    if isinstance(statement, ast.ClassDef):
        based = any(names.resolve(base) == "typing.TypedDict" for base in statement.bases)
        node = statement if based else None
    elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        node = statement.value if names.resolve(statement.value.func) == "typing.TypedDict" else None
    if node is None:
        return None
    value = {keyword.arg: keyword.value for keyword in node.keywords}.get("total")
    return not (isinstance(value, ast.Constant) and value.value is False)
