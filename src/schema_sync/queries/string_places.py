"""Where a part of a string stands in the file: strings may be in several pieces, with escapes, over several lines.

Authority: the Python language reference, "String and Bytes literals".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from schema_sync.model.faults import Place
from schema_sync.model.queries import Span

_BETWEEN = re.compile(r"(?:[\s()]|\\\n|#[^\n]*)*")
_OPENING = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
_ESCAPE = re.compile(
    r"\\(?:(?P<joined>\n)|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\})"
)


def span_of(place: Place, lines: Sequence[str]) -> Span:
    """Return the span of *place* in a file of these *lines*: that of the whole string if a part cannot be told."""
    if place.text is None:
        return place.span
    first, last = place.span.line, place.span.end_line
    source = "\n".join([*lines[first - 1 : last - 1], lines[last - 1][: place.span.end_column - 1]])
    characters = list(_characters(source, place.span.column - 1))
    if place.start >= len(characters) or place.end > len(characters):
        return place.span
    starts = list(accumulate((len(line) + 1 for line in source.split("\n")), initial=0))
    line, column = _position(characters[place.start][0], starts)
    end_line, end_column = _position(characters[max(place.start, place.end - 1)][1] - 1, starts)
    return Span(line=first + line, column=column, end_line=first + end_line, end_column=end_column + 1)


def _position(offset: int, starts: Sequence[int]) -> tuple[int, int]:
    """Return a line counted from 0, and a column counted from 1."""
    line = bisect_right(starts, offset) - 1
    return line, offset - starts[line] + 1


def _characters(source: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of what represents each character of the string that begins after *at* in *source*."""
    while (opening := _opening(source, at)) is not None:
        raw, quote = "r" in opening[1].lower(), opening[2]
        at = opening.end()
        while at < len(source) and not source.startswith(quote, at):
            escape = None if raw else _ESCAPE.match(source, at)
            if escape is not None:
                if escape["joined"] is None:
                    yield at, escape.end()
                at = escape.end()
                continue
            yield at, at + 1
            if source[at] == "\\":  # it and what follows stand for themselves, a quote too
                yield at + 1, at + 2
                at += 1
            at += 1
        at += len(quote)


def _opening(source: str, at: int) -> re.Match[str] | None:
    between = _BETWEEN.match(source, at)
    return _OPENING.match(source, between.end() if between else at)
