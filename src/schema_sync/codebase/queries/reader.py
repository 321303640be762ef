"""A Python file → what it asks of Supabase, by its syntax tree."""

from __future__ import annotations

from collections.abc import Sequence

from schema_sync.codebase.ignores import MARK, ignores_in
from schema_sync.codebase.queries import sql
from schema_sync.codebase.queries.candidates import Candidate, FileQueries
from schema_sync.codebase.queries.libraries import imports_supabase, packages_of
from schema_sync.codebase.queries.lines import Lines
from schema_sync.codebase.queries.statements import Statements
from schema_sync.codebase.queries.values import Chain
from schema_sync.codebase.source_file import NotPythonError, SourceFile
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import Filter, Logic, Query, ResultKey


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
    packages = packages_of(content)
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
