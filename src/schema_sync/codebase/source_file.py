"""A Python file as its exact text, with the place of every syntax node in it, and its comments.

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

from schema_sync.codebase.syntax import FUNCTIONS, first_line, needed_python, parse, parse_expression
from schema_sync.errors import WriteError
from schema_sync.model.declarations import Location, Unreadable

NEWLINE = re.compile(r"\r\n|\r|\n")
_TRIVIA = re.compile(
    r"(?P<space>[ \t\f]+|\\(?:\r\n|\r|\n))|(?P<newline>\r\n|\r|\n)|(?P<comment>#[^\r\n]*)|(?P<mark>.)",
    re.DOTALL,
)
_ESCAPE = r"\\(?:\r\n|.)"
_STRING_OR_COMMENT = re.compile(
    rf'"""[^"\\]*(?:(?:{_ESCAPE}|"(?!""))[^"\\]*)*"""'
    rf"|'''[^'\\]*(?:(?:{_ESCAPE}|'(?!''))[^'\\]*)*'''"
    rf'|"(?:{_ESCAPE}|[^"\\\r\n])*"'
    rf"|'(?:{_ESCAPE}|[^'\\\r\n])*'"
    r"|\#[^\r\n]*",
    re.DOTALL,
)
_MEND = "Mend the file first."
_SAVE = "Save the file as UTF-8."
_SHOWN_CHARACTERS = 60

Located = ast.expr | ast.stmt | ast.alias | ast.keyword


class Splice(NamedTuple):
    """``text`` in place of the characters from ``start`` up to ``end``."""

    start: int
    end: int
    text: str


class NotPythonError(WriteError):
    """A file without a text or without a syntax tree; ``unreadable`` states where and why."""

    def __init__(self, path: str, line: int, column: int, why: str, *, decoded: bool = True) -> None:
        what, hint = (f"parsed: {why} (line {line})", _MEND) if decoded else (f"decoded: {why}", _SAVE)
        super().__init__(f"{path}: cannot be {what}", hint=hint)
        self.unreadable = Unreadable(at=Location(path=path, line=max(line, 1), column=max(column, 1)), why=why)


