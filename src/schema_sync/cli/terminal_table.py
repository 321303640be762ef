"""A table that fits a terminal: no word is broken and nothing is left out.

Where it is too wide, ornaments go first; a column with the same value in all rows is told in a line above; prose
and lists are folded; and columns for which there is still no room follow below their row, with their names. With
very many columns each value has a line of its own, as in psql's expanded display.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from schema_sync.cli.terminal_text import WORDS_OF_CELLS, Drawing, folded, longest_word
from schema_sync.reports.base import Part, Styled
from schema_sync.reports.tables import Table, cut, text_of

LONGEST_CELL = 500
_GAP = "  "
_LEAST_FOLDED = 24  # a narrower column of prose is hard to read
_BELOW = "    "
_FEW_ROWS, _MANY_COLUMNS = 2, 12


class _Column:
    """A column with its cells as they are shown."""

    def __init__(self, name: Text, cells: list[Text], *, right: bool) -> None:
        self.name, self.cells, self.right = name, cells, right
        self.natural = max(cell_len(cell.plain) for cell in (name, *cells))
        words = max(longest_word(cell.plain) for cell in (name, *cells))
        self.least = max(words, min(self.natural, _LEAST_FOLDED))
        self.width = self.natural


def laid_out(table: Table, drawing: Drawing) -> Iterator[Text]:
    """Yield the lines of *table*."""
    if not table.columns:
        yield Text(table.plain().rstrip("\n"))
        return
    width = drawing.width
    longest = table.longest if width is None else max(table.longest, LONGEST_CELL)
    columns = [_column(table, number, drawing, longest) for number in range(len(table.columns))]
    if width is not None and _total(columns) > width:
        columns = [each for each in columns if each.name.plain not in table.ornaments]
    if width is None or _total(columns) <= width:
        yield from _heading(columns, ruled=table.ruled)
        for number in range(len(table.rows)):
            yield from _row([each.cells[number] for each in columns], columns)
    else:
        yield from _narrow(columns, drawing, width, ruled=table.ruled)


def _narrow(columns: list[_Column], drawing: Drawing, width: int, *, ruled: bool) -> Iterator[Text]:
    """Yield the lines of a table that is wider than the terminal."""
    rows = range(len(columns[0].cells))
    if len(columns) > _MANY_COLUMNS:
        for number in rows:
            yield from _record(number, columns, drawing, width)
        return
    varying, same = _varying(columns)
    shown, below = _fitted(varying, width)
    if same:
        yield from folded(drawing.text([Part(_told(same), "quiet")]), width, len(_GAP))
        yield Text()
    if shown:
        yield from _heading(shown, ruled=ruled)
    for number in rows:
        yield from _row([each.cells[number] for each in shown], shown)
        yield from _below(number, below, drawing, width)


def _heading(columns: Sequence[_Column], *, ruled: bool) -> Iterator[Text]:
    yield from _row([each.name for each in columns], columns)
    if ruled:
        yield Text(_GAP.join("─" * each.width for each in columns))


def _column(table: Table, number: int, drawing: Drawing, longest: int) -> _Column:
    def cell(value: object) -> Text:
        text = cut(text_of(value), longest)
        if isinstance(value, Styled) and len(value.text) == len(text):
            return drawing.text(value.parts)
        return Text(text)

    name = table.columns[number]
    heading = drawing.text([Part(cut(name, longest), "title")])
    return _Column(heading, [cell(row[number]) for row in table.rows], right=name in table.right)


def _total(columns: Sequence[_Column]) -> int:
    return sum(each.width for each in columns) + len(_GAP) * (len(columns) - 1)


def _varying(columns: list[_Column]) -> tuple[list[_Column], list[_Column]]:
    """Return the columns whose values differ, and those that have one value in all of several rows.

    Where the rows are all alike, none is left out: they would not be counted.
    """
    many = len(columns[0].cells) > _FEW_ROWS
    same = [each for each in columns if many and len({cell.plain for cell in each.cells}) == 1]
    varying = [each for each in columns if each not in same]
    return (varying, same) if varying else (columns, [])


def _told(same: list[_Column]) -> str:
    values = [f"{each.name.plain} {each.cells[0].plain}" for each in same if each.cells[0].plain]
    empty = [each.name.plain for each in same if not each.cells[0].plain]
    told = [f"in all rows: {', '.join(values)}"] if values else []
    return "; ".join([*told, *([f"in no row: {', '.join(empty)}"] if empty else [])])


def _fitted(columns: list[_Column], width: int) -> tuple[list[_Column], list[_Column]]:
    """Return the columns for which there is room, with their widths, and the others."""
    shown: list[_Column] = []
    for each in columns:
        each.width = each.least
        if _total([*shown, each]) <= width:
            shown.append(each)
    for each in sorted(shown, key=lambda column: column.natural - column.least):
        each.width = min(each.natural, each.least + width - _total(shown))
    return shown, [each for each in columns if each not in shown]


def _row(cells: Sequence[Text], columns: Sequence[_Column]) -> Iterator[Text]:
    parts = [folded(cell, each.width, 0, WORDS_OF_CELLS) for cell, each in zip(cells, columns, strict=True)]
    for number in range(max(map(len, parts), default=0)):
        line = Text()
        for part, column in zip(parts, columns, strict=True):
            text = part[number] if number < len(part) else Text()
            space = " " * (column.width - cell_len(text.plain))
            line.append_text(Text.assemble(space, text) if column.right else Text.assemble(text, space))
            line.append(_GAP)
        line.rstrip()
        yield line


def _below(number: int, columns: Sequence[_Column], drawing: Drawing, width: int) -> Iterator[Text]:
    """Yield the lines below a row: the names and values of its other columns, as many to a line as it holds."""
    line = Text(_BELOW)
    for column in columns:
        value = column.cells[number]
        if not value.plain:
            continue
        item = Text.assemble(drawing.text([Part(f"{column.name.plain}: ", "quiet")]), value)
        if len(line) > len(_BELOW) and cell_len(line.plain + item.plain) + len(_GAP) > width:
            yield from folded(line, width, len(_BELOW) + len(_GAP), WORDS_OF_CELLS)
            line = Text(_BELOW)
        line.append(_GAP if len(line) > len(_BELOW) else "")
        line.append_text(item)
    if len(line) > len(_BELOW):
        yield from folded(line, width, len(_BELOW) + len(_GAP), WORDS_OF_CELLS)


def _record(number: int, columns: Sequence[_Column], drawing: Drawing, width: int) -> Iterator[Text]:
    """Yield the lines of a row as a record: a name and a value on each."""
    names = max(cell_len(each.name.plain) for each in columns)
    yield drawing.text([Part(f"row {number + 1}", "title")])
    for each in columns:
        name = drawing.text([Part(_GAP + each.name.plain.ljust(names), "quiet")])
        hanging = len(_GAP) + names + len(_GAP)
        line = Text.assemble(name, _GAP, each.cells[number])
        line.rstrip()
        yield from folded(line, width, hanging, WORDS_OF_CELLS)
