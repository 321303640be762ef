"""Which libraries queries go through, and which files may hold queries: by their bytes, without a syntax tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

PSYCOPG = frozenset({"psycopg", "psycopg2", "psycopg_pool"})
DRIVERS = PSYCOPG | {"asyncpg"}
SQLALCHEMY = frozenset({"sqlalchemy", "sqlmodel"})
METHODS = frozenset({"execute", "executemany", "stream", "fetch", "fetchrow", "fetchval", "prepare"})
ENGINES = frozenset({"create_engine", "create_async_engine"})
LIBRARIES = DRIVERS | SQLALCHEMY
_CALLS = rb"\b(?:table|from_|rpc)\s*\("
_SQL = rb"""(?i)["'\s(](?:select|insert|update|delete|with)\s"""
_SQL_CALLS = rf"\b(?:psycopg|asyncpg|(?:{'|'.join(('text', *ENGINES, *METHODS))})\s*\()".encode()
_IMPORTED = rb"(?m)^[ \t]*(?:from[ \t]+([\w.]+)|import[ \t]+([\w., \t]+))"


def is_of_supabase(module: str) -> bool:
    """Return whether *module* is of Supabase's own libraries, or of one that is named after it."""
    top = module.partition(".")[0]
    return top == "postgrest" or "supabase" in top


def imports_supabase(content: bytes) -> bool:
    """Return whether a file imports Supabase's library, or one that is named after it."""
    return any(map(is_of_supabase, _imported(content)))


def packages_of(content: bytes) -> frozenset[str]:
    """Return the packages that a file imports, without the modules in them."""
    return frozenset(name.partition(" ")[0].partition(".")[0] for name in _imported(content))


def _imported(content: bytes) -> Iterator[str]:
    """Yield what a file imports, as it is written."""
    for one, several in re.findall(_IMPORTED, content):
        yield from (name.strip() for name in (one or several).decode().split(","))


def may_hold_queries(content: bytes, words: Iterable[str] = ()) -> bool:
    """Return whether a file has one of the words of a query; *words* are those of the project's own wrappers."""
    if re.search(_CALLS, content) is not None or any(word.encode() in content for word in words):
        return True
    if re.search(_SQL_CALLS, content) is None:
        return False
    return re.search(_SQL, content) is not None or not LIBRARIES.isdisjoint(packages_of(content))
