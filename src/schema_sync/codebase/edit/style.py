"""The style of a file, as far as new code in it should follow it, and how types are written in it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from schema_sync.codebase.edit.rendering import Spelled, quoted
from schema_sync.codebase.edit.spelling import Names
from schema_sync.codebase.read.class_kinds import Kinds
from schema_sync.codebase.read.typeddicts import is_total
from schema_sync.codebase.scope import External, Module
from schema_sync.codebase.source_file import SourceFile
from schema_sync.codebase.syntax import FUNCTIONS, argument_of, is_none, text_of
from schema_sync.errors import WriteError
from schema_sync.mapping.names import SHAPE_SUFFIXES
from schema_sync.model.declarations import PyType

_PIPE_NONE = re.compile(r"\|\s*None\b|\bNone\s*\|")
_OPTIONAL = re.compile(r"\bOptional\[")
_ENUMS = frozenset({"enum.Enum", "enum.StrEnum"})


class Style:
    """How the file of *module* writes things, found when asked for; where it does not tell, the default."""

    def __init__(self, module: Module, kinds: Kinds, names: Names) -> None:
        self.path = module.file.path
        self.encoding = module.file.encoding
        self.names = names
        self._source = module.file
        self._definitions = [each for each in module.definitions if each.parent is None]
        self._kinds = kinds

    @cached_property
    def unit(self) -> str:
        """One indentation."""
        for node in self._classes:
            first = node.body[0]
            unit = self._source.indentation(self._source.span(first)[0])
            if unit and not node.col_offset and first.lineno != node.lineno:
                return unit
        return "    "

    @cached_property
    def quote(self) -> str:
        """The quote of one-line strings."""
        return quote_of(self._source, self._source.tree) or '"'

    def quoted(self, value: str, quote: str | None = None) -> str:
        """Return *value* as a string literal on one line, in the file's quotes unless *quote* is given."""
        return quoted(value, quote or self.quote, self.encoding)

    @cached_property
    def pipe(self) -> bool:
        """Whether it is ``X | None``, and not ``Optional[X]``."""
        return bool(writes_pipe(self._source.tree, self.names))

    @cached_property
    def union(self) -> bool:
        """Whether ``Union[A, B]`` is known here."""
        subscripts = (node for node in ast.walk(self._source.tree) if isinstance(node, ast.Subscript))
        return any(self.names.resolve(node.value) == "typing.Union" for node in subscripts)

    @cached_property
    def total(self) -> bool:
        """Whether any TypedDict is total, or there is none; heirs and classes for updates are left out."""
        found: list[bool] = []
        for each in self._definitions:
            bases = [base.name for _, base in self._kinds.bases(each) if isinstance(base, External)]
            is_typeddict = "typing.TypedDict" in bases or self._kinds.kind(each) == "functional"
            if is_typeddict and not each.name.endswith(SHAPE_SUFFIXES["update"]):
                found.append(is_total(each))
        return not found or any(found)

    @cached_property
    def optional(self) -> bool:
        """Whether most fields of models that admit None have the default None."""
        nodes = [s for node in self._classes for s in node.body if isinstance(s, ast.AnnAssign)]
        nullable = [node for node in nodes if writes_pipe(node, self.names) is not None]
        given = [node for node in nullable if node.value is not None and _is_none_default(node.value)]
        return 2 * len(given) > len(nullable)

    @cached_property
    def upper(self) -> bool:
        """Whether members of Enum classes have upper-case names."""
        return not (self._enums and all(name.islower() for node in self._enums for name in member_names(node)))

    @cached_property
    def bases(self) -> str | None:
        """What most Enum classes of strings are made of, as written; None if there is none."""
        bases: Counter[str] = Counter()
        for node in self._enums:
            values = [s.value for s in node.body if isinstance(s, ast.Assign)]
            is_generated = any(self.names.resolve(base) == "enum.StrEnum" for base in node.bases)
            if is_generated or any(text_of(value) is not None for value in values):
                bases[", ".join(map(self._source.segment, node.bases))] += 1
        return bases.most_common(1)[0][0] if bases else None

    @cached_property
    def _classes(self) -> list[ast.ClassDef]:
        return [each.node for each in self._definitions if isinstance(each.node, ast.ClassDef)]

    @cached_property
    def _enums(self) -> list[ast.ClassDef]:
        """The Enums with members; classes that seem to be some, by a base that is not known, are among them."""
        found: list[ast.ClassDef] = []
        for each in self._definitions:
            names = self._kinds.ancestry(each)
            seems = any(name.endswith("Enum") for name in names if not External(name).known)
            if isinstance(each.node, ast.ClassDef) and member_names(each.node):
                found += [each.node] if seems or not names.isdisjoint(_ENUMS) else []
        return found


