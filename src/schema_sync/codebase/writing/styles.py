"""The style of a file, as far as new code in it should follow it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from schema_sync.codebase.reading.kinds import Kinds
from schema_sync.codebase.reading.rows import is_total
from schema_sync.codebase.scope import Definition, External, Module
from schema_sync.codebase.source_file import SourceFile
from schema_sync.codebase.syntax import is_none, text_of
from schema_sync.codebase.writing.names import Names
from schema_sync.mapping.names import SHAPE_SUFFIXES

_PIPE_NONE = re.compile(r"\|\s*None\b|\bNone\s*\|")
_OPTIONAL = re.compile(r"\bOptional\[")
_ENUMS = frozenset({"enum.Enum", "enum.StrEnum"})


class Style:
    """How the file of *module* writes things, found when asked for; where it does not tell, the default."""

    def __init__(self, module: Module, kinds: Kinds, names: Names) -> None:
        self._source = module.file
        self._definitions = [each for each in module.definitions if each.parent is None]
        self._kinds = kinds
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
            is_total(each)
            for each in self._definitions
            if not each.name.endswith(SHAPE_SUFFIXES["update"]) and self._is_typeddict(each)
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

    def _is_typeddict(self, definition: Definition) -> bool:
        """Whether it is a TypedDict that inherits from no other one."""
        bases = self._kinds.bases(definition)
        direct = any(isinstance(base, External) and base.name == "typing.TypedDict" for base in bases)
        return direct or self._kinds.kind(definition) == "functional"

    @cached_property
    def _classes(self) -> list[ast.ClassDef]:
        return [each.node for each in self._definitions if isinstance(each.node, ast.ClassDef)]

    @cached_property
    def _enums(self) -> list[ast.ClassDef]:
        nodes = (each.node for each in self._definitions if self._is_enum(each))
        return [node for node in nodes if isinstance(node, ast.ClassDef) and member_names(node)]

    def _is_enum(self, definition: Definition) -> bool:
        """Whether a class is an Enum, or seems to be one by the name of a base that is not known."""
        names = self._kinds.ancestry(definition)
        unknown = (name for name in names if not External(name).known)
        return not names.isdisjoint(_ENUMS) or any(name.endswith("Enum") for name in unknown)


def writes_pipe(tree: ast.AST, names: Names) -> bool | None:
    """Whether *tree* writes ``X | None`` more often than ``Optional[X]``; None if it does neither."""
    pipes = optionals = 0
    for node in _annotation_parts(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = (node.left, node.right)
            pipes += any(map(is_none, sides))
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


def quote_of(source: SourceFile, tree: ast.AST) -> str | None:
    """Return the quote that most one-line strings in *tree* have, None if there is none."""
    counts: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.lineno == node.end_lineno:
            literal = source.segment(node).lstrip("rRuUbBfF")
            if literal[:1] in {'"', "'"} and literal[:3] not in {'"""', "'''"}:
                counts[literal[0]] += 1
    return max('"', "'", key=lambda quote: counts[quote]) if counts else None


def member_names(node: ast.ClassDef) -> list[str]:
    """Return the names that the body of an Enum class assigns, less the private ones."""
    return [
        target.id
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    ]


def _string_bases(source: SourceFile, node: ast.ClassDef, names: Names) -> str:
    """Return the text of an Enum's bases if its members are strings."""
    values = [s.value for s in node.body if isinstance(s, ast.Assign)]
    strings = any(text_of(value) is not None for value in values)
    generated = any(names.resolve(base) == "enum.StrEnum" for base in node.bases)
    return ", ".join(map(source.segment, node.bases)) if strings or generated else ""


def _is_none_default(value: ast.expr) -> bool:
    """Whether *value* is None, or a call such as ``Field(default=None)``."""
    parts: list[ast.expr] = [value]
    if isinstance(value, ast.Call):
        parts = [*value.args[:1], *(keyword.value for keyword in value.keywords if keyword.arg == "default")]
    return any(map(is_none, parts))


def _unit(source: SourceFile, node: ast.ClassDef) -> str:
    if node.col_offset or node.body[0].lineno == node.lineno:
        return ""
    return source.indentation(source.span(node.body[0])[0])
