"""Rewrites the names of renamed columns in queries, where nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schema_sync.codebase.source_file import SourceFile, Splice
from schema_sync.compare.changes import renamed_columns
from schema_sync.compare.query_names import check_names
from schema_sync.compare.query_uses import is_absent, placed, uses_in
from schema_sync.errors import UsageError, WriteError
from schema_sync.model.faults import Mentioned
from schema_sync.repository_files import CODE_BYTES, read_bytes
from schema_sync.usecases.check import Outcome
from schema_sync.usecases.project import Project

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")  # what no grammar of PostgREST's needs quotes for
_QUOTES = ("", '"', "'")


def rewritten(project: Project, outcome: Outcome) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return files with queries by path: as they are, and with the new names of renamed columns.

    A column is renamed if the lock or a migration proves it, see ``renamed_columns``. Only what is certain is
    rewritten: names that are literals in the one chain of calls that asks for them.

    Raises:
        UsageError: if the lock does not know this database, so that nothing can be said of names.
        WriteError: if a file has changed since it was read.
    """
    catalog, lock = outcome.fetched.catalog, outcome.lock
    by_migrations = outcome.fetched.kind == "migrations"
    if lock is None or not (by_migrations or catalog.database in lock.identity):
        raise UsageError(
            "--rewrite-uses needs a lock of this very database: only it tells a rename from a new column",
            hint="Run `schema-sync update` before the next rename: with migrations, a connection string, MCP or"
            " the Management API as source.",
        )
    renamed = {
        (str(name), old): new
        for name, columns in renamed_columns(catalog, lock, outcome.fetched.renamed).items()
        for new, old in columns.items()
        if _PLAIN.fullmatch(new)
    }
    checked = check_names(outcome.queries.queries, catalog, outcome.fetched.facts)
    by_path: dict[str, dict[Mentioned, str]] = {}
    for each in uses_in(checked):
        name = renamed.get((f"{each.schema}.{each.name}", each.part))
        if name is not None and each.certain and is_absent(each):
            by_path.setdefault(each.query.path, {})[placed(each, outcome.queries)] = name
    old, new = dict[str, bytes](), dict[str, bytes]()
    for path, uses in by_path.items():
        content = read_bytes(project.root / path, CODE_BYTES)
        file = SourceFile.decode(path, content)
        if tuple(file.lines) != outcome.queries.lines[path]:
            raise WriteError(f"{path}: it has changed since it was read", hint="Run the command again.")
        splices = set(_splices(file, uses.items()))
        if splices:
            old[path], new[path] = content, file.replaced(splices).encode()
    return old, new


def _splices(file: SourceFile, uses: Iterable[tuple[Mentioned, str]]) -> Iterator[Splice]:
    """Yield what puts the new names where the old ones are written as they are, by themselves or in quotes."""
    for use, new in uses:
        span = use.place.span
        start = file.offset(span.line, 0) + span.column - 1
        end = file.offset(span.end_line, 0) + span.end_column - 1
        written = file.text[start:end]
        for quote in _QUOTES:
            if written == f"{quote}{use.part}{quote}":
                yield Splice(start, end, f"{quote}{new}{quote}")
