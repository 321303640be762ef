"""Which scanned files import which when they run.

Authority: the Python language reference, "The import system": importing ``a.b`` runs ``a`` first. What stands in a
function, or under ``if TYPE_CHECKING``, does not run on import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from schema_sync.codebase.program import Program
from schema_sync.codebase.scope import Module, imports
from schema_sync.codebase.syntax import dotted

_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")


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
                found |= {
                    target.file.path,
                    *(by_name[p].file.path for p in _packages(target, module) if p in by_name),
                }
    return found - {module.file.path}


def _packages(target: Module, importer: Module) -> Iterator[str]:
    """Yield the packages that run before *target*, less those that *importer* is in, which run already."""
    parts = target.name.split(".")
    for cut in range(1, len(parts)):
        package = ".".join(parts[:cut])
        if not f"{importer.name}.".startswith(f"{package}."):
            yield package


def _names(statement: ast.Import | ast.ImportFrom, module: Module) -> Iterator[str]:
    """Yield the modules that an import may run; names in a module are among them."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
        return
    for _, imported in imports(statement, module):
        yield imported.module
        yield f"{imported.module}.{imported.name}"


def _run(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run with *body*. It does not recurse: an ``elif`` stands within the one before it."""
    waiting: list[ast.stmt | ast.ExceptHandler | ast.match_case] = list(body)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement
        elif isinstance(statement, ast.If) and (dotted(statement.test) or [""])[-1] == "TYPE_CHECKING":
            waiting += statement.orelse
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for block in _BLOCKS:
                waiting += getattr(statement, block, [])
