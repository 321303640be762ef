"""Where tables are on the map: those that keys connect in layers, what is referenced at the left.

A part is what keys connect within a schema. Its layers are ordered so that few lines cross (Sugiyama, Tagawa and
Toda, "Methods for Visual Understanding of Hierarchical System Structures", 1981) and folded, so that a part is
about as wide as high. Parts are packed into the frame of their schema, frames into the map. Time grows with tables
and keys: 10,000 tables take about a second.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from schema_sync.explorer.contents import Box, Frame, FrameKind
from schema_sync.model.base import grouped
from schema_sync.model.catalog import QName
from schema_sync.model.graph import components

WIDTH = 240  # of a box
HEADER, ROW, MOST_ROWS, FOOT = 34, 20, 12, 8
ACROSS, BETWEEN = 90, 22  # gaps between columns of boxes, and between boxes of one
MARGIN, TITLE = 32, 72  # around what a frame holds, and above it
ASPECT = 1.25
WIDTHS = (0.8, 1.0, 1.2, 1.4, 1.7, 2.0)  # of a square's, that rows are tried with
SWEEPS = 6
LABEL = 0.04  # height of a label of a schema, seen from afar, as a part of the map's width
FEW = 40  # tables whose layers are all shown
UNCONNECTED, VIEWS = "no keys", "views"


class Map(NamedTuple):
    """Boxes by table, and the frames."""

    boxes: dict[QName, Box]
    frames: list[Frame]


class _Block(NamedTuple):
    """Placed boxes as one rectangle, its corner at 0, 0."""

    width: int
    height: int
    boxes: dict[QName, Box]
    frames: list[Frame]

    def moved(self, x: int, y: int) -> _Block:
        boxes = {name: Box(x=b.x + x, y=b.y + y, height=b.height) for name, b in self.boxes.items()}
        frames = [
            Frame(label=f.label, kind=f.kind, x=f.x + x, y=f.y + y, width=f.width, height=f.height)
            for f in self.frames
        ]
        return _Block(self.width, self.height, boxes, frames)


def arrange(
    columns: Mapping[QName, int], keys: Iterable[tuple[QName, QName]], views: Collection[QName] = ()
) -> Map:
    """Return the map of relations, given by the number of their *columns*; *keys* are pairs of source, target."""
    heights = {name: box_height(count) for name, count in columns.items()}
    targets = grouped((s, t) for s, t in dict.fromkeys(keys) if s != t and s in heights and t in heights)
    schemas: list[_Block] = []
    for schema, names in grouped((name.schema, name) for name in heights).items():
        within = {s: [t for t in targets.get(s, ()) if t.schema == schema] for s in names}
        schemas.append(_framed(_schema(within, heights, frozenset(views)), schema, "schema"))
    area = sum(block.width * block.height for block in schemas)
    packed = _packed(schemas, gap=max(2 * MARGIN, round(LABEL * math.sqrt(area))))
    return Map(packed.boxes, packed.frames)


def box_height(columns: int) -> int:
    """Return the height of a box with so many columns; of many it has a line that counts the rest."""
    return HEADER + ROW * min(columns, MOST_ROWS + 1) + FOOT


def _schema(
    targets: Mapping[QName, Sequence[QName]], heights: Mapping[QName, int], views: frozenset[QName]
) -> _Block:
    parts: list[_Block] = []
    alone: list[QName] = []
    for part in _parts(targets):
        if len(part) == 1:
            alone += part
        else:
            users = Counter(target for source in part for target in targets[source])
            hub = max(part, key=users.__getitem__)
            parts.append(_framed(_layered({n: targets[n] for n in part}, heights), hub.name, "part"))
    tables = [name for name in alone if name not in views]
    apart = [(UNCONNECTED, tables), (VIEWS, [name for name in alone if name in views])]
    widest = max((part.width - 2 * MARGIN for part in parts), default=0)
    shapes = [
        [_framed(_grid(names, heights, least), label, "part") for label, names in apart if names]
        for least in (0, widest)
    ]
    return min((_packed([*parts, *shape], gap=MARGIN) for shape in shapes), key=_screens)


def _parts(targets: Mapping[QName, Sequence[QName]]) -> list[list[QName]]:
    """Return the tables that keys connect, in either direction; the largest first."""
    near: dict[QName, list[QName]] = {name: [*there] for name, there in targets.items()}
    for source, there in targets.items():
        for target in there:
            near[target].append(source)
    met: set[QName] = set()
    found: list[list[QName]] = []
    for start in targets:
        if start in met:
            continue
        met.add(start)
        part = [start]
        for name in part:  # grows
            new = [other for other in dict.fromkeys(near[name]) if other not in met]
            met.update(new)
            part += new
        found.append(part)
    return sorted(found, key=len, reverse=True)


# ---- a part


def _layered(targets: Mapping[QName, Sequence[QName]], heights: Mapping[QName, int]) -> _Block:
    area = sum((heights[name] + BETWEEN) * (WIDTH + ACROSS) for name in targets)
    most = max(math.sqrt(area / ASPECT), *(heights[name] for name in targets))
    layers = _layers(targets)
    if len(targets) > FEW:
        layers = _filled(layers, heights, most)
    columns = [column for layer in _ordered(layers, targets) for column in _folded(layer, heights, most)]
    return _placed(columns, heights)


def _layers(targets: Mapping[QName, Sequence[QName]]) -> list[list[QName]]:
    """Return the tables by layer: each is right of those that it references, circles apart."""
    layer: dict[QName, int] = {}
    for circle in components(targets):
        below = [layer[t] for name in circle for t in targets[name] if t in layer]
        layer |= dict.fromkeys(circle, max(below, default=-1) + 1)
    users = grouped((t, layer[s]) for s, there in targets.items() for t in there)
    for name, there in targets.items():  # what references nothing is next to what references it
        if not there and name in users:
            layer[name] = max(0, min(users[name]) - 1)
    found: dict[int, list[QName]] = grouped((layer[name], name) for name in targets)
    return [found[number] for number in sorted(found)]


def _filled(layers: list[list[QName]], heights: Mapping[QName, int], most: float) -> list[list[QName]]:
    """Return the layers, those joined that fit into one column: a long chain would be as many columns."""
    found: list[list[QName]] = []
    room = 0.0
    for layer in layers:
        height = sum(heights[name] + BETWEEN for name in layer)
        if found and height <= room:
            found[-1] += layer
            room -= height
        else:
            found.append([*layer])
            room = most - height
    return found


def _ordered(layers: list[list[QName]], targets: Mapping[QName, Sequence[QName]]) -> list[list[QName]]:
    """Return the layers, each in the order of the mean places of its tables' neighbours."""
    near: dict[QName, list[QName]] = defaultdict(list)
    for source, there in targets.items():
        for target in there:
            near[source].append(target)
            near[target].append(source)
    place = {name: (i + 0.5) / len(layer) for layer in layers for i, name in enumerate(layer)}
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            means = {name: sum(place[n] for n in near[name]) / len(near[name]) for name in layer}
            layer.sort(key=lambda name: (means[name], name))
            place |= {name: (i + 0.5) / len(layer) for i, name in enumerate(layer)}
    return layers


