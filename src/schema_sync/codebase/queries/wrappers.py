"""Calls of a project's own wrapper of PostgREST, as the configuration describes it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schema_sync.codebase.queries.chain_methods import VERBS
from schema_sync.codebase.queries.payloads import payload_rows
from schema_sync.codebase.queries.values import Dict, Listed, Opening
from schema_sync.model.queries import (
    AnyPart,
    Conflict,
    Dynamic,
    Embedded,
    Filter,
    Logic,
    Order,
    Payload,
    Select,
    Span,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schema_sync.codebase.queries.values import Value
    from schema_sync.model.options import QueryWrapper
    from schema_sync.model.queries import Verb

_METHODS: Mapping[str, Verb] = {**VERBS, "get": "select", "post": "insert", "patch": "update", "put": "upsert"}
_OTHER = frozenset({"limit", "offset", "columns"})


def wrapper_of(function: ast.expr, wrappers: Sequence[QueryWrapper]) -> QueryWrapper | None:
    """Return the wrapper that a call of *function* is of, by the end of its dotted name."""
    names: list[str] = []
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    names.append(function.id if isinstance(function, ast.Name) else "")
    dotted = "." + ".".join(reversed(names))
    return next((each for each in wrappers if dotted.endswith(f".{each.call}")), None)


def argument(place: int | str | None, positional: Sequence[Value], named: Mapping[str, Value]) -> Value:
    """Return the argument at a position, or of a name."""
    if isinstance(place, int):
        return positional[place] if place < len(positional) else None
    return named.get(place) if place is not None else None


def is_given(place: int | str | None, positional: Sequence[Value], named: Mapping[str, Value]) -> bool:
    """Return whether there is an argument at a position or of a name; with ``**`` there may be any name."""
    if isinstance(place, int):
        return place < len(positional)
    return place is not None and not named.keys().isdisjoint({place, "**"})


def verb_of(wrapper: QueryWrapper, *, writes: bool) -> Verb:
    """Return what a call does, by the last word of its name; an unknown one that writes may leave keys out."""
    return _METHODS.get(wrapper.call.rpartition(".")[2], "update" if writes else "select")


def parts_of(
    wrapper: QueryWrapper, positional: Sequence[Value], named: Mapping[str, Value], span: Span
) -> list[AnyPart]:
    """Return what the URL parameters and the rows of a call mention; *span* is its place."""
    parts: list[AnyPart] = []
    params = argument(wrapper.params, positional, named)
    payload = argument(wrapper.payload, positional, named)
    if isinstance(params, Dict):
        if not params.complete:
            parts.append(Dynamic(call="params", span=span, why="the parameters are not all literals"))
        parts += (part for name, value in params.values.items() for part in _parameter(params, name, value))
    elif is_given(wrapper.params, positional, named):
        parts.append(Dynamic(call="select", span=span, why="the parameters are not literals"))
    rows = payload_rows(payload)
    if rows is not None:
        parts.append(Payload(call="payload", span=span, rows=rows, many=isinstance(payload, Listed)))
    elif is_given(wrapper.payload, positional, named):
        parts.append(Dynamic(call="payload", span=span, why="the rows are not literals"))
    return parts


def _parameter(params: Dict, name: str, value: Value) -> Iterator[AnyPart]:
    span = params.keys[name].span
    path, _, last = name.rpartition(".")
    of = Text(value=path, span=span) if path else None
    if last in _OTHER:
        if of is not None:
            yield Embedded(call=last, span=span, of=of)
    elif last in {"or", "and"} and isinstance(value, Text):
        yield Logic(call=last, span=span, text=value, of=of, in_brackets=True)
    elif last == "order" and isinstance(value, Text):
        yield Order(call=last, span=span, column=value, of=of)
    elif name == "select" and isinstance(value, Text):
        yield Select(call=name, span=span, columns=(value,))
    elif name == "on_conflict" and isinstance(value, Text):
        yield Conflict(call=name, span=span, columns=value)
    elif name in {"select", "on_conflict"} or last in {"or", "and", "order"}:
        yield Dynamic(call=name, span=span, why=f"the parameter {name} is not a literal")
    else:
        yield _condition(Text(value=name, span=span), value)


def _condition(column: Text, value: Value) -> Filter:
    """Return the filter ``column=operator.value``."""
    known = value.value if isinstance(value, Text | Opening) else ""
    words = known.removeprefix("not.").split(".", 1)
    operator = words[0] if len(words) > 1 else ""
    is_compared = operator in {"eq", "neq"} and isinstance(value, Text)
    return Filter(
        call="filter",
        span=column.span,
        column=column,
        operator=operator,
        values=(words[1],) if is_compared else None,
    )
