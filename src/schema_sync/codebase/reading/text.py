"""A Python file as text: decoding, parsing, places and comments.

Authority: the Python language reference, "Lexical analysis", and PEP 263 (encoding declarations).
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Iterator

from schema_sync.codebase.reading.newer_syntax import needed_python
from schema_sync.model.declarations import Location, Unreadable

_LEXEME = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
    r"|\#[^\n]*",
    re.DOTALL,
)
_NESTED = "nested too deeply to parse"
_SHOWN_CHARACTERS = 60


class Text:
    """The decoded text of a file, lines ending with a bare newline."""

    def __init__(self, path: str, content: str) -> None:
        self.path = path
        self.content = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self.lines = self.content.split("\n")
        self._ascii = self.content.isascii()
        self._comments: dict[int, str] | None = None

    def at(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> Location:
        """Return the place where *node* starts; ``ast`` counts UTF-8 bytes, a Location counts characters."""
        column = node.col_offset
        if not self._ascii:
            column = len(self.lines[node.lineno - 1].encode()[:column].decode())
        return Location(path=self.path, line=node.lineno, column=column + 1)

    def segment(self, node: ast.expr) -> str | None:
        """Return the source of *node*, None where it spans lines."""
        if node.lineno != node.end_lineno:
            return None
        line = self.lines[node.lineno - 1]
        if self._ascii:
            return line[node.col_offset : node.end_col_offset]
        return line.encode()[node.col_offset : node.end_col_offset].decode()

    def shown(self, node: ast.expr) -> str:
        """Return the source of *node* for a message: its first line, cut where it is long."""
        whole = self.segment(node)
        words = self.lines[node.lineno - 1][self.at(node).column - 1 :].rstrip() if whole is None else whole
        cut = whole is None or len(words) > _SHOWN_CHARACTERS
        return f"{words[: _SHOWN_CHARACTERS - 1]}…" if cut else words

    def comments_in(self, node: ast.ClassDef) -> tuple[str, ...]:
        """Return the comments alone on their line in the body of a class, less those within its statements.

        A method, a nested class or a value that spans lines is such a statement: its comments are its own.
        """
        comments = self._all_comments()
        if not comments:
            return ()
        start = first_line(node.body[0])
        while start - 1 > node.lineno and self._holds_no_code(start - 1):
            start -= 1
        end = node.end_lineno or node.lineno
        while end < len(self.lines) and self._holds_no_code(end + 1):
            end += 1
        within = {n for part in node.body for n in range(first_line(part), (part.end_lineno or part.lineno) + 1)}
        indent = node.body[0].col_offset
        lines = (n for n in range(start, end + 1) if n not in within and self._comment_indent(n) == indent)
        return tuple(comments[n] for n in lines)

    def _holds_no_code(self, line: int) -> bool:
        text = self.lines[line - 1].strip()
        return not text or text.startswith("#")

    def comments_above(self, line: int, indent: int) -> tuple[str, ...]:
        """Return the comment lines that touch *line* from above and are indented by *indent* bytes."""
        comments = self._all_comments()
        start = line
        while comments and self._comment_indent(start - 1) == indent:
            start -= 1
        return tuple(comments[number] for number in range(start, line))

    def _comment_indent(self, line: int) -> int | None:
        if line not in self._all_comments():
            return None
        text = self.lines[line - 1]
        bare = text.lstrip()
        return len(text) - len(bare) if bare.startswith("#") else None

    def _all_comments(self) -> dict[int, str]:
        if self._comments is None:
            self._comments = dict(self._scan()) if "#" in self.content else {}
        return self._comments

    def _scan(self) -> Iterator[tuple[int, str]]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        for match in _LEXEME.finditer(self.content):
            lexeme = match.group()
            if lexeme.startswith("#"):
                yield bisect_right(starts, match.start()), lexeme.lstrip("#").strip()


def first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, its decorators included."""
    decorators = (
        node.decorator_list if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) else []
    )
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def decode(path: str, content: bytes | str) -> Text | Unreadable:
    """Return the text of a file; its encoding is that of its BOM, else its PEP 263 cookie, else UTF-8."""
    if isinstance(content, str):
        return Text(path, content)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return Text(path, content.decode(encoding))
    except UnicodeDecodeError as error:
        head = content[: error.start]
        return _unreadable(path, head.count(b"\n") + 1, error.start - head.rfind(b"\n"), str(error))
    except (SyntaxError, LookupError, UnicodeError) as error:
        return _unreadable(path, 1, 1, str(error))


def parse(text: Text) -> ast.Module | Unreadable:
    """Return the syntax tree of *text*, or where and why it has none. Nothing is run."""
    null = text.content.find("\0")
    if null >= 0:
        line = text.content.count("\n", 0, null)
        column = null - text.content.rfind("\n", 0, null)
        return _unreadable(text.path, line + 1, column, "source code cannot contain null bytes")
    try:
        return _parse(text.content)
    except SyntaxError as error:
        said = text.lines[error.lineno - 1] if error.lineno and error.lineno <= len(text.lines) else ""
        why = needed_python(said, error.msg) or error.msg
        return _unreadable(text.path, error.lineno or 1, error.offset or 1, why)
    except ValueError as error:
        return _unreadable(text.path, 1, 1, str(error))
    except (RecursionError, MemoryError):
        return _unreadable(text.path, 1, 1, _NESTED)


def parse_forward_reference(value: str) -> ast.expr | None:
    """Return the expression in a string annotation, None where it is malformed.

    Authority: the typing specification, "String annotations": text over several lines is read as if in
    parentheses.
    """
    stripped = value.strip()
    try:
        tree = _parse(f"({stripped})" if "\n" in stripped else stripped)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    only = tree.body[0] if len(tree.body) == 1 else None
    return only.value if isinstance(only, ast.Expr) else None


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as invalid escapes: the user's linter says so, not a sync
        return ast.parse(source)


def _unreadable(path: str, line: int, column: int, why: str) -> Unreadable:
    return Unreadable(at=Location(path=path, line=max(line, 1), column=max(column, 1)), why=why)


def docstring(statement: ast.stmt | None) -> str | None:
    """Return the text of a docstring statement as it stands; None for others.

    Its whitespace is left alone: a marker in it may quote a name that holds tabs or lines.
    """
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
        return None
    value = statement.value.value
    return value if isinstance(value, str) else None
