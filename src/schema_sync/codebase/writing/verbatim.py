"""A Python file as its exact text, with the place of every syntax node in it.

Edits are splices into that text, so whatever no splice covers stays as it is: line endings, tabs, form feeds,
trailing whitespace, byte order mark and encoding. Authority: the Python language reference, "Lexical analysis",
and PEP 263 (encoding declarations).
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from schema_sync.errors import WriteError

NEWLINE = re.compile(r"\r\n|\r|\n")
_TRIVIA = re.compile(
    r"(?P<space>[ \t\f]+|\\(?:\r\n|\r|\n))|(?P<newline>\r\n|\r|\n)|(?P<comment>#[^\r\n]*)|(?P<mark>.)",
    re.DOTALL,
)

Located = ast.expr | ast.stmt | ast.alias | ast.keyword


class Splice(NamedTuple):
    """``text`` in place of the characters from ``start`` up to ``end``."""

    start: int
    end: int
    text: str


class Trivium(NamedTuple):
    """Text between nodes, of the kind ``space`` (continued lines too), ``newline``, ``comment`` or ``mark``."""

    kind: str
    text: str
    start: int
    end: int


def parse(text: str) -> ast.Module:
    """Return the syntax tree of *text*; warnings about it (invalid escapes) are the user's linter's business.

    Raises:
        SyntaxError, ValueError, RecursionError: if it has none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def parse_expression(text: str) -> ast.expr:
    """Return the syntax tree of the expression *text*.

    Raises:
        SyntaxError, ValueError, RecursionError: if it has none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


class Verbatim:
    """The text of the file ``path``, without its byte order mark."""

    def __init__(self, path: str, text: str, encoding: str = "utf-8") -> None:
        self.path = path
        self.text = text
        self.encoding = encoding

    @classmethod
    def decode(cls, path: str, content: bytes) -> Verbatim:
        """Return the text of *content*, which encodes back to the same bytes.

        Raises:
            WriteError: if it does not decode, or not back again.
        """
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            text = content.decode(encoding)
            faithful = text.encode(encoding) == content
        except (SyntaxError, UnicodeError) as error:
            raise WriteError(f"{path}: cannot be decoded: {error}", hint="Save the file as UTF-8.") from error
        if not faithful:
            raise WriteError(
                f"{path}: its encoding {encoding} does not give the same bytes back",
                hint="Save the file as UTF-8.",
            )
        return cls(path, text, encoding)

    def encode(self) -> bytes:
        """Return the file's bytes, after a check that they are valid Python.

        Raises:
            WriteError: if they are not.
        """
        try:
            content = self.text.encode(self.encoding)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(content, self.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise WriteError(
                f"{self.path}: the edits would leave it invalid: {error}", hint="Make these changes by hand."
            ) from error
        return content

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree.

        Raises:
            WriteError: if the text is not valid Python.
        """
        try:
            return parse(self.text)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise WriteError(f"{self.path}: cannot be parsed: {error}", hint="Mend the file first.") from error

    @cached_property
    def newline(self) -> str:
        """The line ending that most lines have."""
        found = NEWLINE.findall(self.text)
        return max(("\n", "\r\n", "\r"), key=found.count)

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in NEWLINE.finditer(self.text))]

    @cached_property
    def _ascii(self) -> bool:
        return self.text.isascii()

    def offset(self, line: int, column: int) -> int:
        """Return where line *line* (from 1) has its UTF-8 byte *column* (from 0)."""
        start = self._lines[line - 1]
        if self._ascii:
            return start + column
        end = self._lines[line] if line < len(self._lines) else len(self.text)
        return start + len(self.text[start:end].encode()[:column].decode())

    def span(self, node: Located) -> tuple[int, int]:
        """Return start and end of *node*, a class's or function's decorators included."""
        decorated = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.decorator_list
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        if decorated:
            first = self.offset(decorated[0].lineno, decorated[0].col_offset)
            return self.text.rindex("@", 0, first), end
        return self.offset(node.lineno, node.col_offset), end

    def segment(self, node: Located) -> str:
        """Return the text of *node*."""
        start, end = self.span(node)
        return self.text[start:end]

    def line_start(self, offset: int) -> int:
        """Return where the line with *offset* starts."""
        return self._lines[bisect_right(self._lines, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Return where the line with *offset* ends, its line ending included."""
        index = bisect_right(self._lines, offset)
        return self._lines[index] if index < len(self._lines) else len(self.text)

    def indentation(self, offset: int) -> str:
        """Return the whitespace that the line with *offset* starts with."""
        start = self.line_start(offset)
        line = self.text[start : self.line_end(offset)]
        return line[: len(line) - len(line.lstrip(" \t\f"))]

    def trivia(self, start: int, end: int) -> Iterator[Trivium]:
        """Yield the pieces of the text between *start* and *end*, where no string literal may stand."""
        for match in _TRIVIA.finditer(self.text, start, end):
            yield Trivium(match.lastgroup or "", match.group(), match.start(), match.end())

    def comment_block(self, offset: int) -> int:
        """Return where the blank and comment lines right above the line with *offset* start."""
        start = self.line_start(offset)
        while start:
            above = self.line_start(start - 1)
            line = self.text[above:start].strip(" \t\f\r\n")
            if line and not line.startswith("#"):
                break
            start = above
        return start

    def comments_end(self, offset: int) -> int:
        """Return where the blank and comment lines from *offset*, the start of a line, end."""
        while offset < len(self.text):
            end = self.line_end(offset)
            line = self.text[offset:end].strip(" \t\f\r\n")
            if line and not line.startswith("#"):
                break
            offset = end
        return offset

    def replaced(self, splices: Iterable[Splice]) -> Verbatim:
        """Return the text with *splices* in place; they may not overlap."""
        parts: list[str] = []
        done = 0
        for start, end, text in sorted(splices):
            parts += self.text[done:start], text
            done = end
        return Verbatim(self.path, "".join([*parts, self.text[done:]]), self.encoding)


class Expression:
    """An expression's own text, with the places of its nodes in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.source = Verbatim("", f"({text})")
        self.node = parse_expression(self.source.text)

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Return start and end of *node* in the text."""
        start, end = self.source.span(node)
        return start - 1, end - 1

    def segment(self, node: ast.expr) -> str:
        """Return the text of *node*."""
        return self.source.segment(node)

    def replaced(self, node: ast.expr, text: str) -> str:
        """Return the whole text with *text* in place of *node*."""
        start, end = self.span(node)
        return self.text[:start] + text + self.text[end:]
