"""Functions of a project's own that send queries to PostgREST, recognized by how they are called.

Only PostgREST has conditions such as ``{"id": "eq.1"}``. A function that is given them, always behind what may be
the name of a table, is one. Of other functions nothing is guessed.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from schema_sync.codebase.queries.call_expressions import BEGINNING
from schema_sync.codebase.source_file import NotPythonError, SourceFile
from schema_sync.model.options import QueryWrapper

_FEWEST = 3
_CONDITION = r"(?:not\.)?(?:eq|neq|gte?|lte?|like|ilike|is|in|cs|cd|ov)\."
_HAS_CONDITION = re.compile(rf"""["']{_CONDITION}""".encode())
_IS_CONDITION = re.compile(_CONDITION)
_NAME = re.compile(r"[a-z_]\w*")
_WRITING = frozenset({"insert", "upsert", "update"})
_NOT_ROWS = frozenset({"headers", "cookies"})
_Place = int | str
_TABLE = ("table", "table_name", "path")
_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})


class _Call(NamedTuple):
    """Where a call has the table's name, URL parameters and a row: a position, a keyword or None.

    ``is_other`` states that the table's place holds something else, ``has_condition`` that a parameter is one,
    ``has_method`` that one of HTTP's methods is given.
    """

    table: _Place | None
    params: _Place | None
    row: _Place | None
    is_other: bool
    has_condition: bool
    has_method: bool


def find_wrappers(sources: Mapping[str, bytes]) -> dict[QueryWrapper, int]:
    """Return the functions in *sources*, Python by path, that send queries, and how often each is called.

    A method is known by the last two words of its dotted name. One that writes rows is found if another of the
    same object is, as ``supabase.insert`` beside ``supabase.select``.
    """
    first = _calls(content for content in sources.values() if _HAS_CONDITION.search(content))
    objects = {_object(name) for name, found in first.items() if _sends_queries(found)}
    words = [each.encode() for each in objects]
    calls = _calls(content for content in sources.values() if any(word in content for word in words))
    found = {_wrapper(name, each): len(each) for name, each in sorted(calls.items()) if _object(name) in objects}
    return {wrapper: count for wrapper, count in found.items() if wrapper is not None}


def _calls(contents: Iterable[bytes]) -> dict[str, list[_Call]]:
    found: dict[str, list[_Call]] = defaultdict(list)
    for content in contents:
        try:
            tree = SourceFile.decode("", content).tree
        except NotPythonError:
            continue  # a check reports it
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (name := _name(node.func)):
                found[name].append(_call(node))
    return found


def _name(function: ast.expr) -> str:
    """Return the last two words of a function's dotted name; empty for methods of Supabase's client."""
    if isinstance(function, ast.Name):
        return function.id
    if not isinstance(function, ast.Attribute) or function.attr in BEGINNING:
        return ""
    holder = function.value
    name = holder.id if isinstance(holder, ast.Name) else holder.attr if isinstance(holder, ast.Attribute) else ""
    return f"{name}.{function.attr}" if name else ""


def _object(name: str) -> str:
    """Return the object whose method it is; of a plain function itself."""
    return name.rpartition(".")[0] or name


def _call(node: ast.Call) -> _Call:
    given: dict[_Place, ast.expr] = dict(enumerate(node.args))
    given |= {each.arg: each.value for each in node.keywords if each.arg}
    methods = {place for place in (0, "method") if _text(given.get(place)) in _METHODS}
    table = next((place for place in (int(0 in methods), *_TABLE) if place in given), None)
    name = given.get(table) if table is not None else None
    is_name = _NAME.fullmatch(_text(name)) is not None
    params = [place for place, each in given.items() if "select" in _keys(each) or any(_conditions(each))]
    rows = [place for place, each in given.items() if place not in {*params, *_NOT_ROWS} and _is_row(each)]
    return _Call(
        table=table if is_name else None,
        params=params[0] if len(params) == 1 else None,
        row=rows[0] if len(rows) == 1 else None,
        is_other=name is None or (isinstance(name, ast.Constant) and not is_name),
        has_condition=any(condition for each in given.values() for condition in _conditions(each)),
        has_method=bool(methods),
    )


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _keys(node: ast.expr) -> list[object]:
    keys = node.keys if isinstance(node, ast.Dict) else ()
    return [key.value if isinstance(key, ast.Constant) else None for key in keys]


def _conditions(node: ast.expr) -> Iterator[bool]:
    """Yield whether the values of a dict are conditions, in literals or at the start of f-strings."""
    for value in node.values if isinstance(node, ast.Dict) else ():
        first = value.values[0] if isinstance(value, ast.JoinedStr) and value.values else value
        yield _IS_CONDITION.match(_text(first)) is not None


def _is_row(node: ast.expr) -> bool:
    rows = node.elts if isinstance(node, ast.List) else [node]
    keys = [key for row in rows for key in _keys(row)]
    return bool(keys) and all(isinstance(key, str) and _NAME.fullmatch(key) for key in keys)


def _sends_queries(calls: Sequence[_Call]) -> bool:
    named = [call for call in calls if call.table is not None]
    with_params = sum(call.params is not None for call in named)
    is_usual = _usual(named, "params") is not None and with_params * 2 >= len(named)
    return is_usual and any(call.has_condition for call in named)


def _usual(calls: Iterable[_Call], part: Literal["params", "row"]) -> tuple[_Place, _Place] | None:
    """Return where most calls have the table's name and another part; None if fewer than three have them."""
    both = ((call.table, getattr(call, part)) for call in calls)
    for (table, other), count in Counter(both).most_common():
        if table is not None and other is not None:
            return (table, other) if count >= _FEWEST else None
    return None


def _wrapper(name: str, calls: Sequence[_Call]) -> QueryWrapper | None:
    """Return a function as the configuration describes it; None if it is not known to send queries."""
    read = _usual(calls, "params")
    may_write = name.rpartition(".")[2] in _WRITING or any(call.has_method for call in calls)
    written = _usual(calls, "row") if may_write else None
    found = read or written
    if found is None or any(call.is_other for call in calls) or (read and written and read[0] != written[0]):
        return None
    params, payload = read and read[1], written and written[1]
    return QueryWrapper(call=name, table=found[0], params=params, payload=payload)
