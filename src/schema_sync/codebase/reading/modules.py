"""Which name means what: modules, their bindings, and imports between scanned files.

Authority: the Python language reference, "Naming and binding" and "The import system". Nothing is imported:
a name of a scanned file resolves to its definition, another to the dotted name it would have at run time.
"""

from __future__ import annotations

import ast
import builtins
import enum
import re
import sys
import typing
from collections.abc import Generator, Iterator, Sequence
from functools import cached_property
from pathlib import PurePosixPath

import msgspec

from schema_sync.codebase.reading.text import Text

_RENAMED = {
    "backports.strenum.StrEnum": "enum.StrEnum",
    "mypy_extensions.TypedDict": "typing.TypedDict",
    "sqlmodel.Field": "pydantic.Field",
    "sqlmodel.main.Field": "pydantic.Field",
    "sqlmodel.main.SQLModel": "sqlmodel.SQLModel",
    "strenum.StrEnum": "enum.StrEnum",
    "types.NoneType": "None",
    "typing.Text": "str",
}
_WITHIN_PYDANTIC = re.compile(
    r"pydantic\.(?:main|fields|config|networks|types|aliases|functional_validators|functional_serializers)\."
)
_TYPING: frozenset[str] = frozenset({*vars(typing)["__all__"], "ReadOnly", "TypeAliasType"})
_STARRED: dict[str, frozenset[str]] = {
    "enum": frozenset(vars(enum)["__all__"]),
    "typing": _TYPING,
    "typing_extensions": _TYPING,
}
_COMPOUND = frozenset({ast.If, ast.With, ast.Try, ast.TryStar})
_MOST_MADE = 3  # objects that are made by attributes of others
_BUILTIN_TYPES = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type))


class External(msgspec.Struct, frozen=True):
    """A name that no scanned file defines: canonical and dotted (``uuid.UUID``), or a builtin type's own."""

    name: str

    @property
    def known(self) -> bool:
        """Whether it is of Python or its standard library; of other libraries nothing is known."""
        top, dot, _ = self.name.partition(".")
        return top in sys.stdlib_module_names if dot else top in _BUILTIN_TYPES or top == "None"


class Imported(msgspec.Struct, frozen=True):
    """A binding by an import: of the module ``module``, or of ``name`` in it. Relative ones are made absolute."""

    module: str
    name: str | None = None


class Definition(msgspec.Struct, eq=False):
    """A class, or a name that is bound to ``value`` (None where the value says nothing about types).

    ``name`` is qualified (``Outer.Inner``); ``next`` is the statement that follows; ``explicit`` marks an
    alias that says it is one, in which strings are annotations.
    """

    module: Module
    name: str
    node: ast.stmt
    target: ast.expr | ast.stmt
    value: ast.expr | None = None
    explicit: bool = False
    parent: Definition | None = None
    next: ast.stmt | None = None
    members: dict[str, Definition] = msgspec.field(default_factory=dict)

    @property
    def comments(self) -> tuple[str, ...]:
        """The comments that are the definition's own: of a class those in its body, else those right above it."""
        node, text = self.node, self.module.text
        if isinstance(node, ast.ClassDef):
            return text.comments_in(node)
        return text.comments_above(node.lineno, node.col_offset)


Binding = Definition | Imported


class Module(msgspec.Struct, eq=False, dict=True):
    """A scanned file: its dotted name from the project's root, and what its top level binds."""

    name: str
    package: str
    text: Text
    tree: ast.Module
    bindings: dict[str, list[Binding]] = msgspec.field(default_factory=dict)
    stars: list[str] = msgspec.field(default_factory=list)
    exports: list[ast.Constant] = msgspec.field(default_factory=list)
    definitions: list[Definition] = msgspec.field(default_factory=list)
    functions: list[str] = msgspec.field(default_factory=list)
    resolved: dict[str, Symbol] = msgspec.field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The folder of the file, with a final slash unless it is the root."""
        return self.text.path[: self.text.path.rfind("/") + 1]

    @cached_property
    def exported(self) -> frozenset[str]:
        """The names in ``__all__``."""
        return frozenset(str(entry.value) for entry in self.exports)


Symbol = Module | Definition | External | None
_Search = Generator[tuple[Module, str], Symbol, Symbol]


def module_of(text: Text, tree: ast.Module) -> Module:
    """Return the module in the file *text*, with all that its top level and its classes bind."""
    parts = PurePosixPath(text.path).with_suffix("").parts
    parent = ".".join(parts[:-1])
    name = parent if parts[-1] == "__init__" else ".".join(parts)
    module = Module(name=name, package=parent, text=text, tree=tree)
    statements = flat(tree.body)
    for statement, following in zip(statements, [*statements[1:], None], strict=False):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for bound, imported in imports(statement, module):
                if bound == "*":
                    module.stars.append(imported.module)
                else:
                    module.bindings.setdefault(bound, []).append(imported)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            module.functions.append(statement.name)
        else:
            module.exports.extend(_exports(statement))
            for definition in _definitions(statement, following, module, None):
                module.bindings.setdefault(definition.name, []).append(definition)
    return module


def flat(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of *body* in order, those within if, try and with included."""
    if _COMPOUND.isdisjoint(map(type, body)):
        return body
    found: list[ast.stmt] = []
    stack = body[::-1]
    while stack:
        statement = stack.pop()
        found.append(statement)
        if isinstance(statement, ast.If):
            stack += (statement.body + statement.orelse)[::-1]
        elif isinstance(statement, ast.With):
            stack += statement.body[::-1]
        elif isinstance(statement, ast.Try | ast.TryStar):
            handlers = [inner for handler in statement.handlers for inner in handler.body]
            stack += (statement.body + handlers + statement.orelse + statement.finalbody)[::-1]
    return found


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
    statement: ast.stmt, following: ast.stmt | None, module: Module, parent: Definition | None
) -> Iterator[Definition]:
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
            next=following,
        )
        module.definitions.append(definition)
        if isinstance(statement, ast.ClassDef):
            _nest(statement, definition)
        yield definition


