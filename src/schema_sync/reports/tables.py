"""Rows as a table for a terminal, as CSV (RFC 4180) and as JSON. Values are a database's: hostile."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from schema_sync.model import json_text as json_encoding
from schema_sync.reports.escaping import json_text, printable

FORMAT_VERSION = 1
LONGEST_CELL = 80
_WIDE, _ZERO_WIDTH = frozenset("WF"), frozenset({"Mn", "Me", "Cf"})
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table with a heading; nothing in it steers a terminal, long cells end in ``…``."""
    if not columns:
        return f"({len(rows)} rows without columns)\n"
    cells = [[_cell(c) for c in columns], *([_cell(_text(v)) for v in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines) + "\n"


def comma_separated(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, to_terminal: bool) -> str:
    """Return CSV: null is an empty field, what is not text is JSON. Values stay as they are.

    To a terminal, what would steer it is escaped. A cell that a spreadsheet would take for a formula is not
    changed: whoever imports it has to import text.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in (columns, *rows):
        cells = map(_text, row)
        writer.writerow([printable(cell) if to_terminal else cell for cell in cells])
    return out.getvalue()


def document(parts: Mapping[str, object]) -> str:
    """Return one JSON document with a format version in front; what would steer a terminal is escaped."""
    return json_text({"format_version": FORMAT_VERSION, **parts}, indent=2, encoder=_ENCODER) + "\n"


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json_encoding.encode(value, _ENCODER).decode()


def _cell(text: str) -> str:
    """Return *text* without what would steer a terminal, cut where it is long."""
    shown = printable(text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…")
    return shown if len(shown) <= LONGEST_CELL else shown[: LONGEST_CELL - 1] + "…"


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.category(c) in _ZERO_WIDTH else 2 if unicodedata.east_asian_width(c) in _WIDE else 1
        for c in text
    )
