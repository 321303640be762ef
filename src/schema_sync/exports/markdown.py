"""How names, types, comments and conditions of a database are written into documents: as text, never as markup."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from schema_sync.model.catalog import QName
from schema_sync.reports.escaping import code as referenced
from schema_sync.reports.escaping import html_entity, markdown, printable

LONGEST_SLUG = 60
LONGEST_TEXT = 10_000
_PLAIN = re.compile(rf"[a-z0-9_]{{1,{LONGEST_SLUG}}}")
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")  # Windows keeps these names for itself
_TOKENS = re.compile(r"""E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*\"""", re.DOTALL)
_NOT_IN_BACKTICKS = re.compile(r"[`|]|<[!/?A-Za-z]")
_SHORTEST_MIXED, _SHORTEST_UNBROKEN = 6, 20


def slug(name: str) -> str:
    """Return *name* as a file name that is safe, and no other's, on any file system.

    A name that is plain stays; any other loses what is odd and gains eight digits of its own, behind a hyphen,
    which no plain name has: two that differ in case only differ in these.
    """
    if _PLAIN.fullmatch(name) and not _DEVICES.fullmatch(name):
        return name
    rest = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")[:LONGEST_SLUG] or "x"
    return f"{rest}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def page(name: QName) -> str:
    """Return the path of a relation's page."""
    return f"{slug(name.schema)}/{slug(name.name)}.md"


def anchor(name: QName) -> str:
    """Return the anchor of an object on a page that holds several."""
    return f"{slug(name.schema)}.{slug(name.name)}"


def short(name: QName, schemas: Iterable[str]) -> str:
    """Return *name* without its schema where only that one is documented, unescaped."""
    return name.name if tuple(schemas) == (name.schema,) else str(name)


def code(text: str) -> str:
    """Return *text* as inline code, in backticks where it can stand in them, in a table too."""
    plain = text.isprintable() and not _NOT_IN_BACKTICKS.search(text) and text.strip(" ") == text != ""
    return f"`{text}`" if plain else referenced(text)


def prose(text: str) -> str:
    """Return *text* of several lines for a paragraph or a cell of Markdown: no line of it starts a block.

    Of a text longer than ``LONGEST_TEXT`` characters it is the beginning, and how much more there is.
    """
    text, more = _beginning(text.strip())
    return "<br>".join([*filter(None, (_line(line.strip()) for line in re.split(r"\r\n|\r|\n", text))), *more])


def _beginning(text: str) -> tuple[str, list[str]]:
    rest = len(text) - LONGEST_TEXT
    return (text[:LONGEST_TEXT], [f"… ({rest:,} more characters)"]) if rest > 0 else (text, [])


def _line(text: str) -> str:
    """Return a line that starts no list, quote, heading or rule: with a letter, a reference or code."""
    shown = markdown(text)
    if not text or text[0].isalpha() or not text[0].isprintable() or shown.startswith("<"):
        return shown
    return html_entity(text[0]) + markdown(text[1:])


def condition(text: str, known: frozenset[str]) -> str:
    """Return an SQL expression as code; what looks like a secret in it is ``'…'``, but for *known* labels.

    It is cut as ``prose`` is. Each of its lines is one in the cell of a table too.
    """
    lines, more = _sql_lines(text, known)
    return " ".join(["<br>".join(code(line.strip()) for line in lines if line.strip()) or code(""), *more])


def sql_block(text: str, known: frozenset[str]) -> list[str]:
    """Return a statement of SQL as the lines of a fenced block, without secrets and cut as in ``condition``."""
    lines, more = _sql_lines(text, known)
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}sql", *lines, fence, *more]


def _sql_lines(text: str, known: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return the lines of SQL, and how much was cut.

    Only line breaks between tokens part lines: one in a string or a name is written as an escape, so that no line
    of a document is what such a text wants it to be.
    """
    shown, more = _beginning(_TOKENS.sub(lambda found: printable(_masked(found[0], known)), text))
    return [printable(line).rstrip() for line in shown.split("\n")], more


def without_secrets(text: str, known: frozenset[str]) -> str:
    """Return an SQL expression, unescaped; what looks like a secret in it is ``'…'``, but for *known* labels."""
    return _TOKENS.sub(lambda found: _masked(found[0], known), text)


def _masked(token: str, known: frozenset[str]) -> str:
    if token.startswith('"'):
        return token
    value = token[token.index("'") + 1 : -1]
    return token if value in known or not looks_secret(value) else "'…'"


def looks_secret(value: str) -> bool:
    """Return whether a literal may be a key or a password: unbroken, and letters mixed with digits, or long.

    A regular expression that is bound to the start (``^``) is none.
    """
    if value.startswith("^") or any(char.isspace() for char in value):
        return False
    mixed = any(c.isalpha() for c in value) and any(c.isdigit() for c in value)
    unbroken = not re.search(r"[_\-./:,]", value)
    return (mixed and len(value) >= _SHORTEST_MIXED) or (unbroken and len(value) >= _SHORTEST_UNBROKEN)


def table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the lines of a Markdown table, without columns that hold nothing; the cells are escaped already."""
    columns = [c for c in zip(heading, *rows, strict=True) if any(c[1:])]
    if not columns:
        return []
    first, *others = zip(*columns, strict=True)
    return [f"| {' | '.join(line)} |" for line in (first, ["---"] * len(first), *others)]
