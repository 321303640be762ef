"""Where tokens and statements of SQL begin and end, by psql's rules, whatever the server's version.

Only the keywords that enclose statements have a meaning here, so SQL that is newer than any parser is divided
rightly. Linear in the text. Authority: PostgreSQL manual, "Lexical Structure" and "psql": semicolons in
parentheses and in CREATE FUNCTION … BEGIN ATOMIC … END do not end a statement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n\r]* )
    | (?P<block> /\* )
    | (?P<string> [eE]'(?:[^'\\]|\\.|'')*' (?:\s*[\n\r]\s*'(?:[^'\\]|\\.|'')*')* | '[^']*(?:''[^']*)*' )
    | (?P<name> "[^"]*(?:""[^"]*)*" )
    | (?P<dollar> \$(?:[^\W\d]\w*)?\$ )
    | (?P<word> [^\W\d][\w$]* )
    | (?P<number> \d[\w.]* | \$\d+ )
    | (?P<end> ; )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<command> \\[^\n\r]* )
    | (?P<unclosed> ['"] )
    | (?P<other> \S )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ROUTINE = re.compile(r"create (?:or replace )?(?:function|procedure)\b")
_ROUTINE_WORDS = 4  # CREATE OR REPLACE FUNCTION


class Token(NamedTuple):
    """A token: its kind, and where it begins and ends in the text.

    Kinds: ``comment``, ``string`` (dollar-quoted ones too), ``name`` (a quoted identifier), ``word``, ``number``,
    ``end`` (a semicolon), ``open`` and ``close`` (parentheses), ``command`` (of psql, up to the end of its line),
    ``other``, and ``unclosed``: a quote or comment that does not end, with the rest of the text.
    """

    kind: str
    start: int
    end: int


class Span(NamedTuple):
    """A statement: from its first token to the end of its last one; the semicolon is left out."""

    start: int
    end: int


def next_token(text: str, place: int) -> Token | None:
    """Return the first token of *text* at or after *place*, or None; comments are tokens, blanks are not."""
    found = _TOKEN.search(text, place)
    if found is None:
        return None
    kind, end = found.lastgroup or "", found.end()
    if kind == "block":
        kind, end = _closed("comment", _comment_end(text, end), text)
    elif kind == "dollar":
        closing = text.find(found[0], end)
        kind, end = _closed("string", closing + len(found[0]) if closing >= 0 else None, text)
    elif kind == "unclosed":
        end = len(text)
    return Token(kind, found.start(), end)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of *text*, comments included, blanks left out."""
    place = 0
    while token := next_token(text, place):
        yield token
        place = token.end


def _closed(kind: str, end: int | None, text: str) -> tuple[str, int]:
    return ("unclosed", len(text)) if end is None else (kind, end)


def _comment_end(text: str, place: int) -> int | None:
    """Return the place after the block comment that is open at *place*; they nest."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(text, place):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return None


def statements(text: str) -> Iterator[Span]:
    """Yield the statements of *text*, which holds no commands of psql. One that does not end takes the rest."""
    first = last = -1
    depth = blocks = 0
    words: list[str] = []  # the first ones
    routine = False
    for token in tokens(text):
        if token.kind == "comment":
            continue
        if token.kind == "end" and depth == blocks == 0:
            if first >= 0:
                yield Span(first, last)
            first, words, routine = -1, [], False
            continue
        first = token.start if first < 0 else first
        last = token.end
        if token.kind in {"open", "close"}:
            depth = max(0, depth + (1 if token.kind == "open" else -1))
        elif token.kind == "word":
            if len(words) < _ROUTINE_WORDS:
                words.append(text[token.start : token.end].lower())
                routine = _ROUTINE.match(" ".join(words)) is not None
            if routine and depth == 0:
                blocks = _blocks(blocks, text[token.start : token.end].lower())
    if first >= 0:
        yield Span(first, len(text.rstrip()) if depth or blocks else last)


def _blocks(blocks: int, word: str) -> int:
    """Return how many blocks are open after *word*: BEGIN ATOMIC … END, and CASE … END within it."""
    if word == "begin" or (word == "case" and blocks):
        return blocks + 1
    return max(0, blocks - 1) if word == "end" else blocks
