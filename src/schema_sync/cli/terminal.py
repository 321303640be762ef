"""What is printed on a terminal: colours, links to files, and texts and tables that fit its width.

Nothing here is imported where the output is plain.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from schema_sync.cli.terminal_table import laid_out
from schema_sync.cli.terminal_text import Drawing
from schema_sync.reports.base import Styled
from schema_sync.reports.tables import Table


def render(document: Iterable[Styled | Table], here: Path, *, colour: bool, width: int | None, links: bool) -> str:
    """Return *document* as it is printed.

    Args:
        document: lines and tables.
        here: the folder that paths in it are relative to.
        colour: whether styles are shown.
        width: how many columns there are; None where nothing is folded.
        links: whether places are links.
    """
    drawing = Drawing(here, colour=colour, width=width, links=links)
    lines: list[str] = []
    for part in document:
        if isinstance(part, Table):
            lines += map(drawing.drawn, laid_out(part, drawing))
        else:
            lines += drawing.lines(part)
    return "".join(f"{line}\n" for line in lines)
