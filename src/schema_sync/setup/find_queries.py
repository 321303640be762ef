"""Finds the calls of Supabase in a repository, and the functions of its own that send queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from schema_sync.codebase import chosen_files
from schema_sync.codebase.queries.files import read_queries, without_ignored
from schema_sync.codebase.queries.find_wrappers import find_wrappers
from schema_sync.model.base import Value
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import DEFAULT_SCHEMA, Query


class FoundQueries(Value, frozen=True, kw_only=True):
    """What the code asks of Supabase, and how many of its calls go through the project's own functions."""

    queries: tuple[Query, ...]
    wrappers: dict[QueryWrapper, int]

    @property
    def schemas(self) -> list[str]:
        """The schemas that calls name, but for the API's default."""
        named = {query.schema for query in self.queries if query.schema and query.schema_known}
        return sorted(named - {DEFAULT_SCHEMA})

    @property
    def tables(self) -> set[str]:
        """The tables that calls name."""
        calls = (query for query in self.queries if query.verb not in {"rpc", "sql"})
        return {query.name.value for query in calls if query.name is not None}


def find(root: Path) -> FoundQueries:
    """Return what the Python files below *root* that git does not ignore ask of Supabase."""
    wrappers = own_functions(root)
    return FoundQueries(queries=read_queries(root, wrappers=tuple(wrappers)).queries, wrappers=wrappers)


def counts(queries: Sequence[Query]) -> dict[str, int]:
    """Count the calls in *queries* by how their table or function is named, and the files and the SQL."""
    calls = [query for query in queries if query.verb != "sql"]
    named = Counter(query.naming for query in calls)
    return {
        "calls": len(calls),
        "files": len({query.path for query in queries}),
        "certain": named["certain"],
        "inferred": named["inferred"],
        "dynamic": named["dynamic"],
        "SQL literals": len(queries) - len(calls),
    }


def own_functions(root: Path) -> dict[QueryWrapper, int]:
    """Return the functions of those files that send queries, and how often each is called."""
    return find_wrappers(without_ignored(root, chosen_files.collect(root, ("**/*.py",)).sources))
