"""PostgREST's grammar of filters, ``or`` and ``and``, and orders, with the place of each name.

Authority: as in ``select_lists``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from schema_sync.queries.select_lists import GrammarError, Name, Scanner

_COMPARISON = r"(?:eq|gte|gt|lte|lt|like|ilike|match|imatch)(?:\((?:any|all)\))?"
_SEARCH = r"(?:fts|plfts|phfts|wfts)(?:\([\w $]+\))?"
_OPERATOR = re.compile(rf"(?:not\.)?({_COMPARISON}|{_SEARCH}|neq|in|isdistinct|is|cs|cd|ov|sl|sr|nxr|nxl|adj)\.")
_VALUE = re.compile(r"\{[^{}]*\}|[^,)]*")
_IS = re.compile("null|not_null|true|false|unknown", re.IGNORECASE)


class Column(NamedTuple):
    """A column in a filter or an order; ``embeds`` lead to its table, ``path`` says if a JSON path follows."""

    embeds: tuple[Name, ...]
    name: Name
    path: bool = False


class Condition(NamedTuple):
    """A filter in a text: its column, its operator and the values that it compares with."""

    column: Column
    operator: str
    values: tuple[Name, ...]


def filter_column(text: str) -> Column:
    """Parse what a filter is about: ``total``, ``author.name``, ``data->>kind``.

    Raises:
        GrammarError: if PostgREST cannot parse it.
    """
    scanner = Scanner(text)
    names = [scanner.name()]
    while scanner.take("."):
        names.append(scanner.name())
    path = scanner.sees("->")
    scanner.json_path()
    if not scanner.is_at_end:
        raise scanner.error("'.', '->' or the end expected")
    return Column(tuple(names[:-1]), names[-1], path)


def operator_name(text: str) -> str:
    """Return the operator in *text*, such as ``eq`` in ``not.eq(any)``.

    Raises:
        GrammarError: if PostgREST has none of that name.
    """
    scanner = Scanner(f"{text}.")
    operator = _operator(scanner)
    if not scanner.is_at_end:
        raise GrammarError("the operator ends before", scanner.at)
    return operator


def conditions(text: str, *, in_brackets: bool = False) -> tuple[Condition, ...]:
    """Parse what stands in the brackets of ``or=(…)``, or with them.

    Raises:
        GrammarError: if PostgREST cannot parse it.
    """
    scanner = Scanner(text)
    found = scanner.in_brackets(_conditions) if in_brackets else _conditions(scanner)
    if not scanner.is_at_end:
        raise scanner.error("',' or the end expected")
    return tuple(found)


def order_columns(text: str) -> tuple[Column, ...]:
    """Parse what rows are ordered by: ``total.desc.nullslast,author(name)``.

    Raises:
        GrammarError: if PostgREST cannot parse it.
    """
    scanner = Scanner(text)
    columns = [_order_column(scanner)]
    while scanner.take(","):
        columns.append(_order_column(scanner))
    if not scanner.is_at_end:
        raise scanner.error("asc, desc, nullsfirst, nullslast, ',' or the end expected")
    return tuple(columns)


def _order_column(scanner: Scanner) -> Column:
    embeds: tuple[Name, ...] = ()
    name = scanner.name()
    if scanner.take("("):
        embeds, name = (name,), scanner.name()
    path = scanner.sees("->")
    scanner.json_path()
    if embeds:
        scanner.expect(")")
    _ = scanner.take(".asc") or scanner.take(".desc")
    _ = scanner.take(".nullsfirst") or scanner.take(".nullslast")
    scanner.skip_blanks()
    return Column(embeds, name, path)


def _conditions(scanner: Scanner) -> list[Condition]:
    found = _condition(scanner)
    while scanner.take(","):
        found += _condition(scanner)
    return found


def _condition(scanner: Scanner) -> list[Condition]:
    """Read a filter, or ``and(…)`` or ``or(…)`` with filters in it."""
    scanner.skip_blanks()
    start = scanner.at
    scanner.take("not.")
    if scanner.take("and") or scanner.take("or"):
        scanner.skip_blanks()
        if scanner.sees("("):
            return scanner.in_brackets(_conditions)
    scanner.at = start
    name = scanner.name()
    path = scanner.sees("->")
    scanner.json_path()
    scanner.skip_blanks()
    scanner.expect(".")
    operator = _operator(scanner)
    return [Condition(Column((), name, path), operator, _values(scanner, operator))]


def _operator(scanner: Scanner) -> str:
    found = _OPERATOR.match(scanner.text, scanner.at)
    if found is None:
        word = scanner.text[scanner.at :].removeprefix("not.").partition(".")[0]
        raise GrammarError(f"{word!r} is not an operator of PostgREST", scanner.at)
    scanner.at = found.end()
    return found[1].partition("(")[0]


def _values(scanner: Scanner, operator: str) -> tuple[Name, ...]:
    if operator == "in":
        return _listed(scanner)
    value = _value(scanner)
    if operator == "is" and not _IS.fullmatch(value.text.strip()):
        raise GrammarError("null, not_null, true, false or unknown expected after 'is.'", value.start)
    return (value,)


def _listed(scanner: Scanner) -> tuple[Name, ...]:
    scanner.skip_blanks()
    scanner.expect("(")
    values = [_value(scanner)]
    while scanner.take(","):
        values.append(_value(scanner))
    scanner.expect(")")
    scanner.skip_blanks()
    return tuple(values)


def _value(scanner: Scanner) -> Name:
    """Read a quoted value, an array in braces, or all up to a comma or a closing bracket."""
    start = scanner.at
    if scanner.sees('"'):
        value = scanner.name()
        if scanner.is_at_end or scanner.sees(",") or scanner.sees(")"):
            return value
        scanner.at = start
    plain = _VALUE.match(scanner.text, start)
    scanner.at = plain.end() if plain else start
    return Name(scanner.text[start : scanner.at], start, scanner.at)
