"""Where a view's columns come from, told from the tree of its query.

A column has an origin where the query proves that each of its values is one of a base column: plain references
all the way, through subqueries and common table expressions, never from the side of an outer join that may be
missing, nor out of a set operation or grouping sets. In doubt it has none.

Authority: PostgreSQL's sources, nodes/parsenodes.h (Query, RangeTblEntry) and nodes/primnodes.h (Var,
TargetEntry, JoinExpr), versions 15 to 18; manual, chapter "The Rule System".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

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


def _of_column(queries: tuple[_Node, ...], number: int) -> Origin | None:
    """Return the origin of an output column of the innermost of *queries*, which stand within one another."""
    entries = queries[-1].nodes.get("targetList", [])
    entry = next((e for e in entries if e.numbers.get("resno") == number), None)
    return None if entry is None else _of_entry(queries, entry)


def _of_entry(queries: tuple[_Node, ...], entry: _Node) -> Origin | None:
    query = queries[-1]
    if query.nodes.get("setOperations") or query.nodes.get("groupingSets"):
        return None
    return _of_expression(queries, entry.only("expr"))


def _of_expression(queries: tuple[_Node, ...], expression: _Node | None) -> Origin | None:
    if expression is None or expression.kind != "VAR" or expression.numbers.get("varlevelsup") != 0:
        return None
    query = queries[-1]
    index, number = expression.numbers["varno"], expression.numbers["varattno"]
    entry = query.at("rtable", index)
    if entry is None or index in _nulled(query.only("jointree")):
        return None
    kind = entry.numbers.get("rtekind")
    if kind == _RELATION:
        return entry.numbers["relid"], number
    if kind == _SUBQUERY and (inner := entry.only("subquery")) is not None:
        return _of_column((*queries, inner), number)
    if kind == _CTE:
        return _of_cte(queries, entry, number)
    return _of_expression(queries, entry.at("groupexprs", number)) if kind == _GROUP else None


def _of_cte(queries: tuple[_Node, ...], entry: _Node, number: int) -> Origin | None:
    outer = queries[: len(queries) - entry.numbers.get("ctelevelsup", 0)]
    ctes = outer[-1].nodes.get("cteList", []) if outer else []
    query = next((cte.only("ctequery") for cte in ctes if cte.name == entry.name), None)
    return None if query is None else _of_column((*outer, query), number)


def _nulled(node: _Node | None) -> set[int]:
    """Return the places in the range table whose columns an outer join of the tree *node* may fill with nulls."""
    if node is None:
        return set()
    left, right = node.nodes.get("larg", []), node.nodes.get("rarg", [])
    inner = [*node.nodes.get("fromlist", []), *left, *right]
    found = set[int]().union(*map(_nulled, inner))
    jointype = node.numbers.get("jointype")
    if jointype in {_RIGHT, _FULL}:
        found.update(*map(_places, left))
    if jointype in {_LEFT, _FULL}:
        found.update(*map(_places, right))
    return found


def _places(node: _Node) -> Iterator[int]:
    if "rtindex" in node.numbers:
        yield node.numbers["rtindex"]
    for inner in (*node.nodes.get("larg", []), *node.nodes.get("rarg", [])):
        yield from _places(inner)