class SourceFile:
    """The text of the file ``path``, without its byte order mark."""

    def __init__(self, path: str, text: str, encoding: str = "utf-8") -> None:
        self.path = path
        self.text = text
        self.encoding = encoding

    @classmethod
    def decode(cls, path: str, content: bytes | str) -> SourceFile:
        """Return the text of a file; its encoding is that of its BOM, else its PEP 263 cookie, else UTF-8.

        Raises:
            NotPythonError: if it does not decode.
        """
        if isinstance(content, str):
            return cls(path, content.removeprefix("\ufeff"))
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            return cls(path, content.decode(encoding), encoding)
        except UnicodeDecodeError as error:
            head = content[: error.start]
            line, column = head.count(b"\n") + 1, error.start - head.rfind(b"\n")
            raise NotPythonError(path, line, column, str(error), decoded=False) from error
        except (SyntaxError, LookupError, UnicodeError) as error:
            raise NotPythonError(path, 1, 1, str(error), decoded=False) from error

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
        """The syntax tree. Nothing is run.

        Raises:
            NotPythonError: if the text is not valid Python.
        """
        null = self.text.find("\0")
        if null >= 0:
            line = bisect_right(self._starts, null)
            column = null - self._starts[line - 1] + 1
            raise NotPythonError(self.path, line, column, "source code cannot contain null bytes")
        try:
            return parse(self.text)
        except SyntaxError as error:
            at = self.lines[error.lineno - 1] if error.lineno and error.lineno <= len(self.lines) else ""
            why = needed_python(at, error.msg) or error.msg
            raise NotPythonError(self.path, error.lineno or 1, error.offset or 1, why) from error
        except ValueError as error:
            raise NotPythonError(self.path, 1, 1, str(error)) from error
        except (RecursionError, MemoryError) as error:
            raise NotPythonError(self.path, 1, 1, "nested too deeply to parse") from error

    @cached_property
    def lines(self) -> list[str]:
        """The lines, without their endings."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    @cached_property
    def newline(self) -> str:
        """The line ending that most lines have."""
        found = NEWLINE.findall(self.text)
        return max(("\n", "\r\n", "\r"), key=found.count)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in NEWLINE.finditer(self.text))]

    def offset(self, line: int, column: int) -> int:
        """Return where line *line* (from 1) has its UTF-8 byte *column* (from 0)."""
        start = self._starts[line - 1]
        if self.text.isascii():
            return start + column
        return start + len(self.lines[line - 1].encode()[:column].decode())

    def at(self, node: Located) -> Location:
        """Return the place where *node* starts; ``ast`` counts UTF-8 bytes, a Location counts characters."""
        column = node.col_offset
        if not self.text.isascii():
            column = self.offset(node.lineno, column) - self._starts[node.lineno - 1]
        return Location(path=self.path, line=node.lineno, column=column + 1)

    def span(self, node: Located) -> tuple[int, int]:
        """Return start and end of *node*, a class's or function's decorators included."""
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node.decorator_list:
            first = node.decorator_list[0]
            return self.text.rindex("@", 0, self.offset(first.lineno, first.col_offset)), end
        return self.offset(node.lineno, node.col_offset), end

    def segment(self, node: Located) -> str:
        """Return the text of *node*."""
        if node.lineno == node.end_lineno and self.text.isascii():
            return self.lines[node.lineno - 1][node.col_offset : node.end_col_offset]
        start, end = self.span(node)
        return self.text[start:end]

    def shown(self, node: ast.expr) -> str:
        """Return the source of *node* for a message: its first line, cut where it is long."""
        first, *more = NEWLINE.split(self.segment(node))
        cut = bool(more) or len(first) > _SHOWN_CHARACTERS
        return f"{first.rstrip()[: _SHOWN_CHARACTERS - 1]}…" if cut else first

    def line_start(self, offset: int) -> int:
        """Return where the line with *offset* starts."""
        return self._starts[bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Return where the line with *offset* ends, its line ending included."""
        index = bisect_right(self._starts, offset)
        return self._starts[index] if index < len(self._starts) else len(self.text)

    def indentation(self, offset: int) -> str:
        """Return the whitespace that the line with *offset* starts with."""
        start = self.line_start(offset)
        line = self.text[start : self.line_end(offset)]
        return line[: len(line) - len(line.lstrip(" \t\f"))]

    def trivia(self, start: int, end: int) -> Iterator[re.Match[str]]:
        """Yield the pieces of the text between *start* and *end*, where no string literal may stand.

        The ``lastgroup`` of each is ``space`` (continued lines too), ``newline``, ``comment`` or ``mark``.
        """
        return _TRIVIA.finditer(self.text, start, end)

    def comment_block(self, offset: int) -> int:
        """Return where the blank and comment lines right above the line with *offset* start."""
        line = bisect_right(self._starts, offset)
        while line > 1 and self._holds_no_code(line - 1):
            line -= 1
        return self._starts[line - 1]

    def comments_end(self, offset: int) -> int:
        """Return where the blank and comment lines from *offset*, the start of a line, end."""
        line = bisect_right(self._starts, offset)
        while line <= len(self.lines) and self._holds_no_code(line):
            line += 1
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def _holds_no_code(self, line: int) -> bool:
        text = self.lines[line - 1].strip()
        return not text or text.startswith("#")

    def replaced(self, splices: Iterable[Splice]) -> SourceFile:
        """Return the text with *splices* in place; they may not overlap."""
        parts: list[str] = []
        done = 0
        for start, end, text in sorted(splices):
            parts += self.text[done:start], text
            done = end
        return SourceFile(self.path, "".join([*parts, self.text[done:]]), self.encoding)

    def comments_in(self, node: ast.ClassDef) -> tuple[str, ...]:
        """Return the comments alone on their line in the body of a class, less those within its statements.

        A method, a nested class or a value that spans lines is such a statement: its comments are its own.
        """
        if not self._comments:
            return ()
        start = first_line(node.body[0])
        while start - 1 > node.lineno and self._holds_no_code(start - 1):
            start -= 1
        end = node.end_lineno or node.lineno
        while end < len(self.lines) and self._holds_no_code(end + 1):
            end += 1
        within = {n for part in node.body for n in range(first_line(part), (part.end_lineno or part.lineno) + 1)}
        indent = node.body[0].col_offset
        lines = (n for n in range(start, end + 1) if n not in within)
        return tuple(self._comments[n, indent] for n in lines if (n, indent) in self._comments)

    def comments_above(self, line: int, indent: int) -> tuple[str, ...]:
        """Return the comment lines that touch *line* from above and are indented by *indent* bytes."""
        if not self._comments:
            return ()
        start = line
        while (start - 1, indent) in self._comments:
            start -= 1
        return tuple(self._comments[number, indent] for number in range(start, line))

    @cached_property
    def _comments(self) -> dict[tuple[int, int], str]:
        """The comments that are alone on their line, by its number and their indentation."""
        found: dict[tuple[int, int], str] = {}
        for match in _STRING_OR_COMMENT.finditer(self.text) if "#" in self.text else ():
            line = bisect_right(self._starts, match.start())
            above = self.text[self._starts[line - 1] : match.start()]
            if match.group().startswith("#") and not above.strip():
                found[line, len(above)] = match.group().lstrip("#").strip()
        return found


class Expression(SourceFile):
    """An expression, in parentheses so that it may have several lines; ``bare`` is its text without them.

    Raises:
        SyntaxError, ValueError, RecursionError: if it has no syntax tree.
    """

    def __init__(self, bare: str) -> None:
        super().__init__("", f"({bare})")
        self.bare = bare
        self.node = parse_expression(self.text)

    def changed(self, node: ast.expr, splices: Iterable[Splice]) -> str:
        """Return the text of *node* with *splices* within it in place."""
        start, end = self.span(node)
        text = self.replaced(splices).text
        return text[start : len(text) - len(self.text) + end]
