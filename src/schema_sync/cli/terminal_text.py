"""Styles as a terminal's sequences, links to files, and lines that are folded between words.

Every text is escaped once more, and none is read as markup.
Authority: ECMA-48 (SGR); "Hyperlinks in Terminal Emulators" (OSC 8); RFC 8089 (file URLs).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from io import StringIO
from pathlib import Path

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style as RichStyle
from rich.text import Text

from schema_sync.reports.base import Part, Style, Styled
from schema_sync.reports.escaping import printable

_STYLES: dict[Style, str] = {
    "plain": "",
    "title": "bold",
    "quiet": "dim",
    "good": "green",
    "warning": "yellow",
    "fault": "bold red",
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "added": "green",
    "removed": "red",
    "hunk": "cyan",
}
_WORDS = re.compile(r"`[^`]{1,40}`\S*\s*|\S+\s*")
"""What stays on one line: a word, or a command in backticks."""
WORDS_OF_CELLS = re.compile(r"[^\s,]*,+\s*|[^\s,]+\s*")
"""In a table lists without spaces are folded too."""


class Drawing:
    """Draws with *colour* and *links* or without, for *width* columns; paths are relative to the folder *here*."""

    def __init__(self, here: Path, *, colour: bool, width: int | None, links: bool) -> None:
        self.width = width
        self._colour = colour
        self._links = links
        self._here = here
        self._console = Console(file=StringIO(), force_terminal=True, color_system="standard", _environ={})
        self._style = cache(self._style_of)

    def lines(self, line: Styled) -> list[str]:
        """Return *line* with the sequences of its styles, folded to the width unless it is verbatim."""
        plain = line.plain().removesuffix("\n")
        if self.width is None or line.verbatim or (len(plain) <= self.width and plain.isascii()):
            keep = "\t" if line.verbatim else ""  # such lines need no Text, and a diff has many
            parts = ((self._style(part.style, part.path), printable(part.text, keep=keep)) for part in line.parts)
            return ["".join(_sequences(style, text) for style, text in parts)]
        text = self.text(line.parts)
        indent = len(text.plain) - len(text.plain.lstrip())
        return [self.drawn(each) for each in folded(text, self.width, indent + line.hanging)]

    def text(self, parts: Sequence[Part]) -> Text:
        """Return *parts* with their styles; control characters are escaped."""
        return Text.assemble(*((printable(each.text), self._style(each.style, each.path)) for each in parts))

    def _style_of(self, style: Style, path: str) -> RichStyle:
        found = RichStyle.parse(_STYLES[style] if self._colour else "")
        if path and self._links:
            found += RichStyle(link=Path(os.path.abspath(self._here / path)).as_uri())  # noqa: PTH100 - links stay
        return found

    def drawn(self, text: Text) -> str:
        """Return *text* with the sequences of its styles."""
        return "".join(_sequences(each.style, each.text) for each in text.render(self._console))


def _sequences(style: RichStyle | None, text: str) -> str:
    return style.render(text, color_system=ColorSystem.STANDARD) if style else text


def folded(text: Text, width: int, hanging: int, words: re.Pattern[str] = _WORDS) -> list[Text]:
    """Return *text* in lines of at most *width* columns, the second on by *hanging* spaces to the right.

    A line ends between *words*. What is longer than a line is not broken: it can be copied whole.
    """
    if cell_len(text.plain) <= width:
        return [text]
    if hanging > width // 2:
        hanging = 0
    first, *others = text.divide(_ends(text.plain, width, hanging, words))
    lines = [first, *(Text.assemble(" " * hanging, line) for line in others)]
    for line in lines:
        line.rstrip()
    return lines


def _ends(text: str, width: int, hanging: int, words: re.Pattern[str]) -> Iterator[int]:
    """Yield where *text* is divided."""
    column, is_first = len(text) - len(text.lstrip()), True
    for word in words.finditer(text):
        if not is_first and column + cell_len(word[0].rstrip()) > width:
            yield word.start()
            column = hanging
        column += cell_len(word[0])
        is_first = False


def longest_word(text: str) -> int:
    """Return how wide a column has to be for no word of a cell to be broken."""
    return max((cell_len(word[0].rstrip()) for word in WORDS_OF_CELLS.finditer(text)), default=0)
