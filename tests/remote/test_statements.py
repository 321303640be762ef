"""What may be put between brackets, and what would get out of them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_sync.errors import UsageError
from schema_sync.remote.json_paging import single_statement

FIT = [
    "select 1",
    "select 1;",
    "select 1 ; ; -- done\n /* ; ( */",
    "values (1), ((2))",
    "select ';)' || E'\\';)' || $a$;)$a$ || $$'$$ as \"(;\"",
    "select /* ( /* ) */ ; */ 1 -- ; (",
    "select a$b$, 'it''s', E'it\\'s', U&'\\0041'",
    "select E'a' -- b\n'\\'c)'",
    "select 'C:\\temp' like E'\\\\'",
]
UNFIT = [
    "",
    " ; ",
    "-- nothing",
    "select 1; select 2",
    "select 1; 5",
    "select 1) as x; drop table t; --",
    "select (1",
    "select (1;)",
    "select 'a",
    'select "a',
    "select $a$ b",
    "select /* a",
    "select /* /* a */",
    "select E'a'\n'b\\'') as x; drop table t; --'",
    "select 1 \\g",
    "select 1\0",
]


@pytest.mark.parametrize("text", FIT)
def test_what_fits(text: str) -> None:
    kept = single_statement(text)
    assert text.startswith(kept)
    assert not kept.rstrip().endswith(";")


@pytest.mark.parametrize("text", UNFIT)
def test_what_does_not(text: str) -> None:
    with pytest.raises(UsageError, match="the query cannot be run"):
        single_statement(text)


@given(
    st.lists(st.sampled_from(["'", '"', "$a$", "$$", "/*", "*/", "--", "\n", "(", ")", ";", "\\", "E", "a", " "]))
)
def test_it_always_ends(parts: list[str]) -> None:
    with suppress(UsageError):
        single_statement("select 1 " + "".join(parts))
