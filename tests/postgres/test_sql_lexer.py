"""The lexer finds the tokens that the server finds, so that no query gets out of its brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from schema_sync.errors import UsageError
from schema_sync.postgres.read_only_query import query_in
from schema_sync.postgres.sql_lexer import tokens
from schema_sync.remote.json_paging import single_statement

if TYPE_CHECKING:
    from conftest import Database

# text: its tokens as kind and text
ROWS: dict[str, list[tuple[str, str]]] = {
    "a /* b /* c */ d */ e": [("word", "a"), ("comment", "/* b /* c */ d */"), ("word", "e")],
    "a*/*/ b */+--c\nd": [
        *(("word", "a"), ("other", "*"), ("comment", "/*/ b */"), ("other", "+")),
        *(("comment", "--c"), ("word", "d")),
    ],
    "/* a /* b */": [("unclosed", "/* a /* b */")],
    "--": [("comment", "--")],
    "'a''b\\'c": [("string", "'a''b\\'"), ("word", "c")],
    "'a''": [("unclosed", "'a''")],
    "E'a\\'b''c' e'\\\\'": [("string", "E'a\\'b''c'"), ("string", "e'\\\\'")],
    "E'a\\'": [("unclosed", "E'a\\'")],
    "E'a' -- b\n --c\n\t'\\'d' 'e'": [("string", "E'a' -- b\n --c\n\t'\\'d'"), ("string", "'e'")],
    "'a'\n'b\\''c'": [("string", "'a'\n'b\\''c'")],
    "E'a' /* b */\n'c\\'": [("string", "E'a'"), ("comment", "/* b */"), ("string", "'c\\'")],
    "E'a'\n'b\\'": [("unclosed", "E'a'\n'b\\'")],
    "xE'a\\'": [("word", "xE"), ("string", "'a\\'")],
    "B'0\\' X'1\\' N'\\'": [
        *(("string", "B'0\\'"), ("string", "X'1\\'"), ("word", "N"), ("string", "'\\'")),
    ],
    "U&'\\0041' U&\"a\"\"b\" uescape '!'": [
        *(("word", "U"), ("other", "&"), ("string", "'\\0041'"), ("word", "U"), ("other", "&")),
        *(("name", '"a""b"'), ("word", "uescape"), ("string", "'!'")),
    ],
    '"a': [("unclosed", '"a')],
    "$$a$b$ $$ $a$ $A$ $ab$ $a$": [("string", "$$a$b$ $$"), ("string", "$a$ $A$ $ab$ $a$")],
    "$é1$ $é1$": [("string", "$é1$ $é1$")],
    "a$b$ $c": [("word", "a$b$"), ("other", "$"), ("word", "c")],
    "$1$ $1$2$a$;$a$": [
        *(("number", "$1"), ("other", "$"), ("number", "$1"), ("number", "$2"), ("string", "$a$;$a$")),
    ],
    "1a$b$ 2e'\\''": [("number", "1"), ("word", "a$b$"), ("number", "2"), ("string", "e'\\''")],
    "$a$ b": [("unclosed", "$a$ b")],
    "€$a$ a\u00a0b \u0663$a$": [("word", "€$a$"), ("word", "a\u00a0b"), ("word", "\u0663$a$")],
    "\u00a0e'\\'": [("word", "\u00a0e"), ("string", "'\\'")],
    "(;)\\gx ;\n;": [
        *(("open", "("), ("end", ";"), ("close", ")"), ("command", "\\gx ;"), ("end", ";")),
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", ROWS)
def test_the_tokens(text: str) -> None:
    assert [(token.kind, text[token.start : token.end]) for token in tokens(text)] == ROWS[text]


def test_a_backslash_escapes_in_plain_strings_where_the_setting_is_off() -> None:
    text = "'a\\'b' B'\\' X'\\' N'\\''"
    found = [text[token.start : token.end] for token in tokens(text, backslashes=True)]
    assert found == ["'a\\'b'", "B'\\'", "X'\\'", "N", "'\\''"]


# What may be taken for the beginning and for the end of a string, a comment or a name.
EDGES = [
    *(("'\\' ||'", " --'"), ("'\\', B'\\' ||'", " --'"), ("N'\\' ||'", " --'"), ("'\\', $a$", " --' || $a$")),
    *(("'\\'", "'"), ("'\\' ||'", "'"), ("E'\\'", "'"), ("'a' 'b\\'", "'"), ("'a'\n'\\'", "'"), ("B'0' '\\'", "'")),
    *(("E'a'\n'\\'", "'"), ("E'a' --\n'\\'", "'"), ("E'a' /* */\n'\\'", "'"), ("E'a'\f'\\'", "'"), ("'", "\\'")),
    *(("U&'\\'", "'"), ('U&"\\"', '"'), ("N'\\'", "'"), ("1 as N'\\'", "'"), ("x'0' '\\'", "'"), ("'''\\'", "'")),
    *(("$$", "$$"), ("$a$", "$a$"), ("$a$", "$A$"), ("1 as a$a$", ", 1 as b$a$"), ("1 as €$a$", ", 1 as b$a$")),
    *(("1 as \u00a0$a$", ", 1 as b$a$"), ("1 as \u0663$a$", ", 1 as b$a$"), ("1a$a$", ", 1 as b$a$")),
    *(("1 as \u00a0e'\\'", "'"), ("1 as ²e'\\'", "'"), ("$é$", "$é$"), ("$²$", "$²$"), ("$1$a$", "$a$")),
    *(("0x1$a$", "$a$"), ("1_0$a$", "$a$"), ("1.$a$", "$a$"), ("1e'\\'", "'"), ("$$ $a$", "$$ || $a$ $a$")),
    *(("/*", "*/ 1"), ("/* /* */", "*/ 1"), ("/*/", "*/ 1"), ("1 --\r", "--\r"), ("1 --\n", "--\n"), ("1 --\f", "--\n")),
    *(("1 --\u2028", "--\n"), ("1 --\u0085", "--\n"), ("1 */*", "*/ 1"), ("1 +-- /*\n", "-- */\n"), ("1 as \"", '"')),
    *(("1 as \"\\\"", ', 1 as "a"'), ("1 as a\\", ""), ("1", ""), ("'a' \u00a0\n'\\'", "'"), ("1 as \"a\"\"", '"')),
]  # fmt: skip
BREAKOUTS = [
    ") as a; select 2 from (select 1",
    ") as a; select (2); select * from (select 3",
    "; select 2; select ",
    ") as a; select 2 --",
]


@pytest.mark.parametrize("edge", EDGES, ids=map(repr, EDGES))
def test_no_query_gets_out_of_its_brackets(database: Database, edge: tuple[str, str]) -> None:
    """A server that reads several statements where one was sent says so, once it has read all their syntax."""
    for setting in ("on", "off"):
        with psycopg.connect(database.dsn, autocommit=True) as session:
            session.execute(f"set standard_conforming_strings = {setting}".encode())
            session.execute(b"set escape_string_warning = off")
            for breakout in BREAKOUTS:
                query = f"select {edge[0]}{breakout}{edge[1]}"
                try:
                    sent = f"select * from (\n{single_statement(query)}\n) as answer limit 1"
                except UsageError:
                    continue
                said = session.pgconn.prepare(b"", sent.encode()).error_message.decode()
                assert "multiple commands" not in said, (setting, sent)


def test_the_edges_are_sharp(database: Database) -> None:
    """One of them, sent without a look at it, is several statements to the server."""
    query = f"select 1 as €$a${BREAKOUTS[0]}, 1 as b$a$"
    with psycopg.connect(database.dsn, autocommit=True) as session:
        said = session.pgconn.prepare(b"", f"select * from (\n{query}\n) as answer".encode()).error_message
    assert b"multiple commands" in said
    with pytest.raises(UsageError, match="the query cannot be run"):
        single_statement(query)


def test_a_string_whose_end_depends_on_a_setting_is_refused() -> None:
    with pytest.raises(UsageError, match="depends on standard_conforming_strings") as raised:
        single_statement("select * from files where path like '%\\'")
    assert raised.value.hint == r"Write a string with a backslash before a quote as E'\\'."
    with pytest.raises(UsageError, match="depends on standard_conforming_strings"):
        single_statement("select '\\' ; -- '")


def test_the_query_of_a_text() -> None:
    assert query_in("/* a; */ ( -- b;\n select ';') ; select 2") == "/* a; */ ( -- b;\n select ';') "
    for text in ("\u00a0select 1", "select\u00a01", "'select' 1", '"select" 1', "; select 1", "\\x\nselect 1"):
        with pytest.raises(UsageError, match="not a query"):
            query_in(text)
