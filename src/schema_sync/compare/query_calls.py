"""Functions that queries call, compared with a catalog.

Authority: PostgREST's documentation, "Functions as RPC": arguments are given by name, overloads are told apart by
the names that are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.compare.mentions import Found, place_in, unchecked_part
from schema_sync.model.catalog import QName
from schema_sync.model.faults import FaultKind, Mentioned, Place, QueryFault, Unchecked
from schema_sync.model.queries import Arguments, Dynamic, Query, Text
from schema_sync.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.catalog import Function
    from schema_sync.model.name_facts import NameFacts
    from schema_sync.model.queries import Row


class Calls:
    """The functions that queries can call, by name; None where the source does not show them."""

    def __init__(self, facts: NameFacts) -> None:
        functions = facts.functions
        self._is_seen, self._others = functions is not None, frozenset(facts.other_functions)
        self._functions: dict[QName, list[Function]] = {}
        for function in functions or ():
            self._functions.setdefault(function.name, []).append(function)

    def check(self, query: Query, name: Text, schema: str) -> Iterator[Found]:
        """Yield what is wrong with a call of the function *name*, and what could not be compared."""
        qname = QName(schema=schema, name=name.value)
        overloads = self._functions.get(qname, [])
        if not self._is_seen:
            what = f"{schema}.{name.value}()"
            yield Unchecked(query=query, what=what, why="the source does not show functions")
        elif qname in self._others and not overloads:
            yield Unchecked(
                query=query, what=f"{qname}()", why="arguments of an extension's functions are not read"
            )
        elif not overloads:
            known = [each.name for each in self._functions if each.schema == schema]
            yield QueryFault(
                kind="no_function",
                query=query,
                call="rpc",
                place=place_in(name, 0, len(name.value)),
                certain=query.certain,
                object_kind="function",
                schema=schema,
                name=name.value,
                nearest=nearest(name.value, known),
            )
        else:
            yield _mentioned(query, qname, place_in(name, 0, len(name.value)))
            for part in query.parts:
                if isinstance(part, Arguments):
                    yield from (_mentioned(query, qname, Place(span=k.span), k.name) for k in part.row.keys)
                    yield from min((list(_faults(query, part.row, each)) for each in overloads), key=len)
                elif isinstance(part, Dynamic):
                    yield unchecked_part(query, part)


def _mentioned(query: Query, name: QName, place: Place, part: str = "") -> Mentioned:
    return Mentioned(
        query=query,
        call="rpc",
        place=place,
        certain=query.certain,
        object_kind="function",
        schema=name.schema,
        name=name.name,
        part=part,
    )


def _faults(query: Query, row: Row, function: Function) -> Iterator[QueryFault]:
    inputs = {argument.name: argument for argument in function.inputs}
    if "" in inputs:
        return  # one argument without a name takes the whole JSON value
    for key in row.keys:
        if key.name not in inputs:
            near = nearest(key.name, inputs)
            yield _fault("no_argument", query, function, key.name, Place(span=key.span), near)
    given = {key.name for key in row.keys}
    for name, argument in inputs.items() if row.complete else ():
        if name not in given and not argument.has_default:
            yield _fault("argument_missing", query, function, name, Place(span=row.span))


def _fault(
    kind: FaultKind, query: Query, function: Function, argument: str, place: Place, near: str = ""
) -> QueryFault:
    return QueryFault(
        kind=kind,
        query=query,
        call="rpc",
        place=place,
        certain=query.certain,
        object_kind="function",
        schema=function.name.schema,
        name=function.name.name,
        part=argument,
        nearest=near,
    )
