"""Names, labels and comments of a database are hostile input; here they become plain text."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200d\ufe0f")  # within emoji, such as those of the report itself
_PLAIN = re.compile(r"[^\W_]+(?:[ ,_-]+[^\W_]+|[./:](?=[^\W_]) ?[^\W_]+)*[.]?")


def printable(text: str, *, keep: str = "") -> str:
    """Return *text* with control, format and bidirectional characters as escapes, those in *keep* apart.

    A terminal can neither be steered nor misled by the result (Unicode Technical Report 36).
    """
    return "".join(
        c if c in keep or c in _JOINERS or unicodedata.category(c) not in _INVISIBLE else _escape(c) for c in text
    )


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def markdown(text: str) -> str:
    """Return *text* for GitHub Flavored Markdown, also in a table cell: shown as it is, never markup."""
    shown = printable(text)
    if _PLAIN.fullmatch(shown):
        return shown
    return "".join(c if c.isalnum() or c in " ,-" else html_entity(c) for c in shown)


def html_entity(char: str) -> str:
    """Return *char* as a numeric character reference."""
    return f"&#{ord(char)};"


def code(text: str) -> str:
    """Return *text* as inline code for Markdown, safe where backticks are not."""
    return f"<code>{markdown(text)}</code>"
