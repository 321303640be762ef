"""Type expressions, as type maps and the configuration write them, to a PyType."""

from __future__ import annotations

import ast
from functools import cache

from schema_sync.model.declarations import PyType, union


@cache
def parse_type(text: str) -> PyType:
    """Return the type that *text* spells with builtins and dotted names, such as ``list[decimal.Decimal]``.

    Raises:
        ValueError: if *text* is no such expression.
    """
    try:
        return _convert(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError as error:
        raise ValueError(f"{text!r} is no Python type") from error


def _convert(node: ast.expr) -> PyType:
    match node:
        case ast.Name(id=name):
            return PyType(name=name)
        case ast.Constant(value=None):
            return PyType(name="None")
        case ast.Attribute():
            return PyType(name=ast.unparse(node))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return union(_convert(left), _convert(right))
        case ast.Subscript(value=ast.Name() | ast.Attribute() as value, slice=ast.Tuple(elts=elements)):
            return PyType(name=_convert(value).name, args=tuple(map(_convert, elements)))
        case ast.Subscript(value=ast.Name() | ast.Attribute() as value, slice=argument):
            return PyType(name=_convert(value).name, args=(_convert(argument),))
        case _:
            raise ValueError(f"{ast.unparse(node)!r} is no type expression of names, [] and |")
