"""Rows as a table for a terminal, as CSV (RFC 4180) and as JSON. Values are a database's: hostile."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from schema_sync.model import json_text as json_encoding
from schema_sync.model.base import Value
from schema_sync.reports.base import Styled
from schema_sync.reports.escaping import json_text, printable

FORMAT_VERSION = 1
LONGEST_CELL = 80
_WIDE, _ZERO_WIDTH = frozenset("WF"), frozenset({"Mn", "Me", "Cf"})
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Table(Value, frozen=True, kw_only=True):
    """A table with a heading.

    Attributes:
        columns: their names.
        rows: a value for each column; a ``Styled`` is text with its meaning.
        right: the columns whose cells stand on the right, such as numbers.
        ornaments: the columns that show again what another has, such as bars; they need not be shown.
        ruled: whether a line stands below the heading.
        longest: how many characters of a cell are shown.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    right: frozenset[str] = frozenset()
    ornaments: frozenset[str] = frozenset()
    ruled: bool = True
    longest: int = LONGEST_CELL

    def plain(self) -> str:
        """Return the table where nothing is styled; nothing in it steers a terminal, long cells end in ``…``."""
        if not self.columns:
            return f"({len(self.rows)} rows without columns)\n"
        cells = [[cut(text_of(value), self.longest) for value in row] for row in (self.columns, *self.rows)]
        widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(map(self._padded, row, widths, self.columns)).rstrip() for row in cells]
        if self.ruled:
            lines.insert(1, "  ".join("─" * width for width in widths))
        return "\n".join(lines) + "\n"

    def _padded(self, cell: str, width: int, column: str) -> str:
        space = " " * (width - _width(cell))
        return space + cell if column in self.right else cell + space


def comma_separated(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, to_terminal: bool) -> str:
    """Return CSV: null is an empty field, what is not text is JSON. Values stay as they are.

    To a terminal, what would steer it is escaped. A cell that a spreadsheet would take for a formula is not
    changed: whoever imports it has to import text.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in (columns, *rows):
        cells = map(text_of, row)
        writer.writerow([printable(cell) if to_terminal else cell for cell in cells])
    return out.getvalue()


def document(parts: Mapping[str, object]) -> str:
    """Return one JSON document with a format version in front; what would steer a terminal is escaped."""
    return json_text({"format_version": FORMAT_VERSION, **parts}, indent=2, encoder=_ENCODER) + "\n"


def text_of(value: object) -> str:
    """Return the text of a cell, not escaped: of null nothing, of what is not text JSON."""
    if value is None:
        return ""
    if isinstance(value, Styled):
        return value.text
    return value if isinstance(value, str) else json_encoding.encode(value, _ENCODER).decode()


def cut(text: str, longest: int) -> str:
    """Return *text* without what would steer a terminal, cut where it is long."""
    shown = printable(text if len(text) <= longest else text[: longest - 1] + "…")
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.category(c) in _ZERO_WIDTH else 2 if unicodedata.east_asian_width(c) in _WIDE else 1
        for c in text
    )
