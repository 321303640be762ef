"""Which tables refer to which: groups that refer to each other, and the longest way along foreign keys.

Authority: Tarjan, "Depth-First Search and Linear Graph Algorithms" (1972).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node")


def components(graph: Mapping[Node, Sequence[Node]]) -> list[tuple[Node, ...]]:
    """Return the strongly connected components, those that are referred to first; every node is a key of *graph*.

    It does not recurse: a schema may have a chain of thousands.
    """
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
                    found.append(_taken(waiting, node))
    return found


def _taken(waiting: dict[Node, None], node: Node) -> tuple[Node, ...]:
    taken: list[Node] = []
    while not taken or taken[-1] != node:
        taken.append(waiting.popitem()[0])
    return tuple(taken)


def longest_chains(graph: Mapping[Node, Sequence[Node]], most: int) -> list[tuple[Node, ...]]:
    """Return up to *most* of the longest ways along *graph*, each from another start; a cycle counts as one step.

    Through a cycle goes its shortest way, for the longest one is not to be had in good time.
    """
    groups = components(graph)
    group_of = {node: i for i, group in enumerate(groups) for node in group}
    depth: dict[int, int] = {}
    step: dict[int, tuple[Node, Node] | None] = {}
    for i, group in enumerate(groups):
        leaving = [(a, b) for a in group for b in graph[a] if group_of[b] != i]
        best = max(leaving, key=lambda edge: depth[group_of[edge[1]]], default=None)
        step[i], depth[i] = best, 0 if best is None else depth[group_of[best[1]]] + 1
    deepest = max(depth.values(), default=0)
    starts = {groups[i][-1] for i, length in depth.items() if length == deepest and deepest}
    chains: list[tuple[Node, ...]] = []
    for start in [node for node in graph if node in starts][:most]:
        chain, node = [start], start
        while (edge := step[group_of[node]]) is not None:
            chain += [*_way(graph, node, edge[0], set(groups[group_of[node]]))[1:], edge[1]]
            node = edge[1]
        chains.append(tuple(chain))
    return chains


def _way(graph: Mapping[Node, Sequence[Node]], start: Node, end: Node, within: set[Node]) -> list[Node]:
    """Return the shortest way from *start* to *end* that stays *within* a component."""
    came: dict[Node, Node | None] = {start: None}
    queue = deque([start])
    while end not in came:
        node = queue.popleft()
        for other in graph[node]:
            if other in within and other not in came:
                came[other] = node
                queue.append(other)
    way: list[Node] = []
    at: Node | None = end
    while at is not None:
        way.append(at)
        at = came[at]
    return way[::-1]
