"""Ways through a graph that do not recurse: a schema, or code, may have chains of thousands.

Authority: Tarjan, "Depth-First Search and Linear Graph Algorithms" (1972).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node")


def needed_first(
    start: Node, needs: Callable[[Node], Iterable[Node]], known: Collection[Node] = ()
) -> Iterator[Node]:
    """Yield *start* and all that it *needs*, each node once and behind those that it needs itself.

    Nodes in *known* are left out, with what only they need. In a circle the node that is met first comes last.
    """
    met = {start}
    open_ = [] if start in known else [(start, iter(needs(start)))]
    while open_:
        node, rest = open_[-1]
        for other in rest:
            if other not in met and other not in known:
                met.add(other)
                open_.append((other, iter(needs(other))))
                break
        else:
            open_.pop()
            yield node


def components(graph: Mapping[Node, Sequence[Node]]) -> list[tuple[Node, ...]]:
    """Return the strongly connected components, those referred to first; every node is a key of *graph*."""
    order: dict[Node, int] = {}
    low: dict[Node, int] = {}
    waiting: dict[Node, None] = {}
    found: list[tuple[Node, ...]] = []
    for root in graph:
        work = [] if root in order else [(root, iter(graph[root]))]
        if work:
            order[root] = low[root] = len(order)
            waiting[root] = None
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in order:
                    order[other] = low[other] = len(order)
                    waiting[other] = None
                    work.append((other, iter(graph[other])))
                    break
                if other in waiting:
                    low[node] = min(low[node], order[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    taken = [waiting.popitem()[0]]
                    while taken[-1] != node:
                        taken.append(waiting.popitem()[0])
                    found.append(tuple(taken))
    return found