def _folded(layer: Sequence[QName], heights: Mapping[QName, int], most: float) -> list[list[QName]]:
    """Return a layer as columns that are hardly higher than *most*, about equally high."""
    total = sum(heights[name] + BETWEEN for name in layer)
    each = total / math.ceil(total / (most * 1.1))
    columns: list[list[QName]] = [[]]
    height = 0.0
    for name in layer:
        if columns[-1] and height + heights[name] / 2 > each:
            columns.append([])
            height = 0.0
        columns[-1].append(name)
        height += heights[name] + BETWEEN
    return columns


def _placed(columns: Sequence[Sequence[QName]], heights: Mapping[QName, int]) -> _Block:
    """Return columns of boxes side by side, each in the middle."""
    high = [sum(heights[name] + BETWEEN for name in column) - BETWEEN for column in columns]
    boxes: dict[QName, Box] = {}
    for number, (column, height) in enumerate(zip(columns, high, strict=True)):
        y = (max(high) - height) // 2
        for name in column:
            boxes[name] = Box(x=number * (WIDTH + ACROSS), y=y, height=heights[name])
            y += heights[name] + BETWEEN
    return _Block(len(columns) * (WIDTH + ACROSS) - ACROSS, max(high), boxes, [])


def _grid(names: Sequence[QName], heights: Mapping[QName, int], least: int) -> _Block:
    """Return tables that no key connects in columns, about *least* wide or more."""
    area = sum((heights[name] + BETWEEN) * (WIDTH + BETWEEN) for name in names)
    across = max(1, round(math.sqrt(area * ASPECT) / (WIDTH + BETWEEN)), (least + BETWEEN) // (WIDTH + BETWEEN))
    bottoms = [0] * min(across, len(names))
    boxes: dict[QName, Box] = {}
    for name in sorted(names):
        column = bottoms.index(min(bottoms))
        boxes[name] = Box(x=column * (WIDTH + BETWEEN), y=bottoms[column], height=heights[name])
        bottoms[column] += heights[name] + BETWEEN
    return _Block(len(bottoms) * (WIDTH + BETWEEN) - BETWEEN, max(bottoms) - BETWEEN, boxes, [])


# ---- parts and frames


def _framed(block: _Block, label: str, kind: FrameKind) -> _Block:
    width, height = block.width + 2 * MARGIN, block.height + MARGIN + TITLE
    frame = Frame(label=label, kind=kind, x=0, y=0, width=width, height=height)
    inner = block.moved(MARGIN, TITLE)
    return _Block(width, height, inner.boxes, [frame, *inner.frames])


def _packed(blocks: Sequence[_Block], gap: int) -> _Block:
    """Return rectangles side by side, the highest first; of several widths that which fits a screen best."""
    ordered = sorted(blocks, key=lambda b: b.height, reverse=True)
    area = sum((b.width + gap) * (b.height + gap) for b in blocks)
    widest = max((b.width for b in blocks), default=0)
    tried = [_fitted(ordered, max(widest, math.sqrt(area * ASPECT) * part), gap) for part in WIDTHS]
    corners, width, height = min(tried, key=_screens)
    boxes: dict[QName, Box] = {}
    frames: list[Frame] = []
    for block, (x, y) in zip(ordered, corners, strict=True):
        moved = block.moved(x, y)
        boxes |= moved.boxes
        frames += moved.frames
    return _Block(width, height, boxes, frames)


def _screens(shape: _Block | _Fit) -> float:
    """Return how high a screen has to be that shows all of a shape."""
    return max(shape.width / ASPECT, shape.height)


class _Fit(NamedTuple):
    corners: list[tuple[int, int]]
    width: int
    height: int


def _fitted(blocks: Sequence[_Block], most: float, gap: int) -> _Fit:
    """Return the corners of rectangles between 0 and *most*: into the highest gap goes the first that fits.

    After Burke, Kendall and Whitwell, "A New Placement Heuristic for the Orthogonal Stock-Cutting Problem", 2004.
    """
    free = [(0, 0)]  # where what is free begins: from each x to the next one's, below a y
    waiting = dict(enumerate(blocks))
    narrowest = min((block.width for block in blocks), default=0)
    corners: dict[int, tuple[int, int]] = {}
    while waiting:
        place = min(range(len(free)), key=lambda i: free[i][1])
        x, y = free[place]
        room = free[place + 1][0] - gap - x if place + 1 < len(free) else most - x
        fits = (i for i, block in waiting.items() if block.width <= room)
        number = next(fits, None) if room >= narrowest else None
        if number is None:  # the gap is closed: it is as low as the next lowest beside it
            beside = min(free[i][1] for i in (place - 1, place + 1) if 0 <= i < len(free))
            free[place] = (x, beside)
            free = [step for i, step in enumerate(free) if not i or step[1] != free[i - 1][1]]
            continue
        block = waiting.pop(number)
        corners[number] = (x, y)
        rest = [(x + block.width + gap, y)] if block.width + gap < room else []
        free[place : place + 1] = [(x, y + block.height + gap), *rest]
    return _Fit(
        [corners[number] for number in range(len(blocks))],
        max((x + blocks[i].width for i, (x, _) in corners.items()), default=0),
        max((y + blocks[i].height for i, (_, y) in corners.items()), default=0),
    )
