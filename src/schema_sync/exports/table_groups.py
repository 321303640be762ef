"""Which tables stand in one diagram: those that foreign keys connect, in groups that can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from schema_sync.exports.mermaid import Reference
from schema_sync.model.base import grouped
from schema_sync.model.catalog import QName

MOST_IN_A_GROUP = 16
MOST_GROUPED = 300
_Links = dict[QName, set[QName]]


def table_groups(tables: Sequence[QName], found: Sequence[Reference]) -> list[list[QName]]:
    """Return *tables* in groups of at most ``MOST_IN_A_GROUP`` boxes, the largest first; each in the order given.

    A group has a box for each of its tables, and for each other one that a key of these leads to. Tables that keys
    connect are one group where they fit. Where not, they are parted by schema. Then the table that is connected to
    most others connects them no longer, until all parts fit: each shows a box of it. Small parts share a group.
    A table with too many keys of its own is a group alone, however many boxes that has.
    """
    targets = grouped((each.source.name, each.target) for each in found)
    parts: list[list[QName]] = []
    for part in _connected(tables, _links(tables, found)):
        of_schemas = (
            grouped((name.schema, name) for name in part) if _boxes(part, targets) > MOST_IN_A_GROUP else {}
        )
        for names in of_schemas.values() or [part]:
            parts += _split(names, found, targets)
    order = {name: place for place, name in enumerate(tables)}
    parts.sort(key=lambda part: -len(part))
    return [sorted(group, key=order.__getitem__) for group in _packed(parts, targets)]


def _split(names: list[QName], found: Sequence[Reference], targets: dict[QName, list[QName]]) -> list[list[QName]]:
    parts: list[list[QName]] = []
    waiting = _connected(names, _links(names, found))
    while waiting:
        part = waiting.pop(0)
        if len(part) == 1 or _boxes(part, targets) <= MOST_IN_A_GROUP:
            parts.append(part)
            continue
        links = _links(part, found)
        hub = max(part, key=lambda name: len(links[name]))
        parts.append([hub])
        others = [name for name in part if name != hub]
        waiting += _connected(others, _links(others, found))
    return parts


def _packed(parts: Iterable[list[QName]], targets: dict[QName, list[QName]]) -> list[list[QName]]:
    """Return *parts* with small ones together, each in the first group that has room for it."""
    groups: list[list[QName]] = []
    for part in parts:
        fitting = (group for group in groups if _boxes([*group, *part], targets) <= MOST_IN_A_GROUP)
        group = next(fitting, None)
        if group is None:
            groups.append([*part])
        else:
            group += part
    return groups


def _boxes(names: Iterable[QName], targets: dict[QName, list[QName]]) -> int:
    return len({box for name in names for box in (name, *targets.get(name, ()))})


def _links(names: Collection[QName], found: Iterable[Reference]) -> _Links:
    """Return the others of *names* that each is connected to by a key."""
    links: _Links = {name: set() for name in names}
    for source, target in ((each.source.name, each.target) for each in found):
        if source != target and source in links and target in links:
            links[source].add(target)
            links[target].add(source)
    return links


def _connected(names: Iterable[QName], links: _Links) -> list[list[QName]]:
    """Return *names* in parts that no link leaves, in their order."""
    part_of: dict[QName, int] = {}
    for number, first in enumerate(names):
        waiting = [first]
        while waiting:
            name = waiting.pop()
            if name not in part_of:
                part_of[name] = number
                waiting += links[name]
    return list(grouped((part_of[name], name) for name in names).values())


def hubs(names: Collection[QName], found: Iterable[Reference], most: int) -> list[QName]:
    """Return the *most* of *names* that most keys of these lead to, by which a group can be called."""
    counts = Counter(each.target for each in found if each.source.name in names and each.target in names)
    return sorted(names, key=lambda name: -counts[name])[:most]
