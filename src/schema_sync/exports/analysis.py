"""Figures of a schema, and what in it is worth a look. None of it is drift."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Literal, TypeVar

from msgspec import Meta

from schema_sync.compare.unmentioned import ColumnName, Unmentioned
from schema_sync.mapping.types import sql_name
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Constraint, Facet, QName, Relation, RelationKind, TypeRef
from schema_sync.model.details import Details, Index
from schema_sync.model.findings import Note
from schema_sync.model.graph import components, needed_first
from schema_sync.reports.json_report import Count

MOST_CHAINS = 3
Node = TypeVar("Node")
_LOOKED_UP = frozenset({"btree", "hash"})
_EXACT_DIGITS = 15  # IEEE 754: decimal digits that a double keeps
_BIGINT = "beyond 2^53 it is rounded where numbers are doubles, as in JavaScript; Python's json keeps it"
_NUMERIC = "read as a float it keeps 15 digits; set precision = 'exact', or select it as text"


class RelationFigures(Value, frozen=True, kw_only=True):
    """The figures of one relation; None where the source does not tell, or there is nothing to tell.

    ``rows`` is the planner's estimate, ``size`` bytes on disk with indexes.
    """

    schema: str
    name: str
    kind: RelationKind
    columns: Count
    constraints: Count | None
    indexes: Count | None
    triggers: Count | None
    policies: Count | None
    row_security: bool | None
    rows: Annotated[Count | None, Meta(description="The planner's estimate; null where there is none.")]
    size: Annotated[Count | None, Meta(description="Bytes on disk, with indexes.")]


class Totals(Value, frozen=True, kw_only=True):
    """The figures of all relations together."""

    tables: Count
    views: Count
    enums: Count | None
    columns: Count
    constraints: Count | None
    foreign_keys: Count | None
    functions: Count | None
    indexes: Count | None
    triggers: Count | None
    policies: Count | None
    rows: Count | None
    size: Count | None


class ForeignKey(Value, frozen=True, kw_only=True):
    """A foreign key and the columns that hold it."""

    table: QName
    name: str
    columns: tuple[str, ...]


class InexactColumn(Value, frozen=True, kw_only=True):
    """A column whose values JSON's readers may round, and why."""

    table: QName
    column: str
    type: str
    reason: str


class Analysis(Value, frozen=True, kw_only=True):
    """The document that `schema-sync analyze --format json` prints; null means what the source does not show."""

    format_version: Literal[1]
    source: str
    schemas: tuple[str, ...]
    totals: Totals
    relations: tuple[RelationFigures, ...]
    without_primary_key: tuple[QName, ...] | None
    without_row_security: tuple[QName, ...] | None
    without_policy: Annotated[
        tuple[QName, ...] | None,
        Meta(description="Tables with row level security that no policy opens: only who bypasses it sees rows."),
    ]
    foreign_keys_without_index: tuple[ForeignKey, ...] | None
    unused_enums: tuple[QName, ...] | None
    inexact_columns: tuple[InexactColumn, ...]
    longest_chains: Annotated[
        tuple[tuple[QName, ...], ...] | None,
        Meta(description="Ways along foreign keys, from another start each; a cycle counts as one step."),
    ]
    cycles: Annotated[
        tuple[tuple[QName, ...], ...],
        Meta(description="Tables that refer to each other, directly or through others."),
    ]
    self_references: tuple[QName, ...]
    unmentioned_relations: Annotated[
        tuple[QName, ...] | None,
        Meta(description="Tables and views that no query and no other Python code mentions."),
    ]
    unmentioned_columns: Annotated[
        tuple[ColumnName, ...] | None,
        Meta(description="Columns that no Python code mentions, keys apart, of tables that queries name."),
    ]
    unmentioned_functions: Annotated[
        tuple[QName, ...] | None,
        Meta(description="Functions that no query and no other Python code mentions."),
    ]
    not_shown: tuple[Note, ...]


