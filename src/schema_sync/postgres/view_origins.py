"""Where a view's columns come from, told from the tree of its query.

A column has an origin where the query proves that each of its values is one of a base column: plain references
all the way, through subqueries and common table expressions, never from the side of an outer join that may be
missing, nor out of a set operation or grouping sets. In doubt it has none.

Authority: PostgreSQL's sources, nodes/parsenodes.h (Query, RangeTblEntry) and nodes/primnodes.h (Var,
TargetEntry, JoinExpr), versions 15 to 18; manual, chapter "The Rule System".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

Origin = tuple[int, int]  # oid of a relation and number of its column

_RELATION, _SUBQUERY, _CTE, _GROUP = 0, 1, 6, 9  # RTEKind; 9 since PostgreSQL 18
_LEFT, _FULL, _RIGHT = 1, 2, 3  # JoinType
_TOKEN = re.compile(
    r"\\.|\{(?P<node>[A-Z]+)|(?P<close>\})|:ctename (?P<name>\S+)|:(?P<field>[a-zA-Z]+)(?: (?P<number>-?\d+))?",
    re.DOTALL,
)


@dataclass
class _Node:
    """A node of the tree: its numbers, and the nodes in its fields."""

    kind: str
    numbers: dict[str, int] = field(default_factory=dict[str, int])
    nodes: dict[str, list[_Node]] = field(default_factory=dict[str, list["_Node"]])
    name: str = ""

    @cached_property
    def nulled(self) -> set[int]:
        """Of a query, the places in its range table whose columns an outer join may fill with nulls."""
        found: set[int] = set()
        pending = [(tree, False) for tree in self.nodes.get("jointree", [])]
        while pending:
            node, missing = pending.pop()
            if missing and "rtindex" in node.numbers:
                found.add(node.numbers["rtindex"])
            jointype = node.numbers.get("jointype")
            pending += [(each, missing or jointype in {_RIGHT, _FULL}) for each in node.nodes.get("larg", [])]
            pending += [(each, missing or jointype in {_LEFT, _FULL}) for each in node.nodes.get("rarg", [])]
            pending += [(each, missing) for each in node.nodes.get("fromlist", [])]
        return found

    def only(self, name: str) -> _Node | None:
        """Return the node in the field *name*, None where there is none or several."""
        found = self.nodes.get(name, [])
        return found[0] if len(found) == 1 else None

    def at(self, name: str, position: int) -> _Node | None:
        """Return the node at *position*, counted from 1, of the list in the field *name*."""
        found = self.nodes.get(name, [])
        return found[position - 1] if 0 < position <= len(found) else None


def origins(tree: str) -> dict[int, Origin]:
    """Return the origins of a view's columns, by number; *tree* is what ``views.sql`` gives for it."""
    query = _parse(tree)
    if query is None:
        return {}
    entries = query.nodes.get("targetList", [])
    found = {entry.numbers["resno"]: _of_entry((query,), entry) for entry in entries if "resno" in entry.numbers}
    return {number: origin for number, origin in found.items() if origin is not None}


def _parse(tree: str) -> _Node | None:
    root = _Node("")
    open_: list[tuple[_Node, str]] = [(root, "")]
    for token in _TOKEN.finditer(tree):
        node, name = open_[-1]
        if token["node"]:
            child = _Node(token["node"])
            node.nodes.setdefault(name, []).append(child)
            open_.append((child, ""))
        elif token["close"]:
            open_.pop()
        elif token["name"]:
            node.name = token["name"]
        elif token["number"]:
            node.numbers[token["field"]] = int(token["number"])
        elif token["field"]:
            open_[-1] = (node, token["field"])
    return root.only("")


def _of_entry(queries: tuple[_Node, ...], entry: _Node) -> Origin | None:
    """Return the origin of an entry of the innermost of *queries*, which stand within one another.

    It does not recurse: subqueries may stand within each other by the thousand.
    """
    expression = entry.only("expr")
    while not any(queries[-1].nodes.get(name) for name in ("setOperations", "groupingSets")):
        found = _variable(queries[-1], expression)
        if found is None:
            return None
        source, number = found
        kind = source.numbers.get("rtekind")
        if kind == _RELATION:
            return source.numbers["relid"], number
        if kind == _GROUP:
            expression = source.at("groupexprs", number)
            continue
        inner = _inner(queries, source)
        if inner is None:
            return None
        queries = inner
        entries = queries[-1].nodes.get("targetList", [])
        below = next((e for e in entries if e.numbers.get("resno") == number), None)
        expression = None if below is None else below.only("expr")
    return None


def _variable(query: _Node, expression: _Node | None) -> tuple[_Node, int] | None:
    """Return the entry of the range table that a plain reference names, and the column's number in it."""
    if expression is None or expression.kind != "VAR" or expression.numbers.get("varlevelsup") != 0:
        return None
    index, number = expression.numbers["varno"], expression.numbers["varattno"]
    entry = query.at("rtable", index)
    return None if entry is None or index in query.nulled else (entry, number)


def _inner(queries: tuple[_Node, ...], entry: _Node) -> tuple[_Node, ...] | None:
    """Return the queries around, and then the one that *entry* maps to."""
    kind = entry.numbers.get("rtekind")
    if kind == _SUBQUERY and (inner := entry.only("subquery")) is not None:
        return (*queries, inner)
    if kind != _CTE:
        return None
    outer = queries[: len(queries) - entry.numbers.get("ctelevelsup", 0)]
    ctes = outer[-1].nodes.get("cteList", []) if outer else []
    query = next((cte.only("ctequery") for cte in ctes if cte.name == entry.name), None)
    return None if query is None else (*outer, query)
