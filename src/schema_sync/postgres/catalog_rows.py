"""Joins the raw rows of the catalog queries to a Catalog; the same for every transport.

Authority for columns and codes: PostgreSQL manual, chapter "System Catalogs".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from schema_sync.model.base import grouped
from schema_sync.model.catalog import (
    ALL_FACETS,
    VIEW_KINDS,
    Catalog,
    CompositeType,
    Constraint,
    ConstraintKind,
    DomainType,
    EnumType,
    Facet,
    ForeignKeyAction,
    ObjectIdentity,
    QName,
    Relation,
    RelationKind,
)
from schema_sync.postgres.column_rows import ColumnRows, RawRows
from schema_sync.postgres.functions import read_functions
from schema_sync.postgres.schema_changes import SchemaChangedError
from schema_sync.postgres.scope import left_out, namespaces
from schema_sync.postgres.type_rows import TypeRows

_RELATION_KINDS: dict[str, RelationKind] = {
    "r": "table",
    "p": "partitioned",
    "v": "view",
    "m": "materialized_view",
    "f": "foreign",
}
_KEY_KINDS: dict[str, ConstraintKind] = {"p": "primary", "u": "unique", "f": "foreign"}
_ACTIONS: dict[str, ForeignKeyAction] = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}


def build_catalog(rows: RawRows, schemas: Sequence[str]) -> Catalog:
    """Return the catalog of *schemas* from the rows of ``catalog_queries``.

    Raises:
        UsageError: if a schema does not exist.
        SchemaChangedError: if *rows* are of a schema that changed while they were read.
    """
    return _Builder(rows, schemas).catalog()


class _Builder:
    """What the rows of one read say, by what it is looked up by."""

    def __init__(self, rows: RawRows, schemas: Sequence[str]) -> None:
        self._rows = rows
        self._schemas = tuple(sorted(set(schemas)))
        self._namespaces = namespaces(rows["namespaces"], self._schemas)
        self._members = {row[0] for row in rows["members"]}
        relations = [row for row in rows["relations"] if not row[6]]  # less partitions
        self._names = {row[0]: QName(schema=self._namespaces[row[1]], name=row[2]) for row in relations}
        self._composites = {self._names[row[0]]: row[0] for row in relations if row[3] == "c"}
        # whether views and foreign tables take inserts and updates
        self._takes = {row[0]: (row[2], row[3]) for row in rows.get("writability", ()) if not row[1]}
        expressions = rows.get("expressions", ())  # defaults, which have no name, and checks, which have no column
        if any(row[3] is None for row in expressions):
            raise SchemaChangedError("the relation of a default or check is gone")
        self._checks = grouped((row[0], row) for row in expressions if row[2] is not None)
        self._keys = grouped((row[0], row) for row in rows["constraints"] if row[2] in _KEY_KINDS)
        self._labels = grouped((row[0], row) for row in sorted(rows["enums"], key=lambda row: (row[2], row[1])))
        self._comments = {(row[0], row[1]): row[3] for row in rows["comments"] if not row[2]}
        self._types = TypeRows(rows["types"], relations, self._names, self._namespaces)
        self._columns = ColumnRows(rows, self._types)
        # relations in other schemas, to which keys refer
        self._foreign_names = {row[0]: QName(schema=row[1], name=row[2]) for row in rows["foreign_columns"]}

    def catalog(self) -> Catalog:
        """Return the catalog, sorted by qualified name."""
        rows = self._rows
        kinds = ((row[0], row[3]) for row in rows["relations"] if not row[6] and row[0] not in self._members)
        tables: dict[int, RelationKind] = {oid: _RELATION_KINDS[kind] for oid, kind in kinds if kind != "c"}
        found = sorted((self._relation(oid, kind) for oid, kind in tables.items()), key=lambda r: r.name)
        enums, domains, composites = self._used_types()
        used = {ref.name for ref, _ in self._types.used.values()} | {domain.base.name for domain in domains}
        casts = (name for name, row in self._types.by_name.items() if row[9])
        asked = {Facet.CHECKS: "expressions", Facet.FUNCTIONS: "functions", Facet.WRITABILITY: "writability"}
        argument_type = partial(self._types.of_argument, schemas=self._schemas)
        return Catalog(
            schemas=self._schemas,
            covers=tuple(facet for facet in ALL_FACETS if facet not in asked or asked[facet] in rows),
            relations=tuple(found),
            enums=enums,
            domains=domains,
            composites=composites,
            json_casts=tuple(sorted(used.intersection(casts))),
            functions=read_functions(rows.get("functions", ()), self._namespaces, argument_type),
            left_out=left_out(rows, self._schemas, self._namespaces),
            database=rows["database"][0][1],
            identity=dict(self._identities(enums, composites, tables)),
        )

    def _identities(
        self, enums: Iterable[EnumType], composites: Iterable[CompositeType], tables: Iterable[int]
    ) -> Iterator[tuple[str, ObjectIdentity]]:
        """Yield the identity of each object that a class can map to, by its name."""
        types = (self._composites[each.name] for each in composites if not each.external)
        for oid in (*tables, *types):
            yield str(self._names[oid]), ObjectIdentity(oid=oid, attnums=self._columns.numbers(oid))
        for name in (each.name for each in enums if not each.external):
            oid = self._types.by_name[name][0]
            numbers = {row[1]: row[3] for row in self._labels.get(oid, ())}
            yield str(name), ObjectIdentity(oid=oid, attnums=numbers)

    # ---- relations

    def _relation(self, oid: int, kind: RelationKind) -> Relation:
        always = kind in {"table", "partitioned"}
        insertable, updatable = (True, True) if always else self._takes.get(oid, (False, False))
        constraints = [self._key(row) for row in self._keys.get(oid, ())]
        constraints += [self._check(row) for row in self._checks.get(oid, ())]
        constraints.sort(key=lambda c: (c.kind, c.columns, c.name))
        return Relation(
            name=self._names[oid],
            kind=kind,
            columns=self._columns.of(oid, view=kind in VIEW_KINDS),
            constraints=tuple(constraints),
            comment=self._comments.get((False, oid)),
            insertable=insertable,
            updatable=updatable,
        )

    def _key(self, row: Sequence[Any]) -> Constraint:
        relation, name, kind, numbers, target, target_numbers, on_delete, on_update = row
        columns = self._columns.names(relation, numbers)
        if not target:
            return Constraint(kind=_KEY_KINDS[kind], name=name, columns=columns)
        return Constraint(
            kind=_KEY_KINDS[kind],
            name=name,
            columns=columns,
            references=self._names.get(target) or self._foreign_names.get(target),
            referenced_columns=self._columns.names(target, target_numbers),
            on_delete=_ACTIONS[on_delete],
            on_update=_ACTIONS[on_update],
        )

    def _check(self, row: Sequence[Any]) -> Constraint:
        relation, _, name, expression, binding, numbers = row
        columns = self._columns.names(relation, sorted(numbers or ()))
        return Constraint(kind="check", name=name, columns=columns, expression=expression, binding=binding)

    # ---- types

    def _used_types(
        self,
    ) -> tuple[tuple[EnumType, ...], tuple[DomainType, ...], tuple[CompositeType, ...]]:
        """The types of the chosen schemas, and those elsewhere that something depends on (marked external)."""
        rows = {name: row for name, row in self._types.by_name.items() if row[3] in "dec"}
        own = [n for n, row in rows.items() if n.schema in self._schemas and row[0] not in self._members]
        wanted, queue = set(own), [*own, *(ref.name for ref, _ in self._types.used.values())]
        built: dict[QName, EnumType | DomainType | CompositeType] = {}
        while queue:
            name = queue.pop()
            if name in built or name not in rows:
                continue
            found = built[name] = self._type(rows[name], name, external=name not in wanted)
            if isinstance(found, DomainType):
                queue.append(found.base.name)
            elif isinstance(found, CompositeType):
                queue.extend(a.type.name for a in found.attributes)
        types = [built[name] for name in sorted(built)]
        return (
            tuple(each for each in types if isinstance(each, EnumType)),
            tuple(each for each in types if isinstance(each, DomainType)),
            tuple(each for each in types if isinstance(each, CompositeType)),
        )

    def _type(self, row: Sequence[Any], name: QName, *, external: bool) -> EnumType | DomainType | CompositeType:
        comment = self._comments.get((True, row[0]))
        if row[3] == "e":
            labels = tuple(label[1] for label in self._labels.get(row[0], ()))
            return EnumType(name=name, labels=labels, external=external, comment=comment)
        if row[3] == "d":
            base = self._types.ref(row[5], row[6])
            return DomainType(
                name=name, base=base, not_null=row[7], has_default=row[8], external=external, comment=comment
            )
        attributes = self._columns.of(self._composites.get(name, 0))
        return CompositeType(name=name, attributes=attributes, external=external, comment=comment)
