"""PostgREST's grammar of select lists, with the place of each name.

Authority: PostgREST's own parser (its module ``ApiRequest.QueryParams``) and its documentation, "Tables and Views"
and "Resource Embedding". Where that parser stops before the end of a text and drops the rest in silence, this one
reports an error: what is dropped is never what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

_T = TypeVar("_T")
_DEEPEST = 100

_NAME_CHARACTERS = frozenset("0123456789_ $")
_PLAIN_NAME = re.compile(r"[ \t]*([0-9A-Za-z_$]+)(?![-\w $])")
_PLAIN_COLUMN = re.compile(r"[ \t]*([0-9A-Za-z_$]+)[ \t]*(?=[,)]|\Z)")
_JSON_KEY_ENDS = frozenset("(-:.,>)")
_INDEX = re.compile(r"-?[0-9]+(?=->|::|[.,]|\Z)")
_AGGREGATES = ("sum", "avg", "count", "max", "min")


class GrammarError(ValueError):
    """A text that PostgREST cannot parse: what is wrong, and at which character, counted from 0."""

    def __init__(self, why: str, offset: int) -> None:
        super().__init__(why)
        self.why, self.offset = why, offset


class Name(NamedTuple):
    """A name in a text: characters *start* to *end* of it."""

    text: str
    start: int
    end: int


class Field(NamedTuple):
    """A column, or ``*``; ``path`` states whether a JSON path follows.

    ``aggregate`` is empty or the function's name; ``count()`` without a column has the name ``*``.
    """

    name: Name
    alias: str = ""
    path: bool = False
    cast: str = ""
    aggregate: str = ""
    key: str = ""

    @property
    def result(self) -> str:
        """The key that it has in the result; a JSON path gives its last key that is no index."""
        return self.alias or self.aggregate or self.key or self.name.text


class Embed(NamedTuple):
    """An embedded table: ``alias:target!hint!inner(items)``; ``...target(items)`` spreads its items."""

    target: Name
    items: tuple[Field | Embed, ...]
    alias: str = ""
    hint: Name | None = None
    spread: bool = False

    @property
    def result(self) -> str:
        """The key that it has in the result."""
        return self.alias or self.target.text


class Scanner:
    """A text and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def sees(self, start: str) -> bool:
        """Return whether *start* comes next."""
        return self.text.startswith(start, self.at)

    def take(self, start: str) -> bool:
        """Go past *start* if it comes next, and return whether it did."""
        found = self.sees(start)
        if found:
            self.at += len(start)
        return found

    def expect(self, start: str) -> None:
        """Go past *start*.

        Raises:
            GrammarError: if something else comes next.
        """
        if not self.take(start):
            raise self.error(f"{start!r} expected")

    def error(self, why: str) -> GrammarError:
        """Return an error about what comes next."""
        found = f"{why}, not {self.text[self.at]!r}" if not self.is_at_end else f"{why}, not the end"
        return GrammarError(found, self.at)

    def skip_blanks(self) -> None:
        """Go past blanks and tabs."""
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1

    def name(self) -> Name:
        """Read a name: quoted, or of letters, digits, ``_``, ``$``, blanks and dashes."""
        if plain := _PLAIN_NAME.match(self.text, self.at):  # nearly all are: five times faster than what follows
            self.at = plain.end()
            return Name(plain[1], *plain.span(1))
        self.skip_blanks()
        start = self.at
        if self.sees('"'):
            return Name(self._quoted(), start, self.at)
        parts = [self._word()]
        while self.sees("-") and not self.sees("->"):
            self.at += 1
            parts.append(self._word())
        name = "-".join(parts)
        return Name(name, start, start + len(self.text[start : self.at].rstrip()))

    def name_before(self, mark: str) -> Name | None:
        """Read a name and the *mark* after it; where there is none, read nothing and return None."""
        start = self.at
        try:
            found = self.name()
        except GrammarError:
            self.at = start
            return None
        if self.take(mark) and not self.sees(mark):
            return found
        self.at = start
        return None

    def in_brackets(self, read: Callable[[Scanner], _T]) -> _T:
        """Return what *read* makes of the text between this bracket and the one that closes it."""
        opened = self.at
        self.expect("(")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise GrammarError(f"more than {_DEEPEST} brackets in each other", opened)
        found = read(self)
        self.depth -= 1
        if not self.take(")"):
            raise GrammarError("the bracket is not closed", opened)
        self.skip_blanks()
        return found

    def _word(self) -> str:
        start = self.at
        while self.at < len(self.text) and (
            self.text[self.at].isalpha() or self.text[self.at] in _NAME_CHARACTERS
        ):
            self.at += 1
        if self.at == start:
            raise self.error("a name expected")
        return self.text[start : self.at].strip()

    def _quoted(self) -> str:
        opened = self.at
        self.at += 1
        value = ""
        while not self.is_at_end and not self.sees('"'):
            self.take("\\")
            value += self.text[self.at : self.at + 1]
            self.at += 1
        if not self.take('"'):
            raise GrammarError("the quote is not closed", opened)
        return value

    def json_path(self) -> str:
        """Read ``->key``, ``->>key`` and ``->0`` as often as they come; return the last key, or an empty text."""
        key = ""
        while self.take("->>") or self.take("->"):
            if index := _INDEX.match(self.text, self.at):
                self.at = index.end()
            else:
                key = self._json_key()
        return key

    def _json_key(self) -> str:
        if self.sees('"'):
            return self._quoted()
        parts = [self._json_word()]
        while self.sees("-") and not self.sees("->"):
            self.at += 1
            parts.append(self._json_word())
        return "-".join(parts)

    def _json_word(self) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _JSON_KEY_ENDS:
            self.at += 1
        if self.at == start:
            raise self.error("a key of the JSON value expected")
        return self.text[start : self.at].strip()


