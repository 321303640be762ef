"""Where the nodes of a syntax tree are in their file."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from schema_sync.model.queries import Span


class Lines:
    """The lines of a file, for the places of its nodes."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> Span:
        """Return the place of *node*; the syntax tree counts columns in bytes of UTF-8."""
        end_line = node.end_lineno or node.lineno
        return Span(
            line=node.lineno,
            column=self._column(node.lineno, node.col_offset),
            end_line=end_line,
            end_column=self._column(end_line, node.end_col_offset or 0),
        )

    def _column(self, line: int, offset: int) -> int:
        text = self._lines[line - 1]
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode(errors="replace")) + 1
