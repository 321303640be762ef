"""What is asked of a source directly: lists of objects, and queries. Of the code: the classes of these objects."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from msgspec.structs import replace

from schema_sync.compare.unseen import hidden
from schema_sync.errors import SourceError, UsageError
from schema_sync.model.base import Value, grouped
from schema_sync.model.catalog import Catalog, Facet, QName
from schema_sync.model.declarations import Location
from schema_sync.model.findings import Note
from schema_sync.model.request import Request
from schema_sync.model.snapshot import encode_snapshot
from schema_sync.postgres.catalog_queries import LISTINGS, SCHEMAS_QUERY, listing_query
from schema_sync.postgres.connection import QUERY_MARGIN_SECONDS, SERVER_SHARE
from schema_sync.postgres.read_only_query import Limits, Rows
from schema_sync.postgres.schema_changes import read_again
from schema_sync.remote.listed_tables import UnfitToolError
from schema_sync.sources.auto import choose
from schema_sync.sources.base import Source
from schema_sync.usecases import check
from schema_sync.usecases import project as projects
from schema_sync.usecases.project import Project

Lines = Iterator[tuple[Any, ...]]

_MOST_ROWS = 1_000_000
_WITH_SQL_HINT = (
    "Set SUPABASE_DB_URL to a connection string, or SUPABASE_ACCESS_TOKEN with SUPABASE_PROJECT_ID."
    " With --source, name one that runs SQL: postgresql://…, dsn, management, mcp, migrations."
)
WITH_CLASSES = ("tables", "views", "enums")
_RELATION = ("schema", "name", "kind", "columns", "comment")


class Listing(Value, frozen=True, kw_only=True):
    """A list of one kind of object.

    Attributes:
        rows: names of the columns, and the rows.
        classes: for each row, the names and places of the classes that map to the object; None for other kinds.
        source: the source's name.
        unseen: what of the kind the source cannot show.
        notes: which source was taken and why; talk.
    """

    rows: Rows
    classes: tuple[tuple[tuple[str, Location], ...], ...] | None = None
    source: str
    unseen: tuple[Note, ...] = ()
    notes: tuple[str, ...] = ()

    def told(self) -> Rows:
        """Return the rows with the classes as a last column, where there are any."""
        if self.classes is None:
            return self.rows
        classes = (", ".join(f"{name} {at}" for name, at in each) for each in self.classes)
        rows = tuple((*row, text or None) for row, text in zip(self.rows.rows, classes, strict=True))
        return replace(self.rows, columns=(*self.rows.columns, "class"), rows=rows)


def listing(project: Project, what: str) -> Listing:
    """Return the objects of the kind *what* (one of ``KINDS``) in the configured schemas, sorted by name.

    Raises:
        UsageError: if the source cannot show the kind at all, or a schema does not exist.
        SourceError: if the source cannot be read.
    """
    if what in LISTINGS:
        return _queried(project, what)
    unfit: tuple[str, ...] = ()
    if what == "tables":
        try:
            found = _by_tool(project)
        except UnfitToolError as error:
            unfit = (f"{error.message}: the catalog was read",)
        else:
            if found is not None:
                return _with_classes(project, found, None)
    columns, lines, facets = _OF_CATALOG[what]
    fetched, notes = projects.fetch(project, expressions=Facet.CHECKS in facets)
    unseen = tuple(
        Note(what=f"{facet.value} ({what})", why=f"the source {fetched.kind} does not show all of them")
        for facet in facets
        if facet not in fetched.catalog.covers
    )
    if what == "constraints" and _lacks_actions(fetched.catalog):
        why = f"the source {fetched.kind} does not show them"
        unseen = (*unseen, Note(what="on delete and on update of foreign keys", why=why))
    rows = Rows(columns=columns, rows=tuple(lines(fetched.catalog)))
    unseen = (*unseen, *fetched.unseen)
    found = Listing(rows=rows, source=fetched.kind, unseen=unseen, notes=(*notes, *unfit))
    return _with_classes(project, found, fetched.catalog) if what in WITH_CLASSES else found


def _with_classes(project: Project, found: Listing, catalog: Catalog | None) -> Listing:
    bound, unknown = check.bound_classes(project, catalog)
    classes = grouped((b.object, (b.declaration.name, b.declaration.at)) for b in bound if b.exists)
    by_row = tuple(tuple(classes[QName(schema=row[0], name=row[1])]) for row in found.rows.rows)
    return replace(found, classes=by_row, unseen=(*found.unseen, *unknown))


def answer(project: Project, text: str, limits: Limits) -> tuple[Rows, tuple[str, ...]]:
    """Return what the query *text* gives within *limits*, and which source ``auto`` took.

    Raises:
        UsageError: if the source runs no SQL, or *text* is at fault.
        SourceError: if the source cannot be reached, or is at fault.
    """
    source, request, why = choose(project.config.source, projects.request(project))
    notes = _notes(source, why)
    if source.name == "migrations":
        notes = (*notes, "migrations are replayed on an empty database: its tables hold what they insert, no more")
    with _opened(source, replace(request, seconds=limits.seconds + QUERY_MARGIN_SECONDS)) as ask:
        return ask(text, limits), notes


@contextmanager
def _opened(source: Source, request: Request) -> Generator[Callable[[str, Limits], Rows]]:
    """Yield what runs a query; where the schema changed meanwhile, it is run once more."""
    with source.open(request) as opened:
        query = opened.query
        if query is None:
            raise UsageError(f"the source {source.name} runs no SQL", hint=_WITH_SQL_HINT)
        yield lambda text, limits: read_again(lambda: query(text, limits))


def _notes(source: Source, why: str) -> tuple[str, ...]:
    return (f"source: {source.name} (auto: {why})",) if why else ()


def snapshot(project: Project) -> tuple[bytes, tuple[str, ...], tuple[Note, ...]]:
    """Return the catalog as a snapshot file's content, notes on where it came from, and what the source hides.

    Raises:
        SchemaSyncError: as ``fetch``, and if not all migrations could be applied.
    """
    fetched, notes = projects.fetch(project, expressions=True)
    if fetched.incomplete:
        first = fetched.incomplete.failed[0]
        raise SourceError(
            f"{fetched.incomplete.summary}: a snapshot would hold less than the schema",
            hint=f"Mend the first that failed: {first.what}: {first.why}.",
        )
    unseen = (*hidden(fetched.catalog, fetched.kind), *fetched.unseen)
    return encode_snapshot(fetched.catalog), notes, unseen


def _by_tool(project: Project) -> Listing | None:
    """Return the tables as a tool of the server's own lists them, None where the source has none.

    Raises:
        UnfitToolError: if the tool is not fit for these tables.
    """
    source, request, why = choose(project.config.source, projects.request(project))
    if source.tables is None:
        return None
    rows, describe, unseen = source.tables(request)
    if not {row[0] for row in rows.rows}.issuperset(request.schemas):  # of an unknown one it lists none
        with _opened(source, request) as ask:
            _require_schemas(request, ask)
    note = f"source: {source.name}, {describe}{f' (auto: {why})' if why else ''}"
    return Listing(rows=rows, source=source.name, unseen=unseen, notes=(note,))


def _queried(project: Project, what: str) -> Listing:
    source, request, why = choose(project.config.source, projects.request(project))
    with _opened(source, request) as ask:
        rows = ask(listing_query(what, request.schemas), _everything(request))
        if not rows.rows:
            _require_schemas(request, ask)
    return Listing(rows=rows, source=source.name, notes=_notes(source, why))


def _require_schemas(request: Request, ask: Callable[[str, Limits], Rows]) -> None:
    known = {name for (name,) in ask(SCHEMAS_QUERY, _everything(request)).rows}
    if missing := [schema for schema in request.schemas if schema not in known]:
        raise UsageError(
            f"schema {', '.join(missing)} does not exist in this database",
            hint="Set `schemas` in the configuration, or pass --schema.",
        )


def _everything(request: Request) -> Limits:
    """Return limits for a query of our own: the time is what the configuration allows a whole read."""
    return Limits(rows=_MOST_ROWS, seconds=request.seconds * SERVER_SHARE)


# ---- lists of what a catalog holds


def _relations(catalog: Catalog, *, views: bool) -> Lines:
    for r in catalog.relations:
        if r.is_view is views:
            yield r.name.schema, r.name.name, r.kind, len(r.columns), r.comment


def _enums(catalog: Catalog) -> Lines:
    for e in catalog.enums:
        if not e.external:
            yield e.name.schema, e.name.name, list(e.labels), e.comment


def _constraints(catalog: Catalog) -> Lines:
    for r in catalog.relations:
        for c in r.constraints:
            of = (r.name.schema, r.name.name, c.name or None, c.kind, list(c.columns))
            target = None if c.references is None else str(c.references)
            yield *of, target, list(c.referenced_columns) or None, c.on_delete, c.on_update, c.expression


def _lacks_actions(catalog: Catalog) -> bool:
    return any(c.kind == "foreign" and c.on_delete is None for r in catalog.relations for c in r.constraints)


_CONSTRAINT = (
    *("schema", "table", "name", "kind", "columns"),
    *("references", "referenced_columns", "on_delete", "on_update", "expression"),
)
_OF_CATALOG: dict[str, tuple[tuple[str, ...], Callable[[Catalog], Lines], tuple[Facet, ...]]] = {
    "tables": (_RELATION, partial(_relations, views=False), ()),
    "views": (_RELATION, partial(_relations, views=True), ()),
    "enums": (("schema", "name", "labels", "comment"), _enums, (Facet.ENUMS,)),
    "constraints": (_CONSTRAINT, _constraints, (Facet.CONSTRAINTS, Facet.CHECKS)),
}
KINDS = (*_OF_CATALOG, *LISTINGS)