def analyze(
    catalog: Catalog, details: Details | None, source: str, unmentioned: Unmentioned, unseen: tuple[Note, ...]
) -> Analysis:
    """Return the figures of *catalog*; *unseen* is what the source *source* cannot show."""
    tables = [r for r in catalog.relations if not r.is_view]
    own = [r for r in tables if r.kind != "foreign"]
    counted = {Facet.CONSTRAINTS, Facet.CHECKS}.issubset(catalog.covers)
    figures = {r.name: _figures(r, details, counted=counted) for r in catalog.relations}
    unkeyed = tuple(r.name for r in own if not any(c.kind == "primary" for c in r.constraints))
    unsecured = tuple(r.name for r in own if figures[r.name].row_security is False)
    graph = _graph(tables)
    keys, enums = Facet.CONSTRAINTS in catalog.covers, Facet.ENUMS in catalog.covers
    return Analysis(
        format_version=1,
        source=source,
        schemas=catalog.schemas,
        totals=_totals(catalog, tuple(figures.values()), details),
        relations=tuple(figures.values()),
        without_primary_key=unkeyed if keys else None,
        without_row_security=None if details is None else unsecured,
        without_policy=None if details is None else tuple(_closed(own, details)),
        foreign_keys_without_index=tuple(_unindexed(tables, details)) if keys and details is not None else None,
        unused_enums=tuple(_unused(catalog, details)) if enums and details is not None else None,
        inexact_columns=tuple(_inexact(catalog)),
        longest_chains=tuple(longest_chains(graph, MOST_CHAINS)) if keys else None,
        cycles=tuple(sorted(tuple(sorted(group)) for group in components(graph) if len(group) > 1)),
        self_references=tuple(r.name for r in tables if r.name in graph[r.name]),
        unmentioned_relations=unmentioned.relations,
        unmentioned_columns=unmentioned.columns,
        unmentioned_functions=unmentioned.functions,
        not_shown=(*unseen, *unmentioned.notes),
    )


def _figures(relation: Relation, details: Details | None, *, counted: bool) -> RelationFigures:
    name = relation.name
    storage = None if details is None else details.storage.get(name)
    return RelationFigures(
        schema=name.schema,
        name=name.name,
        kind=relation.kind,
        columns=len(relation.columns),
        constraints=len(relation.constraints) if counted else None,
        indexes=None if details is None else len(details.indexes_of.get(name, ())),
        triggers=None if details is None else len(details.triggers_of.get(name, ())),
        policies=None if details is None else len(details.policies_of.get(name, ())),
        row_security=None if storage is None or relation.is_view else storage.row_security,
        rows=None if storage is None else storage.rows,
        size=None if storage is None else storage.size,
    )


def _totals(catalog: Catalog, figures: tuple[RelationFigures, ...], details: Details | None) -> Totals:
    def summed(field: str, *, shown: bool = details is not None) -> int | None:
        told = [value for each in figures if (value := getattr(each, field)) is not None]
        return sum(told) if shown else None

    covers = catalog.covers
    keys = sum(c.kind == "foreign" for r in catalog.relations for c in r.constraints)
    return Totals(
        tables=sum(not r.is_view for r in catalog.relations),
        views=sum(r.is_view for r in catalog.relations),
        enums=sum(not enum.external for enum in catalog.enums) if Facet.ENUMS in covers else None,
        columns=sum(f.columns for f in figures),
        constraints=summed("constraints", shown={Facet.CONSTRAINTS, Facet.CHECKS}.issubset(covers)),
        foreign_keys=keys if Facet.CONSTRAINTS in covers else None,
        functions=None if details is None else len(details.routines),
        indexes=summed("indexes"),
        triggers=summed("triggers"),
        policies=summed("policies"),
        rows=summed("rows"),
        size=summed("size"),
    )


# ---- hints


def _closed(tables: list[Relation], details: Details) -> Iterator[QName]:
    """Yield tables whose row level security is on and that no permissive policy opens.

    PostgreSQL manual, "Row Security Policies": without one, a default-deny policy is used.
    """
    for name in (r.name for r in tables):
        storage = details.storage.get(name)
        opened = any(policy.permissive for policy in details.policies_of.get(name, ()))
        if storage is not None and storage.row_security and not opened:
            yield name


def _unindexed(tables: list[Relation], details: Details) -> Iterator[ForeignKey]:
    for relation in tables:
        indexes = details.indexes_of.get(relation.name, [])
        for key in relation.constraints:
            if key.kind == "foreign" and not any(_serves(index, key) for index in indexes):
                yield ForeignKey(table=relation.name, name=key.name, columns=key.columns)


