"""Statements for sources that carry text and answer with JSON, and how their answers are read.

The catalog queries become one statement, whose answer is JSON in base64, so that no transport on the way changes
it. What does not fit into one answer comes in pages, each with the size and the digest of the whole; see
docs/decisions/wrapping-and-paging.md. Authority: PostgreSQL manual, "JSON Functions", "Binary String Functions".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from schema_sync.errors import SourceError, UsageError
from schema_sync.postgres.catalog_queries import sql_text
from schema_sync.postgres.read_only_query import Limits, Rows
from schema_sync.postgres.sql_lexer import tokens
from schema_sync.remote.http import OTHER_SOURCE_HINT

# Runs a statement, and returns its rows.
Ask: TypeAlias = Callable[[str], Sequence[Mapping[str, Any]]]

ROUNDS = 3
LARGEST_ANSWER_BYTES = 16_000_000
LARGEST_BODY_BYTES = 24_000_000  # such an answer as base64, with what wraps it
_ORDER = ' order by x.row::text collate "C"'
_PLACEHOLDER = re.compile(r"__([A-Z]+)__")


def read_catalog(ask: Ask, queries: Mapping[str, str], page_bytes: int) -> dict[str, list[list[Any]]]:
    """Ask for the rows of all *queries*, in pages of *page_bytes*, and return them by query.

    The pages are cut from one text, made anew for each of them. Where that changes from one page to the next, all
    is asked again, with the rows sorted: their order then is not a cause (sorting takes as long as the rest).

    Raises:
        SourceError: if the schema changes all the time, or an answer is not what was asked for.
    """
    for attempt in range(ROUNDS):
        ordered = _ORDER if attempt else ""
        parts = [_filled("part", NAME=name, QUERY=t, ORDER=ordered) for name, t in queries.items()]
        body = _pages(ask, "union all\n".join(parts), page_bytes)
        if body is not None:
            document: dict[str, list[dict[str, Any]]] = json.loads(body)
            return {name: [list(row.values()) for row in rows] for name, rows in document.items()}
    raise SourceError(
        f"the schema changed while it was read, {ROUNDS} times in a row", hint="Run the command again."
    )


def read_rows(ask: Ask, query: str, limits: Limits) -> Rows:
    """Run one SELECT within *limits* and return its rows.

    Raises:
        UsageError: if *query* is more than one statement, or its quotes or brackets do not end.
        SourceError: if the answer is larger than ``LARGEST_ANSWER_BYTES``.
    """
    statement = _filled(
        "query",
        MILLISECONDS=max(1, round(limits.seconds * 1000)),
        QUERY=single_statement(query),
        LIMIT=limits.rows + 1,
        COUNT=LARGEST_ANSWER_BYTES,
    )
    size, digest, body = _page(ask(statement))
    if size > LARGEST_ANSWER_BYTES:
        most = f"at most {LARGEST_ANSWER_BYTES / 1e6:.1f} MB are read"
        raise SourceError(
            f"the answer is too large: {size / 1e6:.1f} MB, {most}", hint="Ask for fewer rows or columns."
        )
    _verify(body, size, digest)
    head, rows = cast("tuple[str, list[dict[str, Any]]]", json.loads(body))
    names: list[tuple[str, None]] = json.loads(head, object_pairs_hook=list)
    return Rows(
        columns=tuple(name for name, _ in names),
        rows=tuple(tuple(row.values()) for row in rows[: limits.rows]),
        truncated=len(rows) > limits.rows,
    )


def mappings(answer: object) -> list[Mapping[str, Any]] | None:
    """Return *answer* if it is a list of JSON objects, else None."""
    if isinstance(answer, list) and all(isinstance(row, dict) for row in cast("list[object]", answer)):
        return cast("list[Mapping[str, Any]]", answer)
    return None


def single_statement(query: str) -> str:
    """Return *query* without a last semicolon, if it can stand between brackets and never gets out of them.

    That holds whatever ``standard_conforming_strings`` is: a server finds all tokens before it runs a SET.

    Raises:
        UsageError: if it is more than one statement, its quotes, comments or brackets do not end, or the setting
            decides where a string ends.
    """
    single = _single(query, backslashes=False)
    try:
        same = _single(query, backslashes=True) == single
    except UsageError:
        same = False
    if not same:
        raise UsageError(
            "the query cannot be run: where its strings end depends on standard_conforming_strings",
            hint=r"Write a string with a backslash before a quote as E'\\'.",
        )
    return single


def _single(query: str, *, backslashes: bool) -> str:
    end: int | None = None
    depth = words = 0
    for token in tokens(query, backslashes=backslashes):
        if token.kind == "comment":
            continue
        if token.kind == "end" and depth == 0:
            end = token.start if end is None else end
            continue
        if end is not None:
            raise _unfit("it is more than one statement")
        words += 1
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth < 0 or token.kind in {"unclosed", "command", "end"}:
            raise _unfit("its quotes, comments or brackets do not fit")
    if depth:
        raise _unfit("its brackets do not end")
    if "\0" in query:
        raise _unfit("it has a NUL character")
    if not words:
        raise _unfit("it is empty")
    return query[:end]


def _unfit(why: str) -> UsageError:
    return UsageError(f"the query cannot be run: {why}", hint="Pass one SELECT (or WITH, VALUES, TABLE).")


# ---- statements


def _filled(name: str, **values: object) -> str:
    """Return the SQL of a file, its placeholders filled in one go: what is put in is not looked at again."""
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), sql_text(f"wrapping/{name}"))


# ---- answers


def _pages(ask: Ask, parts: str, page_bytes: int) -> bytes | None:
    """Return the whole text, None if it changed from one page to the next."""
    size, digest, body = _page(ask(_filled("catalog", PARTS=parts, START=1, COUNT=page_bytes)))
    pages = [body]
    while (read := sum(map(len, pages))) < size:
        statement = _filled("catalog", PARTS=parts, START=read + 1, COUNT=page_bytes)
        next_size, next_digest, page = _page(ask(statement))
        if (next_size, next_digest) != (size, digest):
            return None
        if not 0 < len(page) <= page_bytes:
            raise _strange("a page is not as large as was asked for")
        pages.append(page)
    whole = b"".join(pages)
    _verify(whole, size, digest)
    return whole


def _page(answer: Sequence[Mapping[str, Any]]) -> tuple[int, str, bytes]:
    try:
        (row,) = answer
        return int(row["size"]), str(row["digest"]), base64.b64decode(row["page"].replace("\n", ""), validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise _strange("the answer is not the row that was asked for") from error


def _verify(body: bytes, size: int, digest: str) -> None:
    if len(body) != size or hashlib.md5(body, usedforsecurity=False).hexdigest() != digest:
        raise _strange("the answer does not fit its digest")


def _strange(what: str) -> SourceError:
    return SourceError(f"{what}: something on the way changes what the database says", hint=OTHER_SOURCE_HINT)
