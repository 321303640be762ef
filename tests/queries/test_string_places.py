"""Where a part of a string stands in a file, however the string is written."""

from __future__ import annotations

import ast

import pytest

from schema_sync.codebase.queries.lines import Lines
from schema_sync.codebase.syntax import parse
from schema_sync.model.faults import Place
from schema_sync.model.queries import Span, Text
from schema_sync.queries.string_places import span_of


def shown(source: str, start: int, end: int) -> str:
    """Return what the file has for the characters *start* to *end* of the first string in *source*."""
    lines = source.split("\n")
    node = next(each for each in ast.walk(parse(source)) if isinstance(each, ast.Constant))
    assert isinstance(node.value, str)
    span = Lines(lines).span(node)
    found = span_of(Place(span=span, text=Text(value=node.value, span=span), start=start, end=end), lines)
    if found.line == found.end_line:
        return lines[found.line - 1][found.column - 1 : found.end_column - 1]
    first, *between = lines[found.line - 1 : found.end_line]
    return "\n".join([first[found.column - 1 :], *between[:-1], between[-1][: found.end_column - 1]])


def value_of(source: str) -> str:
    node = next(each for each in ast.walk(parse(source)) if isinstance(each, ast.Constant))
    assert isinstance(node.value, str)
    return node.value


@pytest.mark.parametrize(
    ("source", "part", "written"),
    [
        ('x = "id, total"', "total", "total"),
        ("x = 'id, total'", "id", "id"),
        ('x = "größe, total"', "total", "total"),
        ('ü = "日本"; x = 1', "本", "本"),
        ('x = "a\\tb, total"', "total", "total"),
        ('x = "a\\tb"', "\t", "\\t"),
        ('x = "a\\"b, total"', "total", "total"),
        ('x = "\\x41\\101\\u0041\\U00000041\\N{LATIN SMALL LETTER A}, total"', "total", "total"),
        ('x = "\\x41, \\u0042"', "B", "\\u0042"),
        ('x = "a\\d, total"', "total", "total"),
        ('x = "a\\d, total"', "\\d", "\\d"),
        ('x = r"a\\tb, total"', "total", "total"),
        ('x = r"a\\"b, total"', "total", "total"),
        ("x = R'a\\'b, total'", "total", "total"),
        ('x = u"id, total"', "total", "total"),
        ('x = """\n  id,\n  total\n"""', "total", "total"),
        ("x = '''id, 'total' '''", "total", "total"),
        ('x = """a""" "b" \'c\' r"d, total"', "total", "total"),
        ('x = ("id, "\n     "total")', "total", "total"),
        ('x = ("id, "  # it\'s the key\n     # and "another" remark\n     "total")', "total", "total"),
        ('x = "id, " \\\n    "total"', "total", "total"),
        ('x = "id, \\\n  total"', "total", "total"),
        ('x = ("to" "tal")', "total", 'to" "tal'),
        ('x = ("to"\n  "tal")', "total", 'to"\n  "tal'),
        ('x = "" "id"', "id", "id"),
    ],
)
def test_a_part_is_found(source: str, part: str, written: str) -> None:
    start = value_of(source).index(part)
    assert shown(source, start, start + len(part)) == written


@pytest.mark.parametrize(
    "source",
    ['x = "id"', 'x = "größe" "\\N{BULLET}"', 'x = """\n"""', "x = r'\\n' 'a\\\nb'", 'x = "\\1234\\x00"'],
)
def test_each_character_has_a_place(source: str) -> None:
    value = value_of(source)
    for number in range(len(value)):
        written = shown(source, number, number + 1)
        assert written == value[number].strip("\n") or written.startswith("\\")


def test_what_is_beyond_the_end_is_the_whole_string() -> None:
    assert shown('x = "id, total"', 9, 10) == '"id, total"'
    assert shown('x = "id, total"', 4, 20) == '"id, total"'


def test_what_is_no_part_of_a_string_stays() -> None:
    span = Span(line=1, column=2, end_line=3, end_column=4)
    assert span_of(Place(span=span), []) == span
