"""Modules and what their top levels bind; ``program`` shows what a name means among them.

Authority: the Python language reference, "Naming and binding" and "The import system". Nothing is imported:
a name of a scanned file resolves to its definition, another to the dotted name it would have at run time.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from schema_sync.codebase.source_file import SourceFile
from schema_sync.codebase.syntax import dotted, exported_by, flat, names_bound, placed, text_of
from schema_sync.model.declarations import Location

BUILTIN_TYPES = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type))


class External(msgspec.Struct, frozen=True):
    """A name that no scanned file defines: canonical and dotted (``uuid.UUID``), or a builtin type's own."""

    name: str

    @property
    def known(self) -> bool:
        """Whether it is of Python or its standard library; of other libraries nothing is known."""
        top, dot, _ = self.name.partition(".")
        return top in sys.stdlib_module_names if dot else top in BUILTIN_TYPES or top == "None"


class Imported(msgspec.Struct, frozen=True):
    """A binding by an import: of the module ``module``, or of ``name`` in it. Relative ones are made absolute."""

    module: str
    name: str | None = None


class Definition(msgspec.Struct, eq=False):
    """A class, or a name that is bound to ``value`` (None where the value states nothing about types).

    ``name`` is qualified (``Outer.Inner``); ``node`` stands in ``block`` at ``index``; ``explicit`` marks an alias
    that says it is one, in which strings are annotations.
    """

    module: Module
    name: str
    node: ast.stmt
    target: ast.expr | ast.stmt
    value: ast.expr | None
    explicit: bool
    parent: Definition | None
    block: list[ast.stmt]
    index: int
    members: dict[str, Definition] = msgspec.field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of its declaration in a codebase."""
        return f"{self.module.file.path}:{self.name}"

    @property
    def at(self) -> Location:
        """The place of its name."""
        return self.module.file.at(self.target)

    @property
    def body(self) -> list[ast.stmt]:
        """The statements in the body of a class, those within if, try and with included; of all else none."""
        return flat(self.node.body) if isinstance(self.node, ast.ClassDef) else []

    @property
    def next(self) -> ast.stmt | None:
        """The statement that follows in the same block."""
        return self.block[self.index + 1] if self.index + 1 < len(self.block) else None

    @property
    def doc(self) -> str | None:
        """The docstring of a class, or the string behind an assignment, as it stands.

        Its whitespace is left alone: a marker in it may quote a name that holds tabs or lines.
        """
        statement = self.node.body[0] if isinstance(self.node, ast.ClassDef) else self.next
        return text_of(statement.value) if isinstance(statement, ast.Expr) else None

    @property
    def comments(self) -> tuple[str, ...]:
        """The comments that are the definition's own: of a class those in its body, else those right above it."""
        node, file = self.node, self.module.file
        if isinstance(node, ast.ClassDef):
            return file.comments_in(node)
        return file.comments_above(node.lineno, node.col_offset)


Binding = Definition | Imported


class Module(msgspec.Struct, eq=False):
    """A scanned file: its dotted name from the project's root, and what its top level binds.

    ``bound`` has the last line that binds a name, imports aside; ``exported`` has the names in ``__all__``.
    """

    name: str
    package: str
    file: SourceFile
    bindings: dict[str, list[Binding]] = msgspec.field(default_factory=dict)
    bound: dict[str, int] = msgspec.field(default_factory=dict)
    stars: list[str] = msgspec.field(default_factory=list)
    exports: list[ast.Constant] = msgspec.field(default_factory=list)
    exported: set[str] = msgspec.field(default_factory=set)
    definitions: list[Definition] = msgspec.field(default_factory=list)
    resolved: dict[str, Symbol] = msgspec.field(default_factory=dict)


Symbol = Module | Definition | External | None


def module_of(file: SourceFile) -> Module:
    """Return the module in *file*, with all that its top level and its classes bind.

    Raises:
        NotPythonError: if it cannot be parsed.
    """
    parts = PurePosixPath(file.path).with_suffix("").parts
    parent = ".".join(parts[:-1])
    name = parent if parts[-1] == "__init__" else ".".join(parts)
    module = Module(name=name, package=parent, file=file)
    for block, index in placed(file.tree.body):
        statement = block[index]
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for bound, imported in imports(statement, module):
                if bound == "*":
                    module.stars.append(imported.module)
                else:
                    module.bindings.setdefault(bound, []).append(imported)
            continue
        module.bound.update(dict.fromkeys(names_bound(statement), statement.lineno))
        listed = exported_by(statement)
        if listed is not None:
            constants = (node for node in ast.walk(listed) if isinstance(node, ast.Constant))
            texts = [node for node in constants if text_of(node) is not None]
            module.exports += texts
            module.exported.update(str(node.value) for node in texts)
        for definition in _definitions(block, index, module, None):
            module.bindings.setdefault(definition.name, []).append(definition)
    return module


def imports(statement: ast.Import | ast.ImportFrom, module: Module) -> Iterator[tuple[str, Imported]]:
    """Yield the names that an import in *module* binds; ``*`` for a star import."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, Imported(alias.name)
            else:
                top = alias.name.partition(".")[0]
                yield top, Imported(top)
        return
    source = _absolute(statement, module)
    for alias in statement.names:
        yield alias.asname or alias.name, Imported(source, alias.name)


def _absolute(statement: ast.ImportFrom, module: Module) -> str:
    name = statement.module or ""
    if not statement.level:
        return name
    package = module.package.split(".") if module.package else []
    up = statement.level - 1
    if up > len(package):
        return "?"  # above the project's root: no module has this name
    return ".".join([*package[: len(package) - up], *([name] if name else [])])


def _definitions(
    block: list[ast.stmt], index: int, module: Module, parent: Definition | None
) -> Iterator[Definition]:
    statement = block[index]
    prefix = f"{parent.name}." if parent else ""
    for name, target, value, explicit in _bound(statement):
        definition = Definition(
            module=module,
            name=prefix + name,
            node=statement,
            target=target,
            value=value,
            explicit=explicit,
            parent=parent,
            block=block,
            index=index,
        )
        module.definitions.append(definition)
        if isinstance(statement, ast.ClassDef):
            _nest(statement, definition)
        yield definition


def _nest(node: ast.ClassDef, outer: Definition) -> None:
    """Define what the body of a class defines; plain values in it are attributes or members, not types."""
    for block, index in placed(node.body):
        statement = block[index]
        if isinstance(statement, ast.ClassDef) or (
            isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call | ast.Subscript)
        ):
            for definition in _definitions(block, index, outer.module, outer):
                outer.members.setdefault(definition.name.rpartition(".")[2], definition)


def _bound(statement: ast.stmt) -> Iterator[tuple[str, ast.expr | ast.stmt, ast.expr | None, bool]]:
    if isinstance(statement, ast.ClassDef):
        yield statement.name, statement, None, True
    elif isinstance(statement, ast.Assign):
        value = None if isinstance(statement.value, ast.Constant) else statement.value
        for target in statement.targets:
            if isinstance(target, ast.Name) and not (isinstance(value, ast.Name) and value.id == target.id):
                yield target.id, target, value, False
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        spelled = text_of(statement.annotation) or ".".join(dotted(statement.annotation) or [])
        explicit = spelled.rpartition(".")[2] == "TypeAlias"
        alias = explicit or isinstance(statement.value, ast.Call)
        yield statement.target.id, statement.target, statement.value if alias else None, explicit
    elif sys.version_info >= (3, 12) and isinstance(statement, ast.TypeAlias):  # pragma: no cover
        yield statement.name.id, statement.name, statement.value, True