@dataclass(frozen=True)
class TypeSpeller:
    """Spells types at one place of a file.

    ``late`` are the classes that come later in the file. ``own_pipe`` states whether the class at hand writes
    ``X | None``; None leaves that to the file's style. ``avoided`` are names that mean something else there.
    ``known`` are types that have been spelled; none names a class of the codebase, which may come later.
    """

    style: Style
    late: Collection[str]
    own_pipe: bool | None = None
    avoided: Collection[str] = ()
    known: dict[PyType, Spelled] = field(default_factory=dict, compare=False)

    def resolve(self, node: ast.expr) -> str:
        """Return the dotted name, or the declaration's id, that *node* means; empty if it cannot be known."""
        return self.style.names.resolve(node)

    def spell(self, name: str) -> str:
        """Return how to write a dotted name or a declaration's id; its import follows as needed."""
        return self.style.names.spell(name, avoided=self.avoided)

    @property
    def pipe(self) -> bool:
        """Whether it is ``X | None``, and not ``Optional[X]``."""
        return self.style.pipe if self.own_pipe is None else self.own_pipe

    def spelled(self, kind: PyType) -> Spelled:
        """Return *kind* as this file writes it.

        Raises:
            WriteError: if it holds an opaque type, which nobody can write.
        """
        found = self.known.get(kind)
        if found is None:
            found = self._spelled(kind)
            if _is_the_same_everywhere(kind):
                self.known[kind] = found
        return found

    def _spelled(self, kind: PyType) -> Spelled:
        if kind.name == "|":
            return self._union(kind)
        if kind.name == "Literal":
            return Spelled(self.spell("typing.Literal"), tuple(map(self._literal, kind.literals)))
        if kind.name == "?":
            raise WriteError("a type that is not known cannot be written", hint="Set it under [types].")
        arguments = tuple(map(self.spelled, kind.args))
        path, _, local = kind.name.rpartition(":")
        late = path == self.style.path and local.partition(".")[0] in self.late
        late = late or any(argument.late for argument in arguments)
        return Spelled(self.spell(kind.name), arguments, late=late)

    def optional(self, value: Spelled) -> Spelled:
        """Return *value*, or None, in the file's style."""
        if self.pipe:
            members = value.arguments if value.union else (value,)
            return Spelled("", (*members, Spelled("None")), union=True, late=value.late)
        return Spelled(self.spell("typing.Optional"), (value,), late=value.late)

    def text(self, kind: PyType) -> str:
        """Return *kind* on one line, in quotes if it names a class that does not exist yet."""
        return self.settled(self.spelled(kind)).text

    def settled(self, kind: Spelled) -> Spelled:
        """Return *kind*, as a string annotation if it names a class that does not exist yet."""
        return Spelled(self.style.quoted(kind.text)) if kind.late else kind

    def _union(self, kind: PyType) -> Spelled:
        members = tuple(self.spelled(member) for member in kind.args if member.name != "None")
        late = any(member.late for member in members)
        if len(members) == 1:
            value = members[0]
        elif not self.pipe and self.style.union:
            value = Spelled(self.spell("typing.Union"), members, late=late)
        else:
            value = Spelled("", members, union=True, late=late)
        return self.optional(value) if kind.admits_none and len(members) < len(kind.args) else value

    def _literal(self, value: str | int | bool | None) -> Spelled:
        return Spelled(self.style.quoted(value) if isinstance(value, str) else repr(value))


def _is_the_same_everywhere(kind: PyType) -> bool:
    """Whether a type, and any equal to it as Literal[True] is to Literal[1], is spelled alike in a file."""
    texts = all(isinstance(value, str) for value in kind.literals)
    return ":" not in kind.name and texts and all(map(_is_the_same_everywhere, kind.args))


def writes_pipe(tree: ast.AST, names: Names) -> bool | None:
    """Whether *tree* writes ``X | None`` more often than ``Optional[X]``; None if it does neither."""
    pipes = optionals = 0
    for node in _annotation_parts(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            pipes += is_none(node.left) or is_none(node.right)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            pipes += bool(_PIPE_NONE.search(node.value))
            optionals += bool(_OPTIONAL.search(node.value))
        elif isinstance(node, ast.Subscript):
            optionals += names.resolve(node.value) == "typing.Optional"
    return pipes > optionals if pipes or optionals else None


def _annotation_parts(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of all annotations in *tree*, and of the functional form's items."""
    for node in ast.walk(tree):
        roots = node.values if isinstance(node, ast.Dict) else []
        if isinstance(node, ast.AnnAssign | ast.arg):
            roots = [node.annotation] if node.annotation else []
        elif isinstance(node, FUNCTIONS):
            roots = [node.returns] if node.returns else []
        for root in roots:
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


def _is_none_default(value: ast.expr) -> bool:
    """Whether *value* is None, or a call such as ``Field(default=None)``."""
    if isinstance(value, ast.Call):
        return any(map(is_none, value.args[:1])) or is_none(argument_of(value, "default"))
    return is_none(value)
