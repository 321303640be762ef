"""What of the database no Python code mentions. Policies, views, functions and other programs may use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from schema_sync.compare.query_names import check_names
from schema_sync.model.base import Value
from schema_sync.model.catalog import QName
from schema_sync.model.findings import Note
from schema_sync.model.queries import DEFAULT_SCHEMA, Dynamic, Payload, Query, Select

if TYPE_CHECKING:
    from schema_sync.compare.objects import DatabaseObjects
    from schema_sync.model.catalog import Relation
    from schema_sync.model.name_facts import NameFacts

_COLUMNS = "columns that no code mentions"


class ColumnName(Value, frozen=True, kw_only=True):
    """A column."""

    table: QName
    column: str


class Unmentioned(Value, frozen=True, kw_only=True):
    """Relations, columns of others, and functions; None where they are not known, and notes that say why."""

    relations: tuple[QName, ...] | None = None
    columns: tuple[ColumnName, ...] | None = None
    functions: tuple[QName, ...] | None = None
    notes: tuple[Note, ...] = ()


def find_unmentioned(
    objects: DatabaseObjects,
    facts: NameFacts,
    queries: Sequence[Query],
    words: AbstractSet[str],
    in_sql: AbstractSet[str],
) -> Unmentioned:
    """Return what neither *queries* mention nor *words*, those of all other code in lower case.

    Columns are listed of relations that queries name, those of keys apart. A query that selects ``*`` or computes
    its arguments may mean any column, and so may SQL, which reads what *in_sql* names. Where such a query computes
    the name of its table too, no column is listed.
    """
    found = check_names(queries, objects.catalog, facts).mentioned
    mentioned = {(QName(schema=each.schema, name=each.name), each.part) for each in found}
    names = {name for name, _ in mentioned}
    asked = [query for query in queries if query.verb not in {"rpc", "sql"}]
    nameless = [query for query in queries if query.verb != "rpc" and _may_mean_any_column(query)]
    vague = [query for query in asked if not _is_nameless(query) and _is_vague(query)]
    whole = {name for name, part in mentioned if part == "*"} | set(map(_relation, vague))
    relations = [each for each in objects.catalog.relations if not objects.is_excluded(each.name)]
    columns = tuple(
        ColumnName(table=relation.name, column=column.name)
        for relation in relations
        if (relation.name, "") in mentioned and relation.name not in whole
        if relation.name.name.lower() not in in_sql
        for column in relation.columns
        if (relation.name, column.name) not in mentioned and column.name.lower() not in words
        if column.name not in _keys(relation)
    )

    def unmentioned(those: Sequence[QName]) -> tuple[QName, ...]:
        return tuple(name for name in those if name not in names and name.name.lower() not in words)

    return Unmentioned(
        relations=unmentioned([each.name for each in relations]),
        columns=None if nameless else columns,
        functions=None if facts.functions is None else unmentioned(sorted({f.name for f in facts.functions})),
        notes=tuple(_notes(nameless, vague)),
    )


def _keys(relation: Relation) -> set[str]:
    """Return the columns that join relations, which nobody has to name."""
    return {name for each in relation.constraints if each.kind in {"primary", "foreign"} for name in each.columns}


def _relation(query: Query) -> QName:
    return QName(schema=query.schema or DEFAULT_SCHEMA, name=query.name.value if query.name else "")


def _is_nameless(query: Query) -> bool:
    return query.verb == "sql" or query.name is None or not query.schema_known


def _may_mean_any_column(query: Query) -> bool:
    """Return whether neither the table nor all columns of a query are known."""
    selects = [part for part in query.parts if isinstance(part, Select)]
    selects_all = any(not part.columns or any("*" in text.value for text in part.columns) for part in selects)
    return _is_nameless(query) and (selects_all or _is_vague(query))


def _is_vague(query: Query) -> bool:
    """Return whether a query does not name all columns that it means, and does not say that it means all."""
    if query.verb is None or (
        query.verb == "select" and not any(isinstance(each, Select) for each in query.parts)
    ):
        return True
    return any(
        isinstance(part, Dynamic) or (isinstance(part, Payload) and not all(row.complete for row in part.rows))
        for part in query.parts
    )


def _notes(nameless: Sequence[Query], vague: Sequence[Query]) -> Iterator[Note]:
    """Yield why columns are not listed: all of them, or those of some tables."""
    tables = sorted({str(_relation(query)) for query in vague})
    if nameless:
        yield Note(what=_COLUMNS, why=_counted(nameless, "that compute their table, or their SQL, at run time"))
    elif vague:
        why = _counted(vague, "that do not name all columns that they mean")
        yield Note(what=f"{_COLUMNS}, of {', '.join(tables)}", why=why)


def _counted(queries: Sequence[Query], what: str) -> str:
    first = queries[0]
    return f"calls {what}: {len(queries)}, the first in {first.path}:{first.span.line}"
