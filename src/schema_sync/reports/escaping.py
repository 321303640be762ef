"""Names, labels and comments of a database are hostile input; here they become plain text."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from schema_sync.model import json_text as json_encoding

_JOINERS = frozenset("\u200d\ufe0f")  # within emoji, such as those of the report itself
_LINES = re.compile(r"[^\n\t]+|[\n\t]+")
_SUMMONS = r"(?i)[@#]\w|://|www\.|\bGH-\d"
_WORD = r"(?i)(?!www\.)[('\"]*[^\W_]+(?:[./_-][^\W_]+)*(?::[0-9]+)?['\")]*[.,:;]?|→"


def printable(text: str, *, keep: str = "") -> str:
    """Return *text* with control, format and bidirectional characters as escapes, those in *keep* apart.

    A terminal can neither be steered nor misled by the result (Unicode Technical Report 36).
    """
    parts = _LINES.findall(text)  # most are printable as they are, and megabytes of diff are quickly through
    return "".join(part if part.isprintable() else _escaped(part, keep) for part in parts)


def _escaped(text: str, keep: str) -> str:
    shown = _JOINERS.union(keep)
    return "".join(
        c.encode("unicode_escape", "backslashreplace").decode("ascii")
        if c not in shown and unicodedata.category(c) in json_encoding.INVISIBLE
        else c
        for c in text
    )


def json_text(value: object, *, indent: int | None = None, encoder: msgspec.json.Encoder | None = None) -> str:
    """Return *value* as JSON with all that is invisible escaped, on one line without *indent*."""
    encoded = json_encoding.encode(value, encoder)
    return json_encoding.visible(
        (encoded if indent is None else msgspec.json.format(encoded, indent=indent)).decode()
    )


def markdown(text: str) -> str:
    """Return *text* for GitHub Flavored Markdown, also in a table cell: shown as it is, never markup.

    GitHub looks for people (@name), issues (#1, GH-1) and addresses in the text that it shows, where references
    are characters again, but not within code: a word that may be one of these is code.
    """
    return " ".join(code(w) if re.search(_SUMMONS, w) else _shown(w) for w in printable(text).split(" "))


def code(text: str) -> str:
    """Return *text* as inline code for Markdown, safe where backticks are not."""
    return f"<code>{' '.join(map(_shown, printable(text).split(' ')))}</code>"


def _shown(word: str) -> str:
    """Return a printable *word* with character references for all that could be markup."""
    if re.fullmatch(_WORD, word):
        return word
    return "".join(c if c.isalnum() or c in ",-" else html_entity(c) for c in word)


def html_entity(char: str) -> str:
    """Return *char* as a numeric character reference."""
    return f"&#{ord(char)};"
