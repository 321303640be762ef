"""Type expressions, as type maps and the configuration write them, to a PyType; and defaults that tell a type."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from functools import lru_cache

from schema_sync.model.declarations import PyType, union


@lru_cache(maxsize=1024)
def parse_type(text: str) -> PyType:
    """Return the type that *text* spells with builtins and dotted names, such as ``list[decimal.Decimal]``.

    Raises:
        ValueError: if *text* is not a such expression.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as 1if: it is not a type, which is all that is to be said
            return _convert(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError as error:
        raise ValueError(f"{text!r} is not a Python type") from error
    except (RecursionError, MemoryError) as error:
        raise ValueError("the type is nested too deeply") from error


def stated_type(text: str) -> PyType:
    """Return the type that *text*, written by a person, spells: as ``parse_type``, and every name can be imported.

    Raises:
        ValueError: if *text* is not a such expression, or names what is neither a builtin type nor in a module.
    """
    found = parse_type(text)
    for name in _names(found):
        if "." not in name and not isinstance(getattr(builtins, name, None), type):
            raise ValueError(f"{name!r} is not a builtin type; write its module too, as in decimal.Decimal")
    return found


_JSON_ARRAY = (
    r"(?i)\(*(?:E?'\s*\["  # the text of an array
    r"|(?:jsonb?_build_array|json_array|array_to_json|jsonb?_agg)\("
    r"|to_jsonb?\(\(*(?:ARRAY\[|'[^']*'::[\w.\" ]+\[\]))"
)

_NULL = r"(?i)\(*NULL\)*(?:::[^']+)?"


def is_json_array(default: str) -> bool:
    """Return whether the text of a json column's default, as the server deparses it, is an array."""
    return re.match(_JSON_ARRAY, default) is not None


def is_null(default: str) -> bool:
    """Return whether the text of a column's default, as the server deparses it, is null, cast to a type or not."""
    return re.fullmatch(_NULL, default) is not None


def _names(type_: PyType) -> set[str]:
    own = set[str]() if type_.name in {"|", "None"} else {type_.name}
    return own.union(*map(_names, type_.args))


def _convert(node: ast.expr) -> PyType:
    match node:
        case ast.Name(id=name):
            return PyType(name=name)
        case ast.Constant(value=None):
            return PyType(name="None")
        case ast.Attribute(value=ast.Name() | ast.Attribute() as owner, attr=name):
            return PyType(name=f"{_convert(owner).name}.{name}")
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return union(_convert(left), _convert(right))
        case ast.Subscript(value=ast.Name() | ast.Attribute() as value, slice=ast.Tuple(elts=elements)):
            return PyType(name=_convert(value).name, args=tuple(map(_convert, elements)))
        case ast.Subscript(value=ast.Name() | ast.Attribute() as value, slice=argument):
            return PyType(name=_convert(value).name, args=(_convert(argument),))
        case _:
            raise ValueError("it is not a type expression of names, [] and |")
