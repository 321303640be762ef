"""Where tokens and statements of SQL begin and end, by psql's rules, whatever the server's version.

Only the keywords that enclose statements have a meaning here, so SQL that is newer than any parser is divided
rightly. Linear in the text. As for the server, every character beyond ASCII is part of a name, a no-break space
too. Authority: PostgreSQL manual, "Lexical Structure" and "psql": semicolons in parentheses and in CREATE FUNCTION
… BEGIN ATOMIC … END do not end a statement; and PostgreSQL's ``scan.l``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Characters of a name, by what is none: a class of a million characters takes ten milliseconds to compile.
_FIRST = r"[^\x00-@\[-^`{-\x7f]"  # a letter, _ or beyond ASCII
_NEXT = r"[^\x00-/:-@\[-^`{-\x7f]"  # a digit too
_IN_WORD = r"[^\x00-#%-/:-@\[-^`{-\x7f]"  # and $
_TOKEN = re.compile(
    rf"""
    (?P<comment> --[^\n\r]* )
    | (?P<block> /\* )
    | (?P<quote> [eEbBxX]?' | " )
    | (?P<dollar> \$(?:{_FIRST}{_NEXT}*)?\$ )
    | (?P<word> {_FIRST}{_IN_WORD}* )
    | (?P<number> \$?[0-9]+ )
    | (?P<end> ; )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<command> \\[^\n\r]* )
    | (?P<other> [^ \t\n\r\f\v] )
    """,
    re.VERBOSE,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
# What matters within quotes: the single mark ends them, the others are part of the text.
_IN_NAME = re.compile(r'""|"')
_IN_STRING = re.compile(r"''|'")
_IN_ESCAPED = re.compile(r"\\.|''|'", re.DOTALL)
# A string goes on after white space with a line end in it; comments up to a line end count as white space.
_CONTINUED = re.compile(r"[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'")
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


def next_token(text: str, place: int, *, backslashes: bool = False) -> Token | None:
    """Return the first token of *text* at or after *place*, or None; comments are tokens, blanks are not.

    *backslashes*: a backslash escapes in every string, as with ``standard_conforming_strings`` off.
    """
    found = _TOKEN.search(text, place)
    if found is None:
        return None
    kind, end = found.lastgroup or "", found.end()
    if kind == "block":
        return _closed("comment", found.start(), _comment_end(text, end), text)
    if kind == "dollar":
        closing = text.find(found[0], end)
        return _closed("string", found.start(), closing + len(found[0]) if closing >= 0 else None, text)
    if kind == "quote" and found[0] == '"':
        return _closed("name", found.start(), _quote_end(text, end, _IN_NAME), text)
    if kind == "quote":
        escaped = found[0] in {"e'", "E'"} or (backslashes and found[0] == "'")
        marks = _IN_ESCAPED if escaped else _IN_STRING
        return _closed("string", found.start(), _string_end(text, end, marks), text)
    return Token(kind, found.start(), end)


def tokens(text: str, *, backslashes: bool = False) -> Iterator[Token]:
    """Yield the tokens of *text*, comments included, blanks left out; *backslashes* as for ``next_token``."""
    place = 0
    while token := next_token(text, place, backslashes=backslashes):
        yield token
        place = token.end


def _closed(kind: str, start: int, end: int | None, text: str) -> Token:
    return Token("unclosed", start, len(text)) if end is None else Token(kind, start, end)


def _string_end(text: str, place: int, marks: re.Pattern[str]) -> int | None:
    """Return the place after the string that is open at *place*, which may go on in a later line."""
    while end := _quote_end(text, place, marks):
        again = _CONTINUED.match(text, end)
        if again is None:
            return end
        place = again.end()
    return None


def _quote_end(text: str, place: int, marks: re.Pattern[str]) -> int | None:
    return next((mark.end() for mark in marks.finditer(text, place) if len(mark[0]) == 1), None)


def _comment_end(text: str, place: int) -> int | None:
    """Return the place after the block comment that is open at *place*; they nest."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(text, place):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return None


def statements(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start of each statement's first token in *text*, and the end of its last; no semicolon is in them.

    The text holds no commands of psql. A statement that does not end takes the rest.
    """
    first = last = -1
    depth = blocks = 0
    words: list[str] = []  # the first ones
    routine = False
    for token in tokens(text):
        if token.kind == "comment":
            continue
        if token.kind == "end" and depth == blocks == 0:
            if first >= 0:
                yield first, last
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
        yield first, len(text.rstrip()) if depth or blocks else last


def _blocks(blocks: int, word: str) -> int:
    """Return how many blocks are open after *word*: BEGIN ATOMIC … END, and CASE … END within it."""
    if word == "begin" or (word == "case" and blocks):
        return blocks + 1
    return max(0, blocks - 1) if word == "end" else blocks
