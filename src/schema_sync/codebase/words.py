"""The words of Python files, apart from what their classes declare."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from schema_sync.codebase.source_file import SourceFile
from schema_sync.model.declarations import RowDeclaration

_WORD = re.compile(r"\w+")
_IN_SQL = re.compile(r'\b(?:from|join)\s+(?:[\\"]*\w+[\\"]*\.)?[\\"]*(\w+)(?![\w.]|\s+import)')


class Words(NamedTuple):
    """Words in lower case; ``in_sql`` are those behind FROM or JOIN."""

    all: frozenset[str]
    in_sql: frozenset[str]


def words_outside(sources: Mapping[str, bytes], rows: Iterable[RowDeclaration]) -> Words:
    """Return the words in *sources*: in names, strings and comments, but not in the items of *rows*.

    A SQLAlchemy class counts as other code does: it sends queries that nobody writes.
    """
    declared: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.form != "sqlalchemy":
            declared[row.at.path].add(row.at.line)
    texts = [
        (
            _without_items(SourceFile.decode(path, content), declared[path])
            if path in declared
            else content.decode(errors="replace")
        ).lower()
        for path, content in sources.items()
    ]
    found = (frozenset(word for text in texts for word in pattern.findall(text)) for pattern in (_WORD, _IN_SQL))
    return Words(*found)


def _without_items(file: SourceFile, classes: set[int]) -> str:
    """Return the text of *file* less the items of the classes that begin on these lines."""
    lines = [*file.lines]
    for node in ast.walk(file.tree):
        if isinstance(node, ast.stmt) and node.lineno in classes:
            for each in _items(node):
                for number in range(each.lineno, (each.end_lineno or each.lineno) + 1):
                    lines[number - 1] = ""
    return "\n".join(lines)


def _items(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield what declares the items of a class, and its docstring; of a functional TypedDict all of it."""
    if isinstance(node, ast.ClassDef):
        yield from (each for each in node.body if isinstance(each, ast.AnnAssign | ast.Expr))
    else:
        yield node
