"""What a name means among all scanned modules: through imports, stars and aliases; and which of them import which.

Authority: the Python language reference, "The import system": importing ``a.b`` runs ``a`` first. What stands in a
function, or under ``if TYPE_CHECKING``, does not run on import.
"""

from __future__ import annotations

import ast
import enum
import re
import sys
import typing
from collections.abc import Generator, Iterator, Sequence
from functools import cached_property

from schema_sync.codebase.scope import BUILTIN_TYPES, Definition, External, Imported, Module, Symbol, imports
from schema_sync.codebase.syntax import dotted

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
NEWER_TYPING = frozenset({"ReadOnly", "TypeAliasType"})
_TYPING: frozenset[str] = NEWER_TYPING.union(vars(typing)["__all__"])
STARRED: dict[str, frozenset[str]] = {
    "enum": frozenset(vars(enum)["__all__"]),
    "typing": _TYPING,
    "typing_extensions": _TYPING,
}
_MOST_MADE = 3  # objects that are made by attributes of others
_Search = Generator[tuple[Module, str], Symbol, Symbol]
_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")


def external(name: str) -> External:
    """Return what the dotted *name* of a library means, whichever of its modules it is taken from."""
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

    @cached_property
    def definitions(self) -> list[Definition]:
        """All definitions, in the order of files."""
        return [definition for module in self.modules for definition in module.definitions]

    def find(self, name: str, importer: Module) -> Module | None:
        """Return the scanned module that *importer* means by the absolute name *name*.

        The project's root need not be on the import path: ``app.enums`` may stand in ``src/app/enums.py``.
        Such a folder must hold the importer too, unless the name has two parts or more.
        """
        exact = self._by_name.get(name)
        if exact or name.partition(".")[0] in sys.stdlib_module_names:
            return exact
        found = self._by_suffix.get(name, [])
        near = [(root, module) for root, module in found if importer.file.path.startswith(root)]
        if near:
            return max(near, key=lambda pair: len(pair[0]))[1]
        return found[0][1] if "." in name and found else None

    def lookup(self, module: Module, name: str) -> Symbol:
        """Return what *name* means at the top level of *module*; of several bindings the first that is known."""
        return self._attribute(module, name) or (External(name) if name in BUILTIN_TYPES else None)

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
        source = self.find(binding.module, importer) or external(binding.module)
        return source if binding.name is None else self._step(source, binding.name, importer)

    def _starred(self, module: Module, name: str) -> _Search:
        for star in module.stars:
            source = self.find(star, module)
            if source is None:
                if name in STARRED.get(star, ()):
                    return external(f"{star}.{name}")
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
        first = (scope.members.get(names[0]) if scope else None) or self.lookup(module, names[0])
        return self.along(first, names[1:], module)

    def along(self, symbol: Symbol, names: Sequence[str], importer: Module) -> Symbol:
        """Return what is reached from *symbol* by the attributes *names*, one after the other."""
        for name in names:
            symbol = self.step(symbol, name, importer)
        return self.follow(symbol)

    def name_of(self, expression: ast.expr | None, module: Module) -> str:
        """Return the dotted name of the library object that an expression names, or a call calls; else empty."""
        function = expression.func if isinstance(expression, ast.Call) else expression
        symbol = None if function is None else self.resolve(function, module)
        return symbol.name if isinstance(symbol, External) else ""

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
        return self.find(attribute, importer) or external(attribute)

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
        """Return what an alias such as ``A = b.C`` maps to at the end; an alias of itself stays as it is."""
        seen: dict[Definition, None] = {}
        while isinstance(symbol, Definition) and symbol.value is not None and symbol not in seen:
            names = dotted(symbol.value)
            if names is None or symbol in self._followed:
                symbol = self._followed.get(symbol, symbol)
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


# ---- which imports which


def import_graph(program: Program) -> dict[str, tuple[str, ...]]:
    """Return the scanned files that each file imports when it runs, by path."""
    by_name = {module.name: module for module in program.modules}
    return {module.file.path: tuple(sorted(_imported(program, module, by_name))) for module in program.modules}


def _imported(program: Program, module: Module, by_name: dict[str, Module]) -> set[str]:
    found: set[str] = set()
    for statement in _run(module.file.tree.body):
        for name in _names(statement, module):
            target = program.find(name, module)
            if target is not None:
                parts = target.name.split(".")
                packages = {".".join(parts[:cut]) for cut in range(1, len(parts))} & by_name.keys()
                run = (p for p in packages if not f"{module.name}.".startswith(f"{p}."))  # the others run already
                found |= {target.file.path, *(by_name[package].file.path for package in run)}
    return found - {module.file.path}


def _names(statement: ast.Import | ast.ImportFrom, module: Module) -> Iterator[str]:
    """Yield the modules that an import may run; names in a module are among them."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
        return
    for _, imported in imports(statement, module):
        yield imported.module
        yield f"{imported.module}.{imported.name}"


_IMPORT_NOTHING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.AnnAssign, ast.Assign, ast.Expr)  # when they run


def _run(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run with *body*. It does not recurse: an ``elif`` stands within the one before it."""
    waiting: list[ast.stmt | ast.ExceptHandler | ast.match_case] = list(body)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement
        elif isinstance(statement, ast.If) and (dotted(statement.test) or [""])[-1] == "TYPE_CHECKING":
            waiting += statement.orelse
        elif not isinstance(statement, _IMPORT_NOTHING):
            for block in _BLOCKS:
                waiting += getattr(statement, block, [])
