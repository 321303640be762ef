"""Names in one file: what they map to, and how a name from elsewhere is written in it.

Authority: the Python language reference, "The import system" and "Naming and binding".
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import PurePosixPath

from schema_sync.codebase.program import NEWER_TYPING, STARRED, Program, external
from schema_sync.codebase.scope import Definition, External, Module
from schema_sync.codebase.syntax import FUNCTIONS, dotted, flat

_QUALIFIERS = frozenset({"NotRequired", "Required"})
_SOURCE_ROOTS = frozenset({"src", "lib", "python"})


@dataclass(frozen=True)
class Import:
    """A name to import: ``from module import name as alias``; ``module`` may be relative."""

    module: str
    name: str
    alias: str | None = None

    @property
    def text(self) -> str:
        """The name as it stands in an import list."""
        return f"{self.name} as {self.alias}" if self.alias else self.name


class Names:
    """How names are written in a module: as it imports them, or by imports that new code in it needs.

    ``reserved`` are the names of classes about to be written to it.
    """

    def __init__(self, module: Module, program: Program, reserved: Collection[str] = ()) -> None:
        self.needed: dict[str, Import] = {}  # by what they bind
        self.postponed = False
        self._module = module
        self._program = program
        self._path = module.file.path
        parts = module_parts(self._path)
        self._package = parts if PurePosixPath(self._path).stem == "__init__" else parts[:-1]
        self._reserved = frozenset(reserved)
        self._imported: set[str] = set()
        self._modules: dict[str, str] = {}
        self._usable: dict[str, str] = {}
        self._sources: list[tuple[str, str]] = []
        self._related: dict[str, tuple[str, set[str]]] = {}  # what an import of a module names, what has it
        body = module.file.tree.body
        header = set(map(id, header_of(body)))
        for statement in flat(body):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self._read_import(statement, in_header=id(statement) in header)

    @cached_property
    def _ways(self) -> dict[str, list[tuple[int, str]]]:
        """How imported names are written, and their order, by what they mean; by an owner with a dot behind it."""
        usable = [(name, bound) for bound, name in self._usable.items()]
        owners = [(f"{name}.", bound) for name, bound in [*self._modules.items(), *usable]]
        found: dict[str, list[tuple[int, str]]] = {}
        for place, (meaning, bound) in enumerate([*usable, *owners]):
            found.setdefault(external(meaning).name, []).append((place, bound))
        return found

    def _read_import(self, statement: ast.Import | ast.ImportFrom, *, in_header: bool) -> None:
        usable = in_header or self.postponed
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                self._imported.add(alias.asname or alias.name.partition(".")[0])
                if usable:
                    self._modules[alias.name] = alias.asname or alias.name
            return
        around = self._package[: len(self._package) - statement.level + 1] if statement.level else []
        module = ".".join([*around, *([statement.module] if statement.module else [])])
        self._sources.append((module, written_module(statement)))
        self.postponed = self.postponed or (module == "__future__" and statement.names[0].name == "annotations")
        for alias in statement.names:
            starred = STARRED.get(module, frozenset()) - NEWER_TYPING if alias.name == "*" else ()
            for name in starred or [alias.name]:
                bound = alias.asname or name
                self._imported.add(bound)
                if usable:
                    self._usable[bound] = f"{module}.{name}"

    def resolve(self, node: ast.expr) -> str:
        """Return the dotted name, or the declaration's id, that *node* means; empty if it cannot be known."""
        first, *rest = dotted(node) or [""]
        needed = self.needed.get(first)
        if needed:  # its import is not written yet
            return external(".".join([needed.module, needed.name, *rest])).name
        symbol = self._program.resolve(node, self._module)
        if isinstance(symbol, Definition):
            return symbol.id
        return symbol.name if isinstance(symbol, External) else ""

    def binds(self, name: str) -> bool:
        """Whether the file's top level binds *name*."""
        return name in self._module.bound or name in self._imported

    def spell(self, name: str, *, source: str | None = None, avoided: Collection[str] = ()) -> str:
        """Return how to write a dotted name, a builtin or a declaration's id here; imports follow as needed.

        A name that has to be imported comes from the module *source*, where that hands it on. *avoided* are names
        that mean something else where it is written.
        """
        path, colon, local = name.partition(":")
        if colon:
            return local if path == self._path else self._spell_declaration(path, local, avoided)
        module, _, last = name.rpartition(".")
        if not module:
            shadowed = hasattr(builtins, name) and (self._taken(name) or name in avoided)
            return self._require("builtins", name, avoided) if shadowed else name
        known = self._known({name}, {module}, last, avoided)
        if module == "typing" and last in _QUALIFIERS and "typing_extensions.TypedDict" in self._usable.values():
            module = "typing_extensions"  # with a backport's TypedDict, its qualifiers come too
        return known or self._require(source or module, last, avoided)

    def _known(
        self, names: Collection[str], modules: Collection[str], last: str, avoided: Collection[str]
    ) -> str | None:
        """Return how the file can write one of *names*, or *last* of one of *modules*; None if it imports none."""
        for wanted, ending in ((names, ""), ([f"{module}." for module in modules], f".{last}")):
            ways = [way for name in wanted for way in self._ways.get(name, ())]
            hidden = (self._module.bound, self._reserved, avoided)
            usable = [way for way in ways if not any(way[1].partition(".")[0] in names for names in hidden)]
            if usable:
                return min(usable)[1] + ending
        return None

    def _spell_declaration(self, path: str, local: str, avoided: Collection[str]) -> str:
        module = ".".join(module_parts(path))
        outer, dot, inner = local.partition(".")
        if module not in self._related:
            sources = [each for each in self._sources if _same_module(each[0], module)]
            written = sources[0][1] if sources else self._way_to(module)
            names = [*self._modules, *(name for name, _ in sources)]
            owners = {module, *(name for name in names if _same_module(name, module))}
            self._related[module] = written, owners
        written, owners = self._related[module]
        packages = {module.rsplit(".", cut)[0] for cut in range(1, module.count(".") + 1)}
        known = self._known({f"{each}.{outer}" for each in owners | packages}, owners, outer, avoided)
        return (known or self._require(written, outer, avoided)) + dot + inner

    def _way_to(self, module: str) -> str:
        """Return how to name a project's *module* in an import: as the file names others."""
        if not any(written.startswith(".") for _, written in self._sources):
            return module
        here, there = self._package, module.split(".")
        pairs = zip(here, there[:-1], strict=False)
        shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        if not shared:
            return module
        return "." * (len(here) - shared + 1) + ".".join(there[shared:])

    def _require(self, module: str, name: str, avoided: Collection[str]) -> str:
        for local, needed in self.needed.items():
            if (needed.module, needed.name) == (module, name) and local not in avoided:
                return local
        local = name
        while self._taken(local) or local in avoided or local in self.needed:
            local = f"_{local}"
        self.needed[local] = Import(module, name, local if local != name else None)
        return local

    def _taken(self, name: str) -> bool:
        return self.binds(name) or name in self._reserved


def module_parts(path: str) -> list[str]:
    """Return the parts of the dotted name of the file *path*, from the folder that is on the import path."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    if len(parts) > 1 and parts[0] in _SOURCE_ROOTS:
        parts = parts[1:]
    while len(parts) > 1 and not all(map(str.isidentifier, parts)):
        parts = parts[1:]
    return parts


def header_of(body: Sequence[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    """Return the imports of a module's top level that come before its first class or function."""
    before = takewhile(lambda statement: not isinstance(statement, (*FUNCTIONS, ast.ClassDef)), body)
    return [statement for statement in before if isinstance(statement, ast.Import | ast.ImportFrom)]


def written_module(statement: ast.ImportFrom) -> str:
    """Return the module as an import statement spells it."""
    return "." * statement.level + (statement.module or "")


def _same_module(one: str, other: str) -> bool:
    """Whether two dotted names may mean one module, seen from folders within each other."""
    if one == other:
        return True
    if one.partition(".")[0] in sys.stdlib_module_names:
        return False
    return other.endswith(f".{one}") or ("." in other and one.endswith(f".{other}"))