def select_list(text: str) -> tuple[Field | Embed, ...]:
    """Parse the select list *text*.

    Raises:
        GrammarError: if PostgREST cannot parse it.
    """
    scanner = Scanner(text)
    items = _items(scanner)
    if not scanner.is_at_end:
        raise scanner.error("',' or the end expected")
    return items


def without_blanks(text: str) -> tuple[str, list[int]]:
    """Return *text* as supabase-py sends a select list, and the place in *text* of each character, and of its end.

    Authority: postgrest-py, ``base_request_builder``: white space outside of quotes goes.
    """
    kept: list[int] = []
    quoted = False
    for offset, char in enumerate(text):
        quoted ^= char == '"'
        if quoted or not char.isspace():
            kept.append(offset)
    return "".join(text[offset] for offset in kept), [*kept, len(text)]


def column_names(text: str) -> tuple[Name, ...]:
    """Parse names with commas between them, such as ``on_conflict`` has.

    Raises:
        GrammarError: if PostgREST cannot parse them.
    """
    scanner = Scanner(text)
    names = [scanner.name()]
    while scanner.take(","):
        names.append(scanner.name())
    if not scanner.is_at_end:
        raise scanner.error("',' or the end expected")
    return tuple(names)


def _items(scanner: Scanner) -> tuple[Field | Embed, ...]:
    scanner.skip_blanks()
    if scanner.is_at_end or scanner.sees(")"):
        return ()
    items = [_item(scanner)]
    while scanner.take(","):
        items.append(_item(scanner))
    return tuple(items)


def _item(scanner: Scanner) -> Field | Embed:
    if plain := _PLAIN_COLUMN.match(scanner.text, scanner.at):
        scanner.at = plain.end()
        return Field(Name(plain[1], *plain.span(1)))
    scanner.skip_blanks()
    start = scanner.at
    spread = scanner.take("...")
    embed = _embed(scanner, spread=spread)
    if embed is None and spread:
        raise scanner.error("a table and its columns in brackets expected after '...'")
    if embed is None:
        scanner.at = start
    found = embed or _field(scanner)
    scanner.skip_blanks()
    if not (scanner.is_at_end or scanner.sees(",") or scanner.sees(")")):
        raise scanner.error("',' or the end expected")
    return found


def _embed(scanner: Scanner, *, spread: bool) -> Embed | None:
    """Read an embedded table; return None where what comes is not one."""
    alias = None if spread else scanner.name_before(":")
    try:
        target = scanner.name()
    except GrammarError:
        return None
    hint: Name | None = None
    for _ in range(2):
        if scanner.take("!"):
            word = scanner.name()
            hint = hint if word.text in {"left", "inner"} else hint or word
    scanner.skip_blanks()
    if not scanner.sees("(") or target.text == "count":
        return None
    return Embed(target, scanner.in_brackets(_items), alias.text if alias else "", hint, spread)


def _field(scanner: Scanner) -> Field:
    start = scanner.at
    if scanner.take("*"):
        return Field(Name("*", start, scanner.at))
    alias = scanner.name_before(":")
    alias_text = alias.text if alias else ""
    scanner.skip_blanks()
    start = scanner.at
    if scanner.take("count()"):
        return Field(Name("*", start, scanner.at), alias_text, cast=_cast(scanner), aggregate="count")
    name = scanner.name()
    path = scanner.sees("->")
    key = scanner.json_path()
    cast = _cast(scanner)
    aggregate = ""
    if scanner.take("."):
        aggregate = next((each for each in _AGGREGATES if scanner.take(f"{each}()")), "")
        if not aggregate:
            raise scanner.error(f"one of {', '.join(f'{each}()' for each in _AGGREGATES)} expected after '.'")
        cast = _cast(scanner) or cast
    return Field(name, alias_text, path, cast, aggregate, key)


def _cast(scanner: Scanner) -> str:
    return scanner.name().text if scanner.take("::") else ""
