"""Where a part of a string stands in the file: strings may be in several pieces, with escapes, over several lines.

Authority: the Python language reference, "String and Bytes literals".
"""

from __future__ import annotations

import re

from schema_sync.model.faults import Place
from schema_sync.model.queries import Span

_OPENING = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
_SIMPLE_ESCAPES = frozenset("\\'\"abfnrtv")


def span_of(place: Place, text: str) -> Span:
    """Return the span of *place* in the file *text*: that of the whole string where a part cannot be told."""
    if place.text is None:
        return place.span
    lines = text.split("\n")
    points = _points(lines, place.span)
    if points is None or place.end >= len(points) + 1 or place.start >= len(points):
        return place.span
    line, column = points[place.start]
    end_line, end_column = points[max(place.start, place.end - 1)]
    return Span(line=line, column=column, end_line=end_line, end_column=end_column + 1)


def _points(lines: list[str], span: Span) -> list[tuple[int, int]] | None:
    """Return line and column of each character of the string at *span*; None where an escape hides them."""
    source = list(_characters(lines, span))
    points: list[tuple[int, int]] = []
    at = 0
    while at < len(source):
        opening = _OPENING.match("".join(char for char, _, _ in source[at : at + 8]))
        if opening is None:
            at += 1
            continue
        raw, quote = "r" in opening[1].lower(), opening[2]
        at += opening.end()
        while at < len(source) and not _is_at(source, at, quote):
            char, line, column = source[at]
            if char == "\\" and not raw:
                following = source[at + 1][0] if at + 1 < len(source) else ""
                if following not in _SIMPLE_ESCAPES and following != "\n":
                    return None
                points += [(line, column)] if following != "\n" else []
                at += 2
            else:
                points.append((line, column))
                at += 1
        at += len(quote)
    return points


def _is_at(source: list[tuple[str, int, int]], at: int, quote: str) -> bool:
    return all(at + n < len(source) and source[at + n][0] == char for n, char in enumerate(quote))


def _characters(lines: list[str], span: Span) -> list[tuple[str, int, int]]:
    """Return the characters of *span* with their lines and columns; a line ends with a line feed."""
    found: list[tuple[str, int, int]] = []
    for number in range(span.line, span.end_line + 1):
        text = lines[number - 1].removesuffix("\r")
        first = span.column if number == span.line else 1
        last = span.end_column if number == span.end_line else len(text) + 1
        found += [(text[column - 1], number, column) for column in range(first, last)]
        if number < span.end_line:
            found.append(("\n", number, len(text) + 1))
    return found
