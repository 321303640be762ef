"""Joins the rows of ``functions.sql`` to functions.

Authority: PostgreSQL manual, "pg_proc": ``proallargtypes``, ``proargmodes`` and ``proargnames`` are null where
they would say nothing, defaults are those of the last input arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from schema_sync.model.catalog import Argument, ArgumentMode, Function, QName, TypeRef, Volatility

_MODES: dict[str, ArgumentMode] = {"i": "in", "o": "out", "b": "inout", "v": "variadic", "t": "table"}
_VOLATILITIES: dict[str, Volatility] = {"i": "immutable", "s": "stable", "v": "volatile"}
RECORD = TypeRef(name=QName(schema="pg_catalog", name="record"))
"""A row whose columns are known to the caller alone."""
_VOID = 2278


def read_functions(
    rows: Iterable[Sequence[Any]], namespaces: Mapping[int, str], type_of: Callable[[int], TypeRef]
) -> tuple[Function, ...]:
    """Return the functions in *rows*, sorted by name and input types; *type_of* gives the type of an oid."""
    found = (_function(row, namespaces, type_of) for row in rows)
    return tuple(sorted(found, key=lambda f: (f.name, [(a.type.name, a.type.dims) for a in f.inputs])))


def _function(row: Sequence[Any], namespaces: Mapping[int, str], type_of: Callable[[int], TypeRef]) -> Function:
    _, namespace, name, result, returns_set, volatility, strict, *_, comment = row
    return Function(
        name=QName(schema=namespaces[namespace], name=name),
        arguments=tuple(_arguments(row, type_of)),
        result=None if result == _VOID else type_of(result),
        returns_set=returns_set,
        volatility=_VOLATILITIES[volatility],
        strict=strict,
        comment=comment,
    )


def _arguments(row: Sequence[Any], type_of: Callable[[int], TypeRef]) -> Iterator[Argument]:
    defaults, inputs, types, modes, names = row[7:12]
    given = 0
    for index, oid in enumerate(types or inputs):
        mode = _MODES[modes[index]] if modes else "in"
        is_input = mode in {"in", "inout", "variadic"}
        given += is_input
        yield Argument(
            name=names[index] if names else "",
            type=type_of(oid),
            mode=mode,
            has_default=is_input and given > len(inputs) - defaults,
        )
