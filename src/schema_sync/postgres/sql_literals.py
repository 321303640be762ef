"""SQL as Python code has it: the one statement in it, with the server's parameters, and the names that it changes.

Authority: psycopg's manual, "Passing parameters to SQL queries"; SQLAlchemy's, ``text``; PostgreSQL manual,
"PREPARE" (``$1``).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from schema_sync.postgres.sql_lexer import next_token, statements, tokens

if TYPE_CHECKING:
    from schema_sync.model.queries import Sql

LONGEST = 20_000
"""How many characters the server is given: it takes seconds for some statements of ten times the length."""
_QUERIES = frozenset({"select", "insert", "update", "delete", "merge", "values", "table", "with"})
_OTHERS = frozenset({
    *("alter", "call", "copy", "create", "do", "drop", "explain", "grant", "lock", "refresh", "set", "truncate"),
})  # fmt: skip
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")
_COLON = re.compile(r"(?<![:\w]):(\w+)")
_PERCENT = re.compile(r"%(?:%|\((\w+)\)[sbt]|[sbt])")


class Statement(NamedTuple):
    """A statement as the server is given it.

    Attributes:
        sql: its text.
        places: offsets in it and in the code's string, from which on both go on alike.
        why: why the server is not asked; empty where it is.
    """

    sql: str
    places: tuple[tuple[int, int], ...] = ((0, 0),)
    why: str = ""

    def offset(self, place: int) -> int:
        """Return the offset in the code's string of the character *place* of the statement."""
        ours, theirs = self.places[bisect_right(self.places, place, key=lambda pair: pair[0]) - 1]
        return theirs + place - ours


def is_sql(text: str) -> bool:
    """Return whether *text* begins as a statement does."""
    return _first_word(text) in _QUERIES | _OTHERS


def statement_of(part: Sql) -> Statement:
    """Return the statement in *part*, and why the server is not asked about it."""
    text = part.text.value
    if len(text) > LONGEST:
        return Statement("", why=f"longer than {LONGEST:,} characters")
    if _UNSENDABLE.search(text):
        return Statement("", why="a NUL character, or half of a character")
    made = _numbered(text, part.placeholders)
    if len(list(statements(made.sql))) > 1:
        return made._replace(why="several statements")
    if _first_word(made.sql) not in _QUERIES:
        return made._replace(why="PostgreSQL looks up names only in queries and changes of rows")
    return made


def changed_names(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names in the statements of *text* that create or alter something, each behind that word."""
    for start, end in statements(text):
        statement = text[start:end]
        word = _first_word(statement)
        for token in tokens(statement) if word in {"alter", "create"} else ():
            if token.kind in {"word", "name"}:
                yield word, name_of(statement[token.start : token.end])


def name_of(text: str) -> str:
    """Return the name that an identifier gives."""
    return text[1:-1].replace('""', '"') if text.startswith('"') else text.lower()


def _first_word(text: str) -> str:
    place = 0
    while (token := next_token(text, place)) is not None and token.kind in {"comment", "open", "end"}:
        place = token.end
    return text[token.start : token.end].lower() if token is not None else ""


def _numbered(text: str, placeholders: str) -> Statement:
    """Return *text* with ``$1`` and so on in place of its placeholders; one name has one number."""
    found = {"percent": _percents, "colon": _colons}.get(placeholders)
    sql, done = "", 0
    places = [(0, 0)]
    numbers: dict[str, int] = {}
    for start, end, name in found(text) if found is not None else ():
        is_character = name in {"%", ":"}
        sql += text[done:start]
        sql += name if is_character else f"${numbers.setdefault(name or str(start), len(numbers) + 1)}"
        places.append((len(sql), end))
        done = end
    return Statement(sql + text[done:], tuple(places))


def _percents(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and name of psycopg's placeholders, in strings too; the name of ``%%`` is ``%``."""
    for match in _PERCENT.finditer(text):
        yield match.start(), match.end(), "%" if match[0] == "%%" else match[1] or ""


def _colons(text: str) -> Iterator[tuple[int, int, str]]:
    r"""Yield start, end and name of SQLAlchemy's placeholders; the name of ``\:`` is ``:``."""
    place = 0
    while (token := next_token(text, place)) is not None:
        place = token.end
        if text.startswith(r"\:", token.start):
            place = token.start + 2
            yield token.start, place, ":"
        elif (match := _COLON.match(text, token.start)) is not None:
            place = match.end()
            yield token.start, place, match[1]