def _nest(node: ast.ClassDef, outer: Definition) -> None:
    """Define what the body of a class defines; plain values in it are attributes or members, not types."""
    statements = flat(node.body)
    for index, statement in enumerate(statements):
        if isinstance(statement, ast.ClassDef) or (
            isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call | ast.Subscript)
        ):
            following = statements[index + 1] if index + 1 < len(statements) else None
            for definition in _definitions(statement, following, outer.module, outer):
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
        explicit = _last_name(statement.annotation) == "TypeAlias"
        alias = explicit or isinstance(statement.value, ast.Call)
        yield statement.target.id, statement.target, statement.value if alias else None, explicit
    elif sys.version_info >= (3, 12) and isinstance(statement, ast.TypeAlias):  # pragma: no cover
        yield statement.name.id, statement.name, statement.value, True


def _last_name(annotation: ast.expr) -> str:
    if isinstance(annotation, ast.Constant):
        return str(annotation.value).rpartition(".")[2]
    return (dotted(annotation) or [""])[-1]


def _exports(statement: ast.stmt) -> Iterator[ast.Constant]:
    """Yield the strings that a statement puts into ``__all__``."""
    value: ast.expr | None = None
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            value = statement.value
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if dotted(call.func) in (["__all__", "extend"], ["__all__", "append"]) and call.args:
            value = call.args[0]
    if value is not None:
        nodes = ast.walk(value)
        yield from (n for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))


def dotted(expression: ast.expr) -> list[str] | None:
    """Return the names of ``a.b.c``, None for any other expression."""
    names: list[str] = []
    while isinstance(expression, ast.Attribute):
        names.append(expression.attr)
        expression = expression.value
    return [expression.id, *reversed(names)] if isinstance(expression, ast.Name) else None


def _external(name: str) -> External:
    name = name.removeprefix("builtins.").replace("typing_extensions.", "typing.", 1)
    name = _WITHIN_PYDANTIC.sub("pydantic.", name)
    return External(_RENAMED.get(name, name))


