"""What statements and expressions say, by their syntax trees; and syntax that is newer than the Python which runs.

Authority: the Python language reference, "Simple statements", "Compound statements" and "Expressions"; for newer
syntax, PEP 695, 696, 701, 750 and 758.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPOUND = frozenset({ast.If, ast.With, ast.Try, ast.TryStar})
_NESTED = r"f-string: (?:expecting|unmatched)|unterminated|unexpected character after line continuation"
# By the line of the error and, where the line leaves it open, what the parser of an older Python says of it.
_FEATURES = (
    ((3, 13), "PEP 696", r"\s*(?:(?:async\s+)?(?:class|def)|type)\s+\w+\s*\[[^]]*=", ""),
    ((3, 12), "PEP 695", r"\s*(?:(?:async\s+)?(?:class|def)\s+\w+\s*\[|type\s+\w+\s*(?:\[|=|$))", ""),
    ((3, 12), "PEP 701", r"", r"f-string expression part cannot include"),
    ((3, 12), "PEP 701", r""".*\b[fF][rR]?(["']).*\{.*\1.*\}.*\1""", _NESTED),
    ((3, 14), "PEP 750", r""".*(?<!\w)(?:[tT][rR]?|[rR][tT])["']""", "invalid syntax"),
    ((3, 14), "PEP 758", r"\s*except\b[^(]*,", "multiple exception types must be parenthesized"),
)


def parse(text: str) -> ast.Module:
    """Return the syntax tree of *text*; warnings about it (invalid escapes) are the user's linter's business.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: if it has none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def parse_expression(text: str) -> ast.expr:
    """Return the syntax tree of the expression *text*; raises as ``parse``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


def parse_forward_reference(value: str) -> ast.expr | None:
    """Return the expression in a string annotation, None where it is malformed.

    Authority: the typing specification, "String annotations": text over several lines is read as if in
    parentheses.
    """
    stripped = value.strip()
    try:
        return parse_expression(f"({stripped})" if "\n" in stripped else stripped)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def unquoted(annotation: ast.expr) -> ast.expr:
    """Return the expression in a string annotation; any other, and what is malformed, as it is."""
    text = text_of(annotation)
    return annotation if text is None else parse_forward_reference(text) or annotation


def needed_python(line: str, message: str) -> str:
    """Return which Python a *line* needs for which the parser has *message*; empty if it may be wrong in any."""
    for version, pep, pattern, said in _FEATURES:
        if sys.version_info < version and re.match(pattern, line) and re.match(said, message):
            running = ".".join(map(str, sys.version_info[:2]))
            return f"needs Python {'.'.join(map(str, version))} or later ({pep}); this is Python {running}"
    return ""


# ---- statements


def flat(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of *body* in order, those within if, try and with included."""
    return body if _COMPOUND.isdisjoint(map(type, body)) else [block[index] for block, index in placed(body)]


def placed(body: list[ast.stmt]) -> Iterator[tuple[list[ast.stmt], int]]:
    """Yield where the statements of ``flat`` stand: the block, and the index in it.

    It does not recurse: each ``elif`` stands within the one before it.
    """
    waiting = [(body, index) for index in reversed(range(len(body)))]
    while waiting:
        around, index = waiting.pop()
        yield around, index
        statement = around[index]
        if isinstance(statement, ast.If | ast.With | ast.Try | ast.TryStar):
            handlers = [handler.body for handler in getattr(statement, "handlers", ())]
            last = [getattr(statement, name, []) for name in ("orelse", "finalbody")]
            for block in reversed([statement.body, *handlers, *last]):
                waiting += [(block, inner) for inner in reversed(range(len(block)))]


def targets(statement: ast.stmt) -> list[ast.expr]:
    """Return what an assignment, a loop or a type alias binds."""
    if isinstance(statement, ast.Assign):
        return statement.targets
    if isinstance(statement, ast.AnnAssign | ast.AugAssign | ast.For):
        return [statement.target]
    if sys.version_info >= (3, 12) and isinstance(statement, ast.TypeAlias):  # pragma: no cover
        return [statement.name]
    return []


def names_bound(statement: ast.stmt) -> list[str]:
    """Return the names that a statement binds, other than an import."""
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return [statement.name]
    nodes = (node for target in targets(statement) for node in ast.walk(target))
    return [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def assigned(body: list[ast.stmt], *names: str) -> Iterator[ast.expr | None]:
    """Yield what the assignments of *body* give to one of *names*; None where an annotation has no value."""
    for statement in body:
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign) and any(
            isinstance(target, ast.Name) and target.id in names for target in targets(statement)
        ):
            yield statement.value


def exported_by(statement: ast.stmt) -> ast.expr | None:
    """Return what a statement puts into ``__all__``, None for any other statement."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        adds = dotted(call.func) in (["__all__", "extend"], ["__all__", "append"])
        return call.args[0] if adds and call.args else None
    return next(assigned([statement], "__all__"), None)


def first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, its decorators included."""
    decorators = node.decorator_list if isinstance(node, (*FUNCTIONS, ast.ClassDef)) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


# ---- expressions


def dotted(expression: ast.expr) -> list[str] | None:
    """Return the names of ``a.b.c``, None for any other expression."""
    names: list[str] = []
    while isinstance(expression, ast.Attribute):
        names.append(expression.attr)
        expression = expression.value
    return [expression.id, *reversed(names)] if isinstance(expression, ast.Name) else None


def text_of(node: ast.AST | None) -> str | None:
    """Return the value of a string literal, None for any other node."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def constant(node: ast.AST | None) -> object:
    """Return the value of a literal, None for any other node."""
    return node.value if isinstance(node, ast.Constant) else None


def is_none(node: ast.AST | None) -> bool:
    """Whether *node* is None as it is written."""
    return isinstance(node, ast.Constant) and node.value is None


def argument_of(node: ast.stmt | ast.expr | None, name: str) -> ast.expr | None:
    """Return the argument *name* of a call, or of a class statement; None where it has none."""
    keywords = node.keywords if isinstance(node, ast.Call | ast.ClassDef) else []
    return next((each.value for each in keywords if each.arg == name), None)


def elements(node: ast.Subscript) -> list[ast.expr]:
    """Return the arguments between the brackets."""
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def subscripted(expression: ast.expr) -> ast.expr:
    """Return ``X`` of ``X[...]``, any other expression as it is."""
    return expression.value if isinstance(expression, ast.Subscript) else expression


def alternatives(node: ast.expr) -> list[ast.expr]:
    """Return the operands of ``a | b | c``, however long, from left to right."""
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]
