"""What files may ask of Supabase, and the queries among it.

A file is read by itself, so that what was found can be kept for as long as its content stays. Whether an unknown
receiver may be a client is decided for all files together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from schema_sync.codebase.queries.libraries import is_of_supabase
from schema_sync.model.base import Value
from schema_sync.model.queries import Query


class Candidate(Value, frozen=True, kw_only=True):
    """A query, and what shows that it is one of Supabase's.

    Attributes:
        query: the query.
        origin: the module that the receiver comes from; None where nothing is known of it.
        name: its name in that module; empty where that is not known.
        evidence: whether the client is known, the chain is executed, or its filters are those of Supabase.
    """

    query: Query
    origin: str | None = None
    name: str = ""
    evidence: bool = False


class FileQueries(Value, frozen=True, kw_only=True):
    """What one file asks.

    Attributes:
        candidates: the queries.
        strangers: the names of the module that are no clients.
        imports_supabase: whether it imports Supabase's library.
        ignores: the rules that its comments turn off, by line.
        connections: the names of the module that are, or give, connections to PostgreSQL.
        engines: the databases that its engines of SQLAlchemy are for.
    """

    candidates: tuple[Candidate, ...] = ()
    strangers: frozenset[str] = frozenset()
    imports_supabase: bool = False
    ignores: tuple[tuple[int, str], ...] = ()
    connections: frozenset[str] = frozenset()
    engines: frozenset[str] = frozenset()


def project_queries(files: Mapping[str, FileQueries], *, is_used: bool = False) -> tuple[Query, ...]:
    """Return the queries of all *files* by path: those whose receiver is a client, or may be one.

    Where nothing in the project imports Supabase there are none, unless *is_used*.
    """
    if not is_used and not any(found.imports_supabase for found in files.values()):
        return ()
    modules: dict[str, list[FileQueries]] = {}
    packages: set[str] = set()
    for path, found in files.items():
        parts = PurePosixPath(path).with_suffix("").parts
        packages.update(parts)
        for cut in range(len(parts)):  # where imports begin is not known
            modules.setdefault(".".join(parts[cut:]), []).append(found)
    engines = frozenset(engine for found in files.values() for engine in found.engines)
    return tuple(
        each.query
        for path in sorted(files)
        for each in files[path].candidates
        if (each.evidence or _is_connection(each, modules))
        and _may_be_client(each.origin, packages)
        and not _is_stranger(each, modules)
        and not (_is_portable(each.query) and _are_of_others(files[path].engines or engines))
    )


def _is_portable(query: Query) -> bool:
    """Return whether *query* is SQL for SQLAlchemy, which may be for any database."""
    return query.verb == "sql" and any(part.call == "text" for part in query.parts)


def _are_of_others(engines: frozenset[str]) -> bool:
    """Return whether *engines* are for other databases than PostgreSQL."""
    return bool(engines) and not any(engine.startswith("postgres") for engine in engines)


def _may_be_client(origin: str | None, packages: set[str]) -> bool:
    """Return whether what comes from the module *origin* may be a client: the project's own, or Supabase's."""
    if origin is None or origin.startswith(".") or is_of_supabase(origin):
        return True
    return origin.partition(".")[0] in packages


def _is_stranger(candidate: Candidate, modules: Mapping[str, Sequence[FileQueries]]) -> bool:
    """Return whether the receiver is the project's own, and no client; *modules* go by the ends of their names."""
    found = modules.get((candidate.origin or "").lstrip("."), ())
    return bool(found and candidate.name) and all(candidate.name in file.strangers for file in found)


def _is_connection(candidate: Candidate, modules: Mapping[str, Sequence[FileQueries]]) -> bool:
    """Return whether SQL is handed to a connection to PostgreSQL that another file makes."""
    if candidate.query.verb != "sql":
        return False
    found = modules.get((candidate.origin or "").lstrip("."), ())
    names = {name for file in found for name in file.connections}
    return any(candidate.name.startswith(f"{name}.") for name in names)
