"""Which tables refer to which: the longest way along foreign keys."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TypeVar

from schema_sync.model.graph import components

Node = TypeVar("Node")


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
