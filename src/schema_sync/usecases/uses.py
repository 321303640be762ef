"""Where queries of the project use a table, a column or a function; and whether a query to be written is right."""

from __future__ import annotations

from schema_sync.codebase.queries.reader import file_queries
from schema_sync.codebase.source_file import SourceFile
from schema_sync.compare.query_findings import unchecked_notes, with_queries
from schema_sync.compare.query_names import check_names
from schema_sync.compare.query_uses import is_absent, placed, uses_in
from schema_sync.errors import UsageError
from schema_sync.model.base import Value
from schema_sync.model.findings import Finding, Note, QueryUse, Report
from schema_sync.model.queries import QueryFiles
from schema_sync.rules.queries import use_of
from schema_sync.usecases.check import read_project_queries
from schema_sync.usecases.project import Project, fetch, for_queries

_SNIPPET = "snippet.py"
_NO_QUERY = Note(what="the code", why="no call such as client.table('orders').select('id') is in it")


class NamedUse(Value, frozen=True, kw_only=True):
    """A use: the name in full (``public.orders.total``), whether it exists, and the place."""

    name: str
    exists: bool
    use: QueryUse


class Uses(Value, frozen=True, kw_only=True):
    """The uses that were asked for, by place, notes on the source, and what else may be a use."""

    uses: tuple[NamedUse, ...]
    notes: tuple[str, ...]
    not_checked: tuple[Note, ...]


def find_uses(project: Project, name: str) -> Uses:
    """Return where queries use *name*: ``orders``, ``orders.total``, ``public.orders.total``, a function likewise.

    A table is used once by each query that reads or embeds it; names that do not exist are found too.

    Raises:
        UsageError: if *name* is not one to three names with dots between them.
        SchemaSyncError: if the source cannot be read.
    """
    wanted = tuple(name.split("."))
    if not all(wanted) or len(wanted) > len(("schema", "table", "column")):
        raise UsageError(f"not a name: {name!r}", hint="Write table, table.column or schema.table.column.")
    files = read_project_queries(project)
    fetched, notes = fetch(project, **for_queries(project, files.queries))
    checked = check_names(files.queries, fetched.catalog, fetched.facts)
    found = [
        NamedUse(name=".".join(full), exists=not is_absent(each), use=use_of(placed(each, files)))
        for each in uses_in(checked)
        if _is_meant(wanted, full := tuple(filter(None, (each.schema, each.name, each.part))))
    ]
    once = {(each.use.path, each.use.line, each.use.column, each.name): each for each in reversed(found)}
    by_place = [once[place] for place in sorted(once)]
    return Uses(
        uses=tuple(by_place), notes=(*project.notes, *notes), not_checked=unchecked_notes(checked.unchecked)
    )


class Snippet(Value, frozen=True, kw_only=True):
    """A piece of code: how many queries it has, what is wrong with them, notes, and what is not known."""

    queries: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    not_checked: tuple[Note, ...]


def check_snippet(project: Project, code: str) -> Snippet:
    """Compare the names in the queries of *code* with the database. It is parsed, not run.

    Raises:
        SchemaSyncError: if it is no Python, or the source cannot be read.
    """
    file = SourceFile.decode(_SNIPPET, code)
    candidates = file_queries(file, project.config.query_wrappers).candidates
    queries = tuple(each.query for each in candidates)  # of whatever receiver: that is not for the code to prove
    fetched, notes = fetch(project, **for_queries(project, queries))
    files = QueryFiles(queries=queries, lines={_SNIPPET: tuple(file.lines)})
    empty = Report(source_kind=fetched.kind, source=fetched.describe, db_hash="")
    report = with_queries(empty, files, fetched.catalog, reading=fetched, options=project.config, lock=None)
    return Snippet(
        queries=len(queries),
        findings=report.findings,
        notes=(*project.notes, *notes),
        not_checked=report.not_checked if queries else (_NO_QUERY,),
    )


def _is_meant(wanted: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Return whether *wanted* are the last of the names *full*: schema, table and perhaps a part of it."""
    return full[-len(wanted) :] == wanted and (len(full) - len(wanted) <= 1)
