"""Files → queries.

A file is read by itself, so that what was found can be kept for as long as its content stays. Whether an unknown
receiver may be a client is decided for all files together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from schema_sync.codebase.ignores import MARK, ignores_in
from schema_sync.codebase.queries import sql
from schema_sync.codebase.queries.expressions import is_of_supabase
from schema_sync.codebase.queries.lines import Lines
from schema_sync.codebase.queries.statements import Statements
from schema_sync.codebase.queries.values import Chain
from schema_sync.codebase.source_file import NotPythonError, SourceFile
from schema_sync.model.base import Value
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import Filter, Logic, Query, ResultKey

_WORDS = re.compile(rb"\b(?:table|from_|rpc)\s*\(")
_SQL = re.compile(rb"""["'\s(](?:select|insert|update|delete|with)\s""", re.IGNORECASE)
_SQL_WORDS = re.compile(rf"\b(?:psycopg|asyncpg|(?:{'|'.join(sql.WORDS)})\s*\()".encode())
_IMPORTED = re.compile(rb"^[ \t]*(?:from[ \t]+([\w.]+)|import[ \t]+([\w., \t]+))", re.MULTILINE)


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


def imports_supabase(content: bytes) -> bool:
    """Return whether a file imports Supabase's library, or one that is named after it."""
    return any(map(is_of_supabase, _imported(content)))


def _packages(content: bytes) -> frozenset[str]:
    """Return the packages that a file imports, without the modules in them."""
    return frozenset(name.partition(" ")[0].partition(".")[0] for name in _imported(content))


def _imported(content: bytes) -> Iterator[str]:
    """Yield what a file imports, as it is written."""
    for one, several in _IMPORTED.findall(content):
        yield from (name.strip() for name in (one or several).decode().split(","))


def may_hold_queries(content: bytes, words: Iterable[str] = ()) -> bool:
    """Return whether a file has one of the words of a query; *words* are those of the project's own wrappers."""
    if _WORDS.search(content) is not None or any(word.encode() in content for word in words):
        return True
    if _SQL_WORDS.search(content) is None:
        return False
    return _SQL.search(content) is not None or not sql.LIBRARIES.isdisjoint(_packages(content))


def file_queries(file: SourceFile, wrappers: Sequence[QueryWrapper] = ()) -> FileQueries:
    """Return what *file* asks, by the project's *wrappers* too.

    Raises:
        NotPythonError: if it is not valid Python, or nested too deeply.
    """
    reader = Statements(Lines(file.lines), wrappers)
    try:
        reader.read(file.tree)
        strangers, connections = reader.strangers(), reader.connections()
    except RecursionError as error:
        raise NotPythonError(file.path, 1, 1, "nested too deeply to read its queries") from error
    content = file.text.encode()
    packages = _packages(content)
    for call in reader.sql_calls:
        span = reader.lines.span(call.node)
        chain = sql.chain_of(call, span, packages, sets_path="search_path" in file.text)
        reader.chains += [chain] if chain is not None else []
    continued = {id(chain.parent) for chain in reader.chains}
    candidates = [
        Candidate(
            query=_query(file.path, chain),
            origin=chain.origin.module if chain.origin else None,
            name=chain.origin.name if chain.origin else "",
            evidence=_has_evidence(chain),
        )
        for chain in reader.chains
        if chain.verb is not None or id(chain) not in continued
    ]
    return FileQueries(
        candidates=tuple(candidates),
        strangers=strangers,
        imports_supabase=imports_supabase(content),
        ignores=ignores_in(file.text) if MARK in content else (),
        connections=connections,
        engines=frozenset(filter(None, (call.engine for call in reader.sql_calls))),
    )


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


def _has_evidence(chain: Chain) -> bool:
    """Return whether the chain shows that it is Supabase's: no other library has filters such as ``eq``."""
    filters = [part for part in chain.parts if isinstance(part, Filter | Logic)]
    return chain.evidence or (chain.verb is not None and any(part.call != "filter" for part in filters))


def _query(path: str, chain: Chain) -> Query:
    parts = [p for p in chain.parts if not (isinstance(p, ResultKey) and p.path[-1] in chain.added)]
    return Query(
        path=path,
        span=chain.span,
        function=chain.function,
        verb=chain.verb,
        name=chain.name,
        schema=chain.schema,
        schema_known=chain.schema_known,
        certain=chain.certain,
        parts=tuple(parts),
    )
