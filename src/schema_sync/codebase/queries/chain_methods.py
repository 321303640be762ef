"""What each method of a chain asks.

Authority: postgrest-py, ``base_request_builder`` and ``_sync/request_builder``; supabase-py, ``_sync/client``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from schema_sync.codebase.queries.payloads import payload_rows
from schema_sync.codebase.queries.values import Dict, Listed, Literal, Value
from schema_sync.model.queries import (
    AnyPart,
    Arguments,
    Conflict,
    Dynamic,
    Embedded,
    Filter,
    Logic,
    Order,
    Payload,
    Scalar,
    Select,
    Span,
    Text,
    Verb,
)

VERBS: Mapping[str, Verb] = {name: name for name in ("select", "insert", "upsert", "update", "delete")}
ONE_ROW = frozenset({"single", "maybe_single"})
_OPERATORS = {
    **{name: name for name in ("eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike")},
    **{name: name for name in ("fts", "plfts", "phfts", "wfts")},
    **{name: name for name in ("cs", "cd", "ov", "sl", "sr", "nxl", "nxr", "adj")},
    "is_": "is",
    "in_": "in",
    "contains": "cs",
    "contained_by": "cd",
    "overlaps": "ov",
    "text_search": "fts",
    "range_gt": "sr",
    "range_gte": "nxl",
    "range_lt": "sl",
    "range_lte": "nxr",
    "range_adjacent": "adj",
    "like_all_of": "like",
    "like_any_of": "like",
    "ilike_all_of": "ilike",
    "ilike_any_of": "ilike",
}
_BY_NAME = 99
"""The position of arguments that are given by name alone."""
_COMPARING = frozenset({"eq", "neq", "in_"})


class Call:
    """The arguments of one call, evaluated; ``spans`` are those of the positional ones, or that of the call."""

    def __init__(
        self,
        method: str,
        spans: Sequence[Span],
        positional: Sequence[Value],
        named: Mapping[str, Value],
        *,
        certain: bool,
    ) -> None:
        self.method, self.spans, self.certain = method, spans, certain
        self.positional, self.named = positional, named

    @property
    def span(self) -> Span:
        """The place of the first argument, of the whole call where there is none."""
        return self.spans[0]

    def argument(self, position: int, name: str) -> Value:
        """Return an argument by its position or name; None where it is not given, or not known."""
        return self.positional[position] if position < len(self.positional) else self.named.get(name)

    def has(self, position: int, name: str) -> bool:
        """Return whether the argument is given."""
        return position < len(self.positional) or name in self.named

    def text(self, position: int, name: str) -> Text | None:
        """Return an argument that is a known string."""
        found = self.argument(position, name)
        return found if isinstance(found, Text) else None

    def unknown(self, why: str) -> Dynamic:
        """Return the part of an argument that is not known."""
        return Dynamic(call=self.method, span=self.span, certain=self.certain, why=why)


def parts_of(call: Call) -> list[AnyPart]:
    """Return what *call* mentions; nothing for a method that mentions nothing."""
    if call.method in _OPERATORS:
        return [_filter(call)]
    reader = _READERS.get(call.method)
    return reader(call) if reader else []


def _filter(call: Call) -> AnyPart:
    column = call.text(0, "column")
    if column is None:
        return call.unknown("the column is not a literal")
    values = None
    if call.method in _COMPARING:
        values = scalars(call.argument(1, "values" if call.method == "in_" else "value"))
    return Filter(
        call=call.method,
        span=call.span,
        certain=call.certain,
        column=column,
        operator=_OPERATORS[call.method],
        values=values,
        value_span=call.spans[1] if len(call.spans) > 1 else call.span,
    )


def scalars(value: Value) -> tuple[Scalar, ...] | None:
    """Return the literal values in *value*, or None where one is not literal."""
    if isinstance(value, Text | Literal):
        return (value.value,)
    if isinstance(value, Listed):
        each = [scalars(item) for item in value.items]
        return tuple(scalar for some in each if some is not None for scalar in some) if None not in each else None
    return None


def _select(call: Call) -> list[AnyPart]:
    texts = [each for each in call.positional if isinstance(each, Text)]
    if len(texts) < len(call.positional):
        return [call.unknown("the select list is not a literal")]
    return [Select(call=call.method, span=call.span, certain=call.certain, columns=tuple(texts))]


def _any_filter(call: Call) -> list[AnyPart]:
    column, operator = call.text(0, "column"), call.text(1, "operator")
    if column is None:
        return [call.unknown("the column is not a literal")]
    word = operator.value if operator else ""
    criteria = call.argument(2, "criteria")
    is_compared = word.removeprefix("not.") in {"eq", "neq"}
    return [
        Filter(
            call=call.method,
            span=call.span,
            certain=call.certain,
            column=column,
            operator=word,
            operator_text=operator,
            values=scalars(criteria) if is_compared else None,
            value_span=criteria.span if isinstance(criteria, Text) else None,
        )
    ]


def _match(call: Call) -> list[AnyPart]:
    query = call.argument(0, "query")
    if not isinstance(query, Dict):
        return [call.unknown("the conditions are not literals")]
    return [
        Filter(
            call=call.method,
            span=key.span,
            certain=call.certain,
            column=Text(value=key.name, span=key.span),
            operator="eq",
            values=(key.value.value,) if key.value else None,
        )
        for key in query.keys.values()
    ]


def _logic(call: Call) -> list[AnyPart]:
    text = call.text(0, "filters")
    if text is None:
        return [call.unknown("the filters are not a literal")]
    of = call.text(1, "reference_table")
    return [Logic(call=call.method, span=call.span, certain=call.certain, text=text, of=of)]


def _order(call: Call) -> list[AnyPart]:
    column = call.text(0, "column")
    if column is None:
        return [call.unknown("the column is not a literal")]
    of = call.text(_BY_NAME, "foreign_table")
    sent = replace(column, value=f"{column.value}.asc")
    return [Order(call=call.method, span=call.span, certain=call.certain, column=sent, of=of)]


def _of_embedded(call: Call) -> list[AnyPart]:
    of = call.text(2 if call.method == "range" else _BY_NAME, "foreign_table")
    return [Embedded(call=call.method, span=call.span, certain=call.certain, of=of)] if of else []


def _payload(call: Call) -> list[AnyPart]:
    parts: list[AnyPart] = []
    given = call.argument(0, "json")
    rows = payload_rows(given)
    if rows is None:
        parts.append(call.unknown("the rows are not literals"))
    else:
        fills = call.argument(_BY_NAME, "default_to_null") == Literal(value=False)
        parts.append(
            Payload(
                call=call.method,
                span=call.span,
                certain=call.certain,
                rows=rows,
                many=isinstance(given, Listed),
                fills_defaults=fills,
            )
        )
    if columns := call.text(_BY_NAME, "on_conflict"):
        parts.append(Conflict(call=call.method, span=columns.span, certain=call.certain, columns=columns))
    elif "on_conflict" in call.named:
        parts.append(call.unknown("on_conflict is not a literal"))
    return parts


def _arguments(call: Call) -> list[AnyPart]:
    given = call.argument(1, "params") if call.has(1, "params") else Dict(call.span)
    if not isinstance(given, Dict):
        return [call.unknown("the arguments are not literals")]
    return [Arguments(call=call.method, span=call.span, certain=call.certain, row=given.row())]


_READERS: Mapping[str, Callable[[Call], list[AnyPart]]] = {
    "select": _select,
    "filter": _any_filter,
    "match": _match,
    "or_": _logic,
    "order": _order,
    "limit": _of_embedded,
    "range": _of_embedded,
    "insert": _payload,
    "upsert": _payload,
    "update": _payload,
    "rpc": _arguments,
}
