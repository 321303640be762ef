"""Finds the calls of Supabase in a repository, and functions of its own that send queries."""

from __future__ import annotations

from pathlib import Path

from schema_sync.codebase import reader
from schema_sync.codebase.queries.files import read_queries, without_ignored
from schema_sync.codebase.queries.find_wrappers import find_wrappers
from schema_sync.model.base import Value
from schema_sync.model.options import QueryWrapper


class FoundQueries(Value, frozen=True, kw_only=True):
    """How many calls there are, in how many files; and how many of them go through the project's own functions."""

    calls: int
    files: int
    wrappers: dict[QueryWrapper, int]


def find(root: Path) -> FoundQueries:
    """Return what the Python files below *root* that git does not ignore ask of Supabase."""
    wrappers = own_functions(root)
    queries = read_queries(root, wrappers=tuple(wrappers)).queries
    return FoundQueries(calls=len(queries), files=len({query.path for query in queries}), wrappers=wrappers)


def own_functions(root: Path) -> dict[QueryWrapper, int]:
    """Return the functions of those files that send queries, and how often each is called."""
    return find_wrappers(without_ignored(root, reader.collect(root, ("**/*.py",)).sources))
