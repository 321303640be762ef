"""Rewrites the names of renamed tables, columns and labels in queries, where nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from schema_sync.codebase.source_file import SourceFile, Splice
from schema_sync.compare.query_names import check_names
from schema_sync.compare.query_uses import is_absent, placed, uses_in
from schema_sync.compare.renames import Renames, find_renames
from schema_sync.errors import UsageError, WriteError
from schema_sync.model.catalog import Catalog, QName
from schema_sync.model.faults import Mentioned, QueryFault
from schema_sync.model.queries import QueryFiles
from schema_sync.repository_files import CODE_BYTES, read_bytes
from schema_sync.usecases.check import Outcome, read_project_queries
from schema_sync.usecases.project import Project

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")  # what no grammar of PostgREST's needs quotes for
_QUOTES = ("", '"', "'")


def rewritten(
    project: Project, outcome: Outcome, contents: Mapping[str, bytes]
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return files with queries by path: as they are, and with the new names of tables, columns and labels.

    What was renamed is known as ``find_renames`` has it. Only what is certain is rewritten: literal names in
    the one chain of calls that asks for them. *contents* are the new contents of files that *outcome* is about.

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
    names = _NewNames(catalog, find_renames(catalog, lock, outcome.fetched.name_changes))
    old, new, files = dict[str, bytes](), dict[str, bytes](), outcome.queries
    for objects in (True, False):  # the columns of a table are looked up by its name
        found = dict(
            _rewritten(
                project, outcome, files, {**contents, **new}, names.of_tables if objects else names.of_parts
            )
        )
        old |= {path: before for path, (before, _) in found.items() if path not in old}
        new |= {path: after for path, (_, after) in found.items()}
        files = read_project_queries(project, {**contents, **new}) if found and objects else files
    return old, new


class _NewNames:
    """The names of today of what queries mention by former ones."""

    def __init__(self, catalog: Catalog, renames: Renames) -> None:
        self._catalog, self._renames = catalog, renames

    def of_tables(self, mention: Mentioned) -> str | None:
        """Return the name of a relation; None where it has no new one in its schema."""
        former = QName(schema=mention.schema, name=mention.name)
        now = self._renames.objects.get(former) if not mention.part else None
        return now.name if now is not None and now.schema == former.schema else None

    def of_parts(self, mention: Mentioned) -> str | None:
        """Return the name of a column, or a label; None where it has no new one."""
        owner = QName(schema=mention.schema, name=mention.name)
        if isinstance(mention, QueryFault) and mention.kind == "no_label":
            column = next(
                (c for c in self._catalog.relations_by_name[owner].columns if c.name == mention.column), None
            )
            owner = self._catalog.over(column.type)[-1].name if column is not None else owner
        found = {old: new for new, old in self._renames.parts.get(owner, {}).items()}
        return found.get(mention.part)


def _rewritten(
    project: Project,
    outcome: Outcome,
    files: QueryFiles,
    contents: Mapping[str, bytes],
    new_name: Callable[[Mentioned], str | None],
) -> Iterator[tuple[str, tuple[bytes, bytes]]]:
    """Yield the files in which a certain use gets a new name: path, present and new content."""
    checked = check_names(files.queries, outcome.fetched.catalog, outcome.fetched.facts)
    by_path: dict[str, dict[Mentioned, str]] = {}
    labels = (fault for fault in checked.faults if fault.kind == "no_label")
    for each in (*(each for each in uses_in(checked) if is_absent(each)), *labels):
        name = new_name(each) if each.certain else None
        if name is not None and _PLAIN.fullmatch(name):
            by_path.setdefault(each.query.path, {})[placed(each, files)] = name
    for path, uses in by_path.items():
        content = contents.get(path) or read_bytes(project.root / path, CODE_BYTES)
        file = SourceFile.decode(path, content)
        if tuple(file.lines) != files.lines[path]:
            raise WriteError(f"{path}: it has changed since it was read", hint="Run the command again.")
        splices = set(_splices(file, uses.items()))
        if splices:
            yield path, (content, file.replaced(splices).encode())


def _splices(file: SourceFile, uses: Iterable[tuple[Mentioned, str]]) -> Iterator[Splice]:
    """Yield what puts the new names where the old ones are written as they are, by themselves or in quotes."""
    for use, new in uses:
        span = use.place.span
        start = file.offset(span.line, 0) + span.column - 1
        end = file.offset(span.end_line, 0) + span.end_column - 1
        written = file.text[start:end]
        for quote in _QUOTES:
            if written == f"{quote}{use.part or use.name}{quote}":
                yield Splice(start, end, f"{quote}{new}{quote}")
