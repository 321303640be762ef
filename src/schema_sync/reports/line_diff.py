"""The unified diff of two texts, in time that grows with their lines.

``difflib`` looks for the longest common block again and again; where many alike edits lie far apart, as after an
update, it compares all lines with all. Here lines that occur once on both sides are matched first, and ``difflib``
sees only what lies between them. Authority: Cohen's patience diff; the GNU diffutils manual, "Unified Format".
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from schema_sync.reports.base import Line

_CONTEXT = 3
_Block = tuple[int, int, int]  # where it starts in the old lines, in the new lines, and how many there are


class _Matcher(difflib.SequenceMatcher[str]):
    """Groups of changes as ``difflib`` has them, around blocks that are known."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, (), ())
        self.a, self.b = old, new
        self.matching_blocks = [difflib.Match(*block) for block in _blocks(old, new)]


def unified(old: Sequence[str], new: Sequence[str], old_name: str, new_name: str) -> Iterator[str]:
    """Yield the lines of the diff of lines with their ends, with no date behind the names."""
    for number, group in enumerate(_Matcher(old, new).get_grouped_opcodes(_CONTEXT)):
        if not number:
            yield f"--- {old_name}\n"
            yield f"+++ {new_name}\n"
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from (" " + line for line in old[old_start:old_end])
                continue
            yield from ("-" + line for line in old[old_start:old_end])
            yield from ("+" + line for line in new[new_start:new_end])


def changed(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """Return the lines that differ, each with its side; those between two changes as a gap where they are many."""
    found: list[Line] = []
    between: Sequence[str] = ()
    for tag, old_start, old_end, new_start, new_end in _Matcher(old, new).get_opcodes():
        if tag == "equal":
            between = old[old_start:old_end]
            continue
        if found:
            if len(between) > _CONTEXT:
                found.append(("gap", ""))
            else:
                found.extend(("same", line) for line in between)
        found.extend(("old", line) for line in old[old_start:old_end])
        found.extend(("new", line) for line in new[new_start:new_end])
    return found


def _range(start: int, end: int) -> str:
    """Return a hunk's range; an empty one names the line before it."""
    length = end - start
    return f"{start + 1}" if length == 1 else f"{start + bool(length)},{length}"


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[_Block]:
    """Return the common blocks in order, and an empty one at the end, as ``difflib`` does."""
    found: list[_Block] = []
    at, to = 0, 0
    for left, right in [*_anchors(old, new), (len(old), len(new))]:
        if left < at or right < to:
            continue  # within the block before
        inner = difflib.SequenceMatcher(None, old[at:left], new[to:right])
        for start, place, size in inner.get_matching_blocks():
            _add(found, (at + start, to + place, size))
        size = 0
        while left + size < len(old) and right + size < len(new) and old[left + size] == new[right + size]:
            size += 1
        _add(found, (left, right, size))
        at, to = left + size, right + size
    return [*found, (len(old), len(new), 0)]


def _add(blocks: list[_Block], block: _Block) -> None:
    """Append *block*, or lengthen the last one where it touches."""
    if not block[2]:
        return
    if blocks and (blocks[-1][0] + blocks[-1][2], blocks[-1][1] + blocks[-1][2]) == block[:2]:
        start, place, size = blocks.pop()
        block = (start, place, size + block[2])
    blocks.append(block)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest run of places of lines that both sides have once, in the same order on both."""
    olds, news = Counter(old), Counter(new)
    places = {line: number for number, line in enumerate(new) if news[line] == 1}
    pairs = [(number, places[line]) for number, line in enumerate(old) if olds[line] == 1 and line in places]
    ends: list[int] = []  # the least place in *new* at which a run of this length ends
    piles: list[int] = []  # the pair that ends it
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        pile = bisect_left(ends, place)
        ends[pile : pile + 1] = [place]
        piles[pile : pile + 1] = [number]
        before.append(piles[pile - 1] if pile else -1)
    run: list[tuple[int, int]] = []
    number = piles[-1] if piles else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]
