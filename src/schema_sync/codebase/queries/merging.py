"""What is known of a value, or of names, after one branch of the code or another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from schema_sync.codebase.queries.values import (
    Builder,
    Dict,
    Listed,
    Literal,
    Names,
    Response,
    ResultRow,
    Rows,
    Value,
)

_ASKED = Builder | Response | Rows | ResultRow
_MOST = 16
"""How many queries one value may be of: functions that call each other may double them."""


def merged(one: Value, other: Value) -> Value:
    """Return what is known of a value that is *one* or *other*."""
    if one is other or one == other or _is_empty(other):
        return one
    if _is_empty(one):
        return other
    if isinstance(one, Dict) and isinstance(other, Dict):
        return _either_dict(one, other)
    if not isinstance(one, _ASKED) or not isinstance(other, _ASKED):
        return None
    chains = tuple(dict.fromkeys((*one.chains, *other.chains)))
    if len(chains) > _MOST:
        return None
    for kind in (Builder, Response):
        if isinstance(one, kind) and isinstance(other, kind):
            return kind(chains)
    for kind_ in (Rows, ResultRow):
        if isinstance(one, kind_) and isinstance(other, kind_) and one.path == other.path:
            return kind_(chains, one.path)
    return None


def settle(names: Names, outcomes: Sequence[Mapping[str, Value]]) -> None:
    """Bind in *names* what they are after one of the branches whose *outcomes* these are."""
    for name in dict.fromkeys(name for outcome in outcomes for name in outcome):
        before = [names[name]] if name in names else []
        given = [outcome[name] for outcome in outcomes if name in outcome]
        first, *others = given if len(given) == len(outcomes) else [*before, *given]
        for other in others:
            first = merged(first, other)
        names[name] = first


def _either_dict(one: Dict, other: Dict) -> Dict:
    """Return a dict that has the keys of *one* or those of *other*."""
    made = joined(one, other)
    made.complete = False
    for name in one.keys.keys() & other.keys.keys():
        if one.keys[name].value != other.keys[name].value:
            made.keys[name] = replace(made.keys[name], value=None)
            made.values[name] = None
    return made


def joined(one: Dict, other: Dict) -> Dict:
    """Return a dict with the keys of both."""
    return Dict(
        one.span,
        {**one.keys, **other.keys},
        {**one.values, **other.values},
        complete=one.complete and other.complete,
    )


def _is_empty(value: Value) -> bool:
    """Return whether *value* is what code takes where there is nothing: None, or an empty list."""
    return value == Literal(value=None) or (isinstance(value, Listed) and not value.items)