class Program:
    """All scanned modules, and the resolution of names among them."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = modules
        self._by_name: dict[str, Module] = {}
        self._by_suffix: dict[str, list[tuple[str, Module]]] = {}
        self._followed: dict[Definition, Symbol] = {}
        self._making = 0
        for module in modules:
            self._by_name.setdefault(module.name, module)
            parts = module.name.split(".")
            for cut in range(1, len(parts)):
                root = "/".join(parts[:cut]) + "/"
                self._by_suffix.setdefault(".".join(parts[cut:]), []).append((root, module))

    def find(self, name: str, importer: Module) -> Module | None:
        """Return the scanned module that *importer* means by the absolute name *name*.

        The project's root need not be on the import path: ``app.enums`` may stand in ``src/app/enums.py``.
        Such a folder must hold the importer too, unless the name has two parts or more.
        """
        exact = self._by_name.get(name)
        if exact or name.partition(".")[0] in sys.stdlib_module_names:
            return exact
        near = [(len(root), m) for root, m in self._by_suffix.get(name, ()) if importer.folder.startswith(root)]
        if near:
            return max(near, key=lambda pair: pair[0])[1]
        return self._by_suffix[name][0][1] if "." in name and name in self._by_suffix else None

    def lookup(self, module: Module, name: str) -> Symbol:
        """Return what *name* means at the top level of *module*; of several bindings the first that is known."""
        return self._attribute(module, name) or (External(name) if name in _BUILTIN_TYPES else None)

    def _attribute(self, module: Module, name: str) -> Symbol:
        """Return what *name* means in *module*. It does not recurse: imports may be a chain of thousands."""
        if name in module.resolved:
            return module.resolved[name]
        found: Symbol = None
        open_ = [self._search(module, name)]
        while open_:
            try:
                source, wanted = open_[-1].send(found)
            except StopIteration as stop:
                found = stop.value
                open_.pop()
                continue
            found = source.resolved.get(wanted)
            if wanted not in source.resolved:
                open_.append(self._search(source, wanted))
        return found

    def _search(self, module: Module, name: str) -> _Search:
        """Look *name* up in *module*; it yields what has to be looked up first, and is sent what that means."""
        module.resolved[name] = None  # where imports go in a circle, it ends here
        found: Symbol = None
        for binding in module.bindings.get(name, ()):
            symbol = binding if isinstance(binding, Definition) else (yield from self._brought_in(binding, module))
            if _settled(symbol):
                found = symbol
                break
            found = found or symbol
        else:
            found = found or (yield from self._starred(module, name))
        module.resolved[name] = found
        return found

    def _brought_in(self, binding: Imported, importer: Module) -> _Search:
        source = self.find(binding.module, importer)
        if source is None or binding.name is None:
            return self.imported(binding, importer)
        return (yield source, binding.name) or self._submodule(source, binding.name)

    def imported(self, binding: Imported, importer: Module) -> Symbol:
        """Return what an import in *importer* brings in."""
        source = self.find(binding.module, importer) or _external(binding.module)
        return source if binding.name is None else self._step(source, binding.name, importer)

    def _starred(self, module: Module, name: str) -> _Search:
        for star in module.stars:
            source = self.find(star, module)
            if source is None:
                if name in _STARRED.get(star, ()):
                    return _external(f"{star}.{name}")
            elif not source.exports or name in source.exported:
                found = yield source, name
                if found is not None and not (name.startswith("_") and not source.exports):
                    return found
        return None

    def resolve(self, expression: ast.expr, module: Module, scope: Definition | None = None) -> Symbol:
        """Return what a dotted name means in *module*, within the body of the class *scope* if given."""
        names = dotted(expression)
        if names is None:
            return None
        symbol = (scope.members.get(names[0]) if scope else None) or self.lookup(module, names[0])
        for name in names[1:]:
            symbol = self.step(symbol, name, module)
        return self.follow(symbol)

    def step(self, symbol: Symbol, name: str, importer: Module) -> Symbol:
        """Return what the attribute *name* of *symbol* means."""
        return self._step(self.follow(symbol), name, importer)

    def _step(self, symbol: Symbol, name: str, importer: Module) -> Symbol:
        if isinstance(symbol, Module):
            return self._attribute(symbol, name) or self._submodule(symbol, name)
        if isinstance(symbol, Definition):
            return symbol.members.get(name) or self._made(symbol, name)
        if symbol is None:
            return None
        attribute = f"{symbol.name}.{name}".lstrip(".")
        return self.find(attribute, importer) or _external(attribute)

    def _made(self, definition: Definition, name: str) -> Symbol:
        """Return what an attribute of an object means that a call of another library makes: ``db.Model``."""
        call = definition.value
        if not isinstance(call, ast.Call) or self._making >= _MOST_MADE:
            return None
        self._making += 1
        maker = self.resolve(call.func, definition.module)
        self._making -= 1
        return External(f"{maker.name}().{name}") if isinstance(maker, External) and not maker.known else None

    def _submodule(self, module: Module, name: str) -> Module | None:
        return self._by_name.get(f"{module.name}.{name}".lstrip("."))

    def follow(self, symbol: Symbol) -> Symbol:
        """Return what an alias such as ``A = b.C`` stands for at the end; an alias of itself stays as it is."""
        seen: dict[Definition, None] = {}
        while isinstance(symbol, Definition) and symbol not in seen:
            if symbol in self._followed:
                symbol = self._followed[symbol]
                break
            names = dotted(symbol.value) if symbol.value is not None else None
            if names is None:
                break
            seen[symbol] = None
            target = self.lookup(symbol.module, names[0])
            for name in names[1:]:
                target = self._step(target, name, symbol.module)
            symbol = target
        if symbol not in seen:
            self._followed.update(dict.fromkeys(seen, symbol))
        return symbol


def _settled(symbol: Symbol) -> bool:
    return symbol is not None and not (isinstance(symbol, External) and not symbol.known)
