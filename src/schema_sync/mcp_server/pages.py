"""Answers that fit into an agent's context: cut where a value is long, in pages where there are many."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from mcp.server.mcpserver.exceptions import ToolError

from schema_sync.model.json_text import visible

Answer = dict[str, Any]

Cut = TypeVar("Cut")
PAGE_BYTES = 12_000  # less than 10,000 tokens, whatever it is written in
_KEPT = 32  # answers whose further pages are remembered
_CURSOR_BYTES = 100
_CUTS = ((600, 60), (200, 20), (60, 8), (20, 3))  # the longest text, the most elements of a list


def encoded(value: object) -> str:
    """Return *value* as compact JSON in a line, what is invisible in it escaped."""
    return visible(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


class Pages:
    """The further pages of the last answers: they show what was found when the first one was made."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, dict[str, Answer]] = OrderedDict()  # pages by cursor

    def first(self, tool: str, pages: list[Answer]) -> Answer:
        """Return the first of the *pages* that *tool* answers, with the way to the next."""
        if len(pages) == 1:
            return pages[0]
        key = f"{tool}-{hashlib.sha256(encoded(pages).encode()).hexdigest()[:12]}"
        cursors = [f"{key}-{number}" for number in range(len(pages))]
        following = [*({"next_cursor": cursor} for cursor in cursors[1:]), {}]
        self._answers[key] = {c: {**page, **more} for c, page, more in zip(cursors, pages, following, strict=True)}
        self._answers.move_to_end(key)
        while len(self._answers) > _KEPT:
            self._answers.popitem(last=False)
        return self._answers[key][cursors[0]]

    def further(self, tool: str, cursor: str) -> Answer:
        """Return the page that *cursor* names.

        Raises:
            ToolError: if *tool* gave no such cursor, or so long ago that it is forgotten.
        """
        page = self._answers.get(cursor.rpartition("-")[0], {}).get(cursor)
        if page is None or not cursor.startswith(f"{tool}-"):
            raise ToolError("this cursor is not known, or no longer: call the tool again without one")
        return page


def paged(head: Mapping[str, Any], key: str, items: Sequence[object]) -> list[Answer]:
    """Return answers of at most ``PAGE_BYTES``, each with *head* and, under *key*, a part of *items*."""
    told = fitted(dict(head), PAGE_BYTES // 2)
    room = PAGE_BYTES - _size(told) - len(key) - _CURSOR_BYTES
    pages: list[list[object]] = [[]]
    left = room
    for item in items:
        short = fitted(item, room)
        size = _size(short) + 1
        if size > left and pages[-1]:
            pages.append([])
            left = room
        pages[-1].append(short)
        left -= size
    return [{**told, key: page} for page in pages]


def paged_text(head: Mapping[str, Any], key: str, text: str) -> list[Answer]:
    """Return answers of at most ``PAGE_BYTES``, each with *head* and a part of *text*: joined, all of it."""
    told = fitted(dict(head), PAGE_BYTES // 2)
    room = PAGE_BYTES - _size(told) - len(key) - _CURSOR_BYTES
    return [{**told, key: part} for part in _parts(text, room)]


def _parts(text: str, room: int) -> Iterator[str]:
    """Yield *text* in parts of at most that many bytes of JSON, cut behind a line where one ends."""
    while _size(text[:room]) > room or len(text) > room:
        end = room
        while _size(text[:end]) > room:
            end = end * room // _size(text[:end])
        end = text.rfind("\n", 0, end) + 1 or end
        yield text[:end]
        text = text[end:]
    yield text


def fitted(value: Cut, room: int) -> Cut:
    """Return *value*, its texts and lists cut so that it takes at most *room* bytes of JSON."""
    cuts = (cast("Cut", _cut(value, chars, count)) for chars, count in _CUTS)
    return next((cut for cut in cuts if _size(cut) <= room), cast("Cut", _cut(value, *_CUTS[-1])))


def _cut(value: object, chars: int, count: int) -> object:
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode()
        return text if len(text) <= chars else f"{text[:chars]}…"
    if isinstance(value, dict):
        return {key: _cut(each, chars, count) for key, each in cast("Answer", value).items()}
    if isinstance(value, list | tuple):
        elements = cast("Sequence[object]", value)
        kept = [_cut(each, chars, count) for each in elements[:count]]
        return kept if len(elements) <= count else [*kept, f"… and {len(elements) - count} more"]
    return value


def _size(value: object) -> int:
    return len(encoded(value).encode())
