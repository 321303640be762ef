"""Values and types as Python source text.

Names, labels and markers of a database are hostile input: whatever they hold, what is written is one literal.
Layout follows the Black code style (as ``ruff format`` applies it) at its default of 88 columns.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from schema_sync.mapping.names import is_snake, member_name

WIDTH = 88
_NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
_ESCAPES = (("x", 2), ("u", 4), ("U", 8))
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def quoted(value: str, quote: str = '"', encoding: str = "utf-8") -> str:
    """Return *value* as a string literal on one line, with *quote* unless the other one saves escapes.

    Letters stay readable; control and format characters (bidirectional marks among them), and what
    *encoding* cannot hold, are escaped.
    """
    other = "'" if quote == '"' else '"'
    used = other if value.count(quote) > value.count(other) else quote
    return used + _escaped(value, used, encoding) + used


def docstring(value: str, encoding: str = "utf-8") -> str:
    """Return *value* as a docstring literal on one line."""
    return in_quotes(_escaped(value, "", encoding))


def in_quotes(text: str, mark: str = '"""') -> str:
    """Return the escaped *text* between triple quotes, so that no quote of it ends the literal."""
    text = text.replace(mark, "".join(f"\\{char}" for char in mark))
    if text.endswith(mark[0]):
        text = f"{text[:-1]}\\{mark[0]}"
    return f"{mark}{text}{mark}"


def escaped_line(line: str, encoding: str) -> str:
    """Return a line of a docstring's value as it is written; its indentation stays."""
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)] + _escaped(text, "", encoding)


def _escaped(text: str, quote: str, encoding: str) -> str:
    if text.isascii() and text.isprintable() and "\\" not in text and (not quote or quote not in text):
        return text
    return "".join(_escaped_character(char, quote, encoding) for char in text)


def _escaped_character(char: str, quote: str, encoding: str) -> str:
    if char in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[char]
    if char == quote:
        return "\\" + char
    if char.isprintable() and char not in _INVISIBLE and encodable(char, encoding):
        return char
    digits = f"{ord(char):x}"
    return next(f"\\{mark}{digits.zfill(width)}" for mark, width in _ESCAPES if len(digits) <= width)


def encodable(text: str, encoding: str) -> bool:
    """Whether a file in *encoding* can hold *text* as it is."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def named(label: str, taken: Collection[str], *, upper: bool, encoding: str) -> str:
    """Return a name for the member of an enum label that a file in *encoding* can hold."""
    name = member_name(label, taken, upper=upper)
    if encodable(name, encoding) and name.isidentifier():
        return name
    bare = label.encode("ascii", "ignore").decode() or "value"
    return member_name(bare, taken, upper=upper, own=label)


def all_named(labels: Sequence[str], *, upper: bool, encoding: str) -> dict[str, str]:
    """Return names for the members of *labels*, in their order.

    Where labels ask for one name, that which is spelled like it has it; the order decides nothing.
    """
    found: dict[str, str] = {}
    for label in sorted(labels, key=lambda each: (not is_snake(each), each)):
        found[label] = named(label, set(found.values()), upper=upper, encoding=encoding)
    return {label: found[label] for label in labels}


def columns(text: str) -> int:
    """Return how many columns a line takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "FW" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


@dataclass(frozen=True)
class Spelled:
    """A type spelled out: a name with arguments in brackets, or alternatives of a union.

    ``late`` marks a type that names a class which the file defines only further down.
    """

    head: str
    arguments: tuple[Spelled, ...] = ()
    union: bool = False
    late: bool = False

    @cached_property
    def heads(self) -> frozenset[str]:
        """The names that the type begins with, and those of its parts, each up to the first dot."""
        return frozenset({self.head.partition(".")[0]}).union(*(argument.heads for argument in self.arguments))

    @cached_property
    def text(self) -> str:
        """The type on one line."""
        inner = [argument.text for argument in self.arguments]
        if self.union:
            return " | ".join(inner)
        return f"{self.head}[{', '.join(inner)}]" if inner else self.head

    def fitted(self, prefix: int, indent: str, suffix: int = 0) -> str:
        """Return the type broken over lines where it does not fit behind *prefix* columns."""
        flat = self.text
        if prefix + columns(flat) + suffix <= WIDTH or self.union or not self.arguments:
            return flat
        inner = indent + "    "
        first, *others = self.arguments
        joined = ", ".join(argument.text for argument in self.arguments)
        if not others:
            lines = [first.fitted(len(inner), inner)]
        elif len(inner) + columns(joined) > WIDTH:
            lines = [a.fitted(len(inner), inner, 1) + "," for a in self.arguments]
        else:
            lines = [joined]
        return f"{self.head}[\n" + "".join(f"{inner}{line}\n" for line in lines) + f"{indent}]"


def annotated(key: str, kind: Spelled, indent: str) -> str:
    """Return ``key: type`` laid out for a class body that is indented by *indent*."""
    head = f"{key}: "
    if len(indent) + columns(head + kind.text) <= WIDTH:
        return head + kind.text
    first = len(indent) + columns(head) + columns(kind.head) + 1
    text = kind.fitted(len(indent) + columns(head), indent)
    inner = indent + "    "
    too_long = len(indent) + columns(head + text.partition("\n")[0]) > WIDTH
    if (too_long or (kind.arguments and not kind.union and first > WIDTH)) and (
        len(inner) + columns(kind.text) <= WIDTH
    ):
        return f"{head}(\n{inner}{kind.text}\n{indent})"
    return head + text


def assigned(name: str, value: str, indent: str) -> str:
    """Return ``name = value`` laid out for a class body that is indented by *indent*."""
    flat = f"{name} = {value}"
    if len(indent) + columns(flat) > WIDTH and len(indent) + 4 + columns(value) <= WIDTH:
        return f"{name} = (\n{indent}    {value}\n{indent})"
    return flat
