"""The two recursive aliases of exact precision, which the project's aliases file declares.

``Json`` is whatever a json column can hold; ``Array[T]`` an array of any number of dimensions with elements of
type T or null. Authority: the typing specification, "Type aliases" (PEP 695, for TypeAliasType and recursion).
"""

from __future__ import annotations

from schema_sync.model.declarations import PyType, union

JSON = "Json"
ARRAY = "Array"
ALIASES = (JSON, ARRAY)
"""In the order in which they are written."""

ANY_JSON = PyType(name="json")
"""The value set of a json column: whatever JSON can say. It is never written."""

_NONE = PyType(name="None")


def placed(type_: PyType, path: str) -> PyType:
    """Return *type_* with ``Json`` and ``Array`` as the ids that they have in the file *path*."""
    name = f"{path}:{type_.name}" if type_.name in ALIASES else type_.name
    args = tuple(placed(arg, path) for arg in type_.args)
    return PyType(name=name, args=args, literals=type_.literals)


def values_of(type_: PyType) -> PyType:
    """Return the values of a type in which ``Json`` may stand."""
    if type_.name == JSON:
        return ANY_JSON
    return PyType(name=type_.name, args=tuple(map(values_of, type_.args)), literals=type_.literals)


def nullable(values: PyType) -> PyType:
    """Return *values* with None as one more: JSON's own null is among the values of json already."""
    return values if values == ANY_JSON else union(values, _NONE)


def used(type_: PyType, path: str) -> set[str]:
    """Return which of the aliases of the file *path* are in *type_*."""
    own = {type_.name.removeprefix(f"{path}:")} & set(ALIASES) if ":" in type_.name else set[str]()
    return own.union(*(used(arg, path) for arg in type_.args))
