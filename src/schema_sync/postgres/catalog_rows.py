"""Joins the raw rows of the catalog queries to a Catalog; the same for every transport.

Authority for columns and codes: PostgreSQL manual, chapter "System Catalogs".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from schema_sync.mapping.expressions import is_json_array, is_null
from schema_sync.model.base import grouped
from schema_sync.model.catalog import (
    ALL_FACETS,
    VIEW_KINDS,
    Catalog,
    Column,
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
    TypeRef,
)
from schema_sync.postgres.builtin_types import BUILTIN_TYPES, PSEUDO_TYPES
from schema_sync.postgres.functions import RECORD, read_functions
from schema_sync.postgres.schema_changes import SchemaChangedError
from schema_sync.postgres.scope import left_out, namespaces
from schema_sync.postgres.type_modifiers import modifier_text
from schema_sync.postgres.view_origins import Origin, origins

RawRows = Mapping[str, Sequence[Sequence[Any]]]  # what a driver or json.loads gives

_RELATION_KINDS: dict[str, RelationKind] = {
    "r": "table",
    "p": "partitioned",
    "v": "view",
    "m": "materialized_view",
    "f": "foreign",
}
_CONSTRAINT_KINDS: dict[str, ConstraintKind] = {"p": "primary", "u": "unique", "f": "foreign"}
_ACTIONS: dict[str, ForeignKeyAction] = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
_IDENTITY: dict[str, Literal["always", "by_default"]] = {"a": "always", "d": "by_default"}
_GENERATED: dict[str, Literal["stored", "virtual"]] = {"s": "stored", "v": "virtual"}
_UNKNOWN_TYPE = TypeRef(name=QName(schema="pg_catalog", name="unknown"))


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
        self._resolved: dict[tuple[int, int], tuple[TypeRef, bool]] = {}
        self._bases: dict[Origin, Origin] = {}  # the ends of lineages, by each column on the way
        self._members = {int(row[0]) for row in rows["members"]}
        self._relations = [row for row in rows["relations"] if not row[6]]  # less partitions
        self._columns = grouped((row[0], row) for row in sorted(rows["columns"], key=lambda row: int(row[2])))
        self._comments = {(row[0], row[1], row[2]): row[3] for row in rows["comments"]}
        # where the columns of each view come from, by the view and the column's number
        self._origins = {view: origins(tree) for view, tree in rows["views"]}
        # the columns that hold nulls although they refuse new ones
        self._unvalidated: set[Origin] = {(row[0], row[1]) for row in rows["unvalidated"]}
        # the text of the defaults that tell more than that there is one
        self._defaults: dict[Origin, str] = {(row[0], row[1]): row[2] for row in rows["defaults"]}
        # whether views and foreign tables (attnum 0) and the columns of views take inserts and updates
        self._takes = {(row[0], row[1]): (row[2], row[3]) for row in rows.get("writability", ())}
        expressions = rows.get("expressions", ())  # defaults, which have no name, and checks, which have no column
        if any(row[3] is None for row in expressions):
            raise SchemaChangedError("the relation of a default or check is gone")
        self._default_texts = {(row[0], row[1]): row[3] for row in expressions}
        self._checks = grouped((row[0], row) for row in expressions if row[2] is not None)
        self._constraints = grouped((row[0], row) for row in rows["constraints"])
        self._labels = grouped((row[0], row[1]) for row in sorted(rows["enums"], key=lambda row: (row[2], row[1])))
        self._types = {row[0]: row for row in rows["types"]}
        self._types_by_name = {self._name(row): row for row in rows["types"]}
        self._composites = {self._name(row): row[0] for row in self._relations if row[3] == "c"}
        foreign = rows["foreign_columns"]  # of relations in other schemas, to which keys refer
        self._relation_names = {row[0]: self._name(row) for row in self._relations}
        self._relation_names |= {row[0]: QName(schema=row[1], name=row[2]) for row in foreign}
        self._column_names = {(row[0], row[2]): row[1] for row in rows["columns"]}
        self._column_names |= {(row[0], row[4]): row[3] for row in foreign}

    def catalog(self) -> Catalog:
        """Return the catalog, sorted by qualified name."""
        tables = {row[0]: row for row in self._relations if row[3] != "c" and row[0] not in self._members}
        asked = {Facet.CHECKS: "expressions", Facet.FUNCTIONS: "functions", Facet.WRITABILITY: "writability"}
        covers = tuple(facet for facet in ALL_FACETS if facet not in asked or asked[facet] in self._rows)
        found = sorted((self._relation(row) for row in tables.values()), key=lambda r: r.name)
        enums, domains, composites = self._used_types(found)
        columns = [c for r in found for c in r.columns] + [c for t in composites for c in t.attributes]
        used = {*(column.type.name for column in columns), *(domain.base.name for domain in domains)}
        return Catalog(
            schemas=self._schemas,
            covers=covers,
            relations=tuple(found),
            enums=enums,
            domains=domains,
            composites=composites,
            json_casts=tuple(sorted(used & {self._name(row) for row in self._rows["types"] if row[9]})),
            functions=read_functions(self._rows.get("functions", ()), self._namespaces, self._argument_type),
            left_out=left_out(self._rows, self._schemas, self._namespaces),
            database=self._rows["database"][0][1],
            identity={
                str(self._name(row)): ObjectIdentity(oid=oid, attnums={c[1]: c[2] for c in self._columns[oid]})
                for oid, row in tables.items()
            },
        )

    def _name(self, row: Sequence[Any]) -> QName:
        return QName(schema=self._namespaces[row[1]], name=row[2])

    # ---- relations

    def _relation(self, row: Sequence[Any]) -> Relation:
        oid, kind = row[0], _RELATION_KINDS[row[3]]
        takes = (True, True) if kind in {"table", "partitioned"} else self._takes.get((oid, 0), (False, False))
        return Relation(
            name=self._name(row),
            kind=kind,
            columns=tuple(self._columns_of(oid, view=kind in VIEW_KINDS)),
            constraints=tuple(sorted(self._constraints_of(oid), key=lambda c: (c.kind, c.columns, c.name))),
            comment=self._comments.get((False, oid, 0)),
            insertable=takes[0],
            updatable=takes[1],
        )

    def _columns_of(self, relation: int, *, view: bool = False) -> Iterator[Column]:
        for rank, row in enumerate(self._columns[relation], start=1):
            _, name, attnum, type_oid, typmod, not_null, has_default, identity, generated = row
            ref, domain_not_null = self._resolve(type_oid, typmod)
            own = (relation, attnum)
            lineage = list(self._lineage(own))
            comments = (self._comments.get((False, *origin)) for origin in lineage)  # the nearest counts
            takes = self._takes.get(own, (True, True))
            held = own in self._unvalidated
            refuses = self._refuses_null(own) if view else (not_null and not held) or domain_not_null
            yield Column(
                name=name,
                rank=rank,
                type=ref,
                nullable=not refuses,
                new_not_null=held and not domain_not_null,
                has_default=has_default,
                null_default=is_null(self._defaults.get(own, "")),
                default=self._default_texts.get(own),
                identity=_IDENTITY.get(identity),
                generated=_GENERATED.get(generated),
                insertable=takes[0],
                updatable=takes[1],
                comment=next((comment for comment in comments if comment is not None), None),
                json_array=any(is_json_array(self._defaults.get(origin, "")) for origin in lineage),
            )

    # ---- columns of views

    @cached_property
    def _base_columns(self) -> dict[Origin, tuple[int, bool]]:
        """Type and NOT NULL of the columns that views can come from."""
        found = {(row[0], row[1]): (row[2], row[3]) for row in self._rows["base_columns"]}
        found.update({(row[0], row[2]): (row[3], row[5]) for row in self._rows["columns"]})
        return found | {column: (found[column][0], False) for column in self._unvalidated & found.keys()}

    def _lineage(self, column: Origin) -> Iterator[Origin]:
        """Yield the column, what it comes from if its relation is a view, and so on to a table.

        Views can be replaced so that they read each other in a circle; no query of them runs, but they exist.
        """
        seen: dict[Origin, None] = {}
        origin: Origin | None = column
        while origin is not None and origin not in seen:
            yield origin
            seen[origin] = None
            origin = self._origins.get(origin[0], {}).get(origin[1])

    def _refuses_null(self, column: Origin) -> bool:
        """Whether the table's column at the end of the lineage is NOT NULL, by itself or by its domain."""
        base = self._bases.get(column)
        if base is None:
            lineage = list(self._lineage(column))
            base = lineage[-1]
            if base[0] not in self._origins:  # no circle, in which each column would have another end
                self._bases.update(dict.fromkeys(lineage, base))
        if base[0] in self._origins or base not in self._base_columns:
            return False  # a view's column that is computed, or a system column
        type_oid, not_null = self._base_columns[base]
        return not_null or self._domain_refuses_null(type_oid)

    # ---- constraints

    def _constraints_of(self, relation: int) -> Iterator[Constraint]:
        for _, name, kind, key, foreign, foreign_key, on_delete, on_update in self._constraints[relation]:
            yield Constraint(
                kind=_CONSTRAINT_KINDS[kind],
                name=name,
                columns=tuple(self._column_names[relation, n] for n in key),
                references=self._relation_names.get(foreign),
                referenced_columns=tuple(
                    self._column_names[foreign, n] for n in foreign_key or () if (foreign, n) in self._column_names
                ),
                on_delete=_ACTIONS.get(on_delete),  # a blank where it is no foreign key
                on_update=_ACTIONS.get(on_update),
            )
        for _, _, name, text, binding, key in self._checks[relation]:
            columns = tuple(self._column_names[relation, n] for n in sorted(key or ()))
            yield Constraint(kind="check", name=name, columns=columns, expression=text, binding=binding)

    # ---- types

    @cached_property
    def _refs(self) -> dict[int, tuple[QName, int]]:
        refs = {oid: (QName(schema="pg_catalog", name=name), dims) for oid, (name, dims) in BUILTIN_TYPES.items()}
        for oid, row in self._types.items():
            name = self._name(row)
            refs[oid] = (name, 0)
            if row[4]:
                refs[row[4]] = (name, 1)
        for row in self._relations:
            refs.setdefault(row[4], (self._name(row), 0))
            if row[5]:
                refs.setdefault(row[5], (self._name(row), 1))
        return refs

    def _ref(self, oid: int, typmod: int) -> TypeRef:
        name, dims = self._refs.get(oid, (None, 0))
        if name is None:
            return _UNKNOWN_TYPE
        return TypeRef(name=name, dims=dims, modifier=modifier_text(name.name, typmod))

    def _resolve(self, oid: int, typmod: int) -> tuple[TypeRef, bool]:
        """Return the type and whether a domain on the way to its base type refuses null."""
        memo = self._resolved.get((oid, typmod))
        if memo is None:
            memo = self._ref(oid, typmod), self._domain_refuses_null(oid)
            self._resolved[oid, typmod] = memo
        return memo

    def _domain_refuses_null(self, oid: int) -> bool:
        row = self._types.get(oid)
        while row is not None and row[3] == "d":
            if row[7]:
                return True
            row = self._types.get(row[5])
        return False

    def _argument_type(self, oid: int) -> TypeRef:
        """Return the type of a function's argument or result.

        Functions bring no types into the catalog: outside the chosen schemas a domain is its base type, and a
        composite type a record.
        """
        if (pseudo := PSEUDO_TYPES.get(oid)) is not None:
            return TypeRef(name=QName(schema="pg_catalog", name=pseudo))
        ref, dims = self._ref(oid, -1), 0
        while (row := self._types_by_name.get(ref.name)) is not None and row[3] in "cd":
            if ref.name.schema in self._schemas:
                break
            dims = dims or ref.dims
            ref = RECORD if row[3] == "c" else self._ref(row[5], -1)
        return TypeRef(name=ref.name, dims=dims) if dims else ref

    def _used_types(
        self, relations: Sequence[Relation]
    ) -> tuple[tuple[EnumType, ...], tuple[DomainType, ...], tuple[CompositeType, ...]]:
        """The types of the chosen schemas, and those elsewhere that they depend on (marked external)."""
        rows = {name: row for name, row in self._types_by_name.items() if row[3] in "dec"}
        own = [n for n, row in rows.items() if n.schema in self._schemas and row[0] not in self._members]
        wanted, queue = set(own), [*own, *(c.type.name for r in relations for c in r.columns)]
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
        comment = self._comments.get((True, row[0], 0))
        if row[3] == "e":
            return EnumType(name=name, labels=tuple(self._labels[row[0]]), external=external, comment=comment)
        if row[3] == "d":
            base = self._ref(row[5], row[6])
            return DomainType(
                name=name, base=base, not_null=row[7], has_default=row[8], external=external, comment=comment
            )
        attributes = tuple(self._columns_of(self._composites.get(name, 0)))
        return CompositeType(name=name, attributes=attributes, external=external, comment=comment)