def _serves(index: Index, key: Constraint) -> bool:
    """Return whether rows are found by *key*'s columns: they lead a whole, valid index, in whatever order.

    PostgreSQL manual, "Multicolumn Indexes" and "Foreign Keys".
    """
    leading = index.keys[: len(key.columns)]
    whole = index.valid and index.predicate is None and index.method in _LOOKED_UP
    return whole and set(leading) == set(key.columns)


def _unused(catalog: Catalog, details: Details) -> Iterator[QName]:
    columns = [c for r in catalog.relations for c in r.columns]
    columns += [c for composite in catalog.composites for c in composite.attributes]
    used = {c.type.name for c in columns} | {d.base.name for d in catalog.domains}
    used |= {name for routine in details.routines for name in routine.types}
    yield from (e.name for e in catalog.enums if not e.external and e.name not in used)


def _inexact(catalog: Catalog) -> Iterator[InexactColumn]:
    reasons: dict[TypeRef, str | None] = {}
    for relation in catalog.relations:
        for column in relation.columns:
            for type_ in needed_first(column.type, partial(_made_of, catalog), reasons):
                own = _reason(type_, modifiers=catalog.shows_modifiers)
                reasons[type_] = next(filter(None, [own, *map(reasons.get, _made_of(catalog, type_))]), None)
            if reason := reasons[column.type]:
                shown = sql_name(column.type)
                yield InexactColumn(table=relation.name, column=column.name, type=shown, reason=reason)


def _made_of(catalog: Catalog, type_: TypeRef) -> list[TypeRef]:
    """Return the base type of a domain, the types of a composite's attributes, of any other type nothing."""
    if (domain := catalog.domains_by_name.get(type_.name)) is not None:
        return [domain.base]
    composite = catalog.composites_by_name.get(type_.name)
    return [a.type for a in composite.attributes] if composite is not None else []


def _reason(type_: TypeRef, *, modifiers: bool) -> str | None:
    """Return why JSON does not carry each value of a built-in type; to_json of the server is the authority.

    Without *modifiers* a numeric may have any number of digits, and nothing is said.
    """
    if type_.name.schema != "pg_catalog":
        return None
    if type_.name.name == "numeric":
        if type_.modifier is None and not modifiers:
            return None
        digits = int((type_.modifier or "1000").split(",")[0])
        return _NUMERIC if digits > _EXACT_DIGITS else None
    return _BIGINT if type_.name.name == "int8" else None


# ---- who refers to whom


def _graph(tables: list[Relation]) -> dict[QName, list[QName]]:
    graph = {r.name: sorted({c.references for c in r.constraints if c.references is not None}) for r in tables}
    outside = {name for targets in graph.values() for name in targets} - set(graph)
    return graph | {name: [] for name in sorted(outside)}


def longest_chains(graph: Mapping[Node, Sequence[Node]], most: int) -> list[tuple[Node, ...]]:
    """Return up to *most* of the longest ways along *graph*, each from another start; a cycle counts as one step.

    Through a cycle goes its shortest way, for the longest one is not to be had in good time.
    """
    groups = components(graph)
    group_of = {node: i for i, group in enumerate(groups) for node in group}
    depth: dict[int, int] = {}
    step: dict[int, tuple[Node, Node] | None] = {}
    for i, group in enumerate(groups):
        leaving = [(a, b) for a in group for b in graph[a] if group_of[b] != i]
        best = max(leaving, key=lambda edge: depth[group_of[edge[1]]], default=None)
        step[i], depth[i] = best, 0 if best is None else depth[group_of[best[1]]] + 1
    deepest = max(depth.values(), default=0)
    starts = {groups[i][-1] for i, length in depth.items() if length == deepest and deepest}
    chains: list[tuple[Node, ...]] = []
    for start in [node for node in graph if node in starts][:most]:
        chain, node = [start], start
        while (edge := step[group_of[node]]) is not None:
            chain += [*_way(graph, node, edge[0], set(groups[group_of[node]]))[1:], edge[1]]
            node = edge[1]
        chains.append(tuple(chain))
    return chains


def _way(graph: Mapping[Node, Sequence[Node]], start: Node, end: Node, within: set[Node]) -> list[Node]:
    """Return the shortest way from *start* to *end* that stays *within* a component."""
    ways, met = deque([[start]]), {start}
    while ways[0][-1] != end:
        way = ways.popleft()
        for other in graph[way[-1]]:
            if other in within and other not in met:
                met.add(other)
                ways.append([*way, other])
    return ways[0]
