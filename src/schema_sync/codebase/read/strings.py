"""Which string an expression means, where its source leaves no doubt.

Authority: the Python language reference, "Expressions" and "Naming and binding".
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping

from schema_sync.codebase.program import Program
from schema_sync.codebase.scope import Definition, Module
from schema_sync.codebase.syntax import assigned, dotted, text_of

_METHODS = frozenset({"capitalize", "casefold", "lower", "strip", "swapcase", "title", "upper"})
_MAX_DEPTH = 20


class Strings:
    """Reads the strings of a program: literals, their sums, and names that are bound to one once and for all."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._stores: dict[str, Counter[str]] = {}

    def of(
        self, node: ast.expr | None, module: Module, known: Mapping[str, str | None] | None = None, depth: int = 0
    ) -> str | None:
        """Return the string that *node* is in *module*; None where it is none, or there is doubt.

        *known* are the values of names, also dotted ones such as ``cls.__name__``; None marks a doubtful one.
        """
        known = known or {}
        if depth > _MAX_DEPTH:
            return None
        if isinstance(node, ast.Constant):
            return text_of(node)
        if isinstance(node, ast.JoinedStr):
            return self._joined([self.of(_plain(part), module, known, depth + 1) for part in node.values])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._joined([self.of(part, module, known, depth + 1) for part in (node.left, node.right)])
        if isinstance(node, ast.Call):
            return self._called(node, module, known, depth)
        names = dotted(node) if node is not None else None
        if not names:
            return None
        return known[".".join(names)] if ".".join(names) in known else self._named(names, module, depth)

    def _joined(self, parts: list[str | None]) -> str | None:
        texts = [part for part in parts if part is not None]
        return "".join(texts) if len(texts) == len(parts) else None

    def _called(self, node: ast.Call, module: Module, known: Mapping[str, str | None], depth: int) -> str | None:
        """Read a method that makes one string of another, such as ``"New".lower()``."""
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr not in _METHODS or node.args or node.keywords:
            return None
        text = self.of(function.value, module, known, depth + 1)
        return None if text is None else str(getattr(text, function.attr)())

    def _named(self, names: list[str], module: Module, depth: int) -> str | None:
        if not self._is_bound_once(names[0], module):
            return None
        head = ast.Name(id=names[0], ctx=ast.Load())
        symbol = self._program.resolve(head, module)
        for name in names[1:]:
            if isinstance(symbol, Definition) and isinstance(symbol.node, ast.ClassDef):
                return self._attribute(symbol, name, depth) if name == names[-1] else None
            symbol = self._program.step(symbol, name, module)
        if not isinstance(symbol, Definition) or not self._is_bound_once(symbol.name, symbol.module):
            return None
        node = symbol.node
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        return self.of(value, symbol.module, depth=depth + 1)

    def _attribute(self, owner: Definition, name: str, depth: int) -> str | None:
        """Return the string in an attribute of a class without bases; that of an Enum is a member."""
        if not isinstance(owner.node, ast.ClassDef) or owner.node.bases or owner.node.keywords:
            return None
        values = list(assigned(owner.body, name))
        return self.of(values[0], owner.module, depth=depth + 1) if len(values) == 1 else None

    def _is_bound_once(self, name: str, module: Module) -> bool:
        if module.file.path not in self._stores:
            names = (node for node in ast.walk(module.file.tree) if isinstance(node, ast.Name))
            stores = (name.id for name in names if not isinstance(name.ctx, ast.Load))
            self._stores[module.file.path] = Counter(stores)
        return len(module.bindings.get(name, ())) <= 1 and self._stores[module.file.path][name] <= 1


def _plain(part: ast.expr) -> ast.expr | None:
    """Return the expression in a field of an f-string; None where it is formatted, which may change it."""
    if not isinstance(part, ast.FormattedValue):
        return part
    return part.value if part.conversion == -1 and part.format_spec is None else None
