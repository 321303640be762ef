"""The database side: what PostgreSQL's system catalogs say of the chosen schemas.

Names and terms are those of the PostgreSQL manual, chapter "System Catalogs". Everything is sorted by
qualified name, columns by rank, so that two reads of one schema give equal values.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

import msgspec

from schema_sync.model.base import Value

RelationKind = Literal["table", "partitioned", "view", "materialized_view", "foreign"]
ConstraintKind = Literal["primary", "unique", "foreign", "check"]
ForeignKeyAction = Literal["no action", "restrict", "cascade", "set null", "set default"]
ArgumentMode = Literal["in", "out", "inout", "variadic", "table"]
Volatility = Literal["immutable", "stable", "volatile"]
ObjectKind = Literal["table", "view", "enum", "composite", "function"]  # as markers and findings tell them apart
EXTENSIONS = "extensions"  # where Supabase keeps them; names are looked up there too, by its search_path
VIEW_KINDS: frozenset[str] = frozenset({"view", "materialized_view"})


class Facet(StrEnum):
    """A part of a schema that a source can, or cannot, see. What is not covered is unknown, not absent."""

    RELATIONS = "relations"
    NULLABILITY = "nullability"
    DEFAULTS = "defaults"
    IDENTITY = "identity"
    GENERATED = "generated"
    ENUMS = "enums"
    DOMAINS = "domains"
    COMPOSITES = "composites"
    CONSTRAINTS = "constraints"
    CHECKS = "checks"
    COMMENTS = "comments"
    WRITABILITY = "writability"
    FUNCTIONS = "functions"


ALL_FACETS: tuple[Facet, ...] = tuple(sorted(Facet))


class QName(Value, frozen=True, kw_only=True, order=True):
    """A qualified name, exactly as in the catalog: no quotes, no folding of case."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


class TypeRef(Value, frozen=True, kw_only=True):
    """A use of a type: ``int4``, never its alias ``integer``.

    ``dims`` is 1 for any array type (PostgreSQL does not enforce the declared number of dimensions);
    ``modifier`` is the text within the parentheses, such as ``12,4``.
    """

    name: QName
    dims: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0
    modifier: str | None = None


class Column(Value, frozen=True, kw_only=True):
    """A column of a relation; ``rank`` counts the columns that exist, from 1, without gaps.

    ``nullable`` considers NOT NULL of the column and of every domain below its type. ``new_not_null`` states that
    the column refuses null from now on, though rows from before may hold it (NOT VALID, PostgreSQL 18).
    ``insertable`` and ``updatable`` are False for what a view computes: they state what the relation takes, not
    what the column's ``generated`` and ``identity`` refuse. ``json_array`` states that the default of a
    json column is an array, ``null_default`` that the default is null.
    """

    name: str
    rank: int
    type: TypeRef
    nullable: bool = False
    new_not_null: bool = False
    has_default: bool = False
    default: str | None = None
    identity: Literal["always", "by_default"] | None = None
    generated: Literal["stored", "virtual"] | None = None
    comment: str | None = None
    insertable: bool = True
    updatable: bool = True
    json_array: bool = False
    null_default: bool = False


class Constraint(Value, frozen=True, kw_only=True):
    """A constraint by its columns (names, in the constraint's order); a check by its expression too.

    ``on_delete`` and ``on_update`` are what a foreign key does then, None where the source does not show it.

    ``binding`` is False for a check that some rows a SELECT yields need not pass: NOT VALID, NO INHERIT, or one
    whose columns have a collation by which different texts are equal.
    """

    kind: ConstraintKind
    name: str
    columns: tuple[str, ...] = ()
    references: QName | None = None
    referenced_columns: tuple[str, ...] = ()
    on_delete: ForeignKeyAction | None = None
    on_update: ForeignKeyAction | None = None
    expression: str | None = None
    binding: bool = True


class Relation(Value, frozen=True, kw_only=True):
    """A table, view, materialized view or foreign table. Partitions are folded into their parent.

    ``insertable`` and ``updatable`` state whether it takes rows at all.
    """

    name: QName
    kind: RelationKind
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    comment: str | None = None
    insertable: bool = True
    updatable: bool = True

    @property
    def is_view(self) -> bool:
        """Whether rows of it are computed by a query."""
        return self.kind in VIEW_KINDS


class EnumType(Value, frozen=True, kw_only=True):
    """An enum type with its labels in sort order.

    ``external`` marks, here and for domains and composites, a type outside the chosen schemas or of an
    extension: it is in the catalog only because a column depends on it.
    """

    name: QName
    labels: tuple[str, ...] = ()
    external: bool = False
    comment: str | None = None


class DomainType(Value, frozen=True, kw_only=True):
    """A domain: its base type (which may be a domain again) and whether it refuses null."""

    name: QName
    base: TypeRef
    not_null: bool = False
    has_default: bool = False
    external: bool = False
    comment: str | None = None


class CompositeType(Value, frozen=True, kw_only=True):
    """A stand-alone composite type; its attributes are columns that accept null."""

    name: QName
    attributes: tuple[Column, ...] = ()
    external: bool = False
    comment: str | None = None


class Argument(Value, frozen=True, kw_only=True):
    """An argument of a function; ``out`` and ``table`` ones are columns of its result, ``inout`` ones both.

    ``name`` is empty where there is none; ``variadic`` has the type of the array that it takes.
    """

    name: str
    type: TypeRef
    mode: ArgumentMode = "in"
    has_default: bool = False


class Function(Value, frozen=True, kw_only=True):
    """A function that can be called by name; ``result`` is None where it returns void.

    With ``out`` or ``table`` arguments these, and not ``result``, state what comes back.
    """

    name: QName
    arguments: tuple[Argument, ...] = ()
    result: TypeRef | None = None
    returns_set: bool = False
    volatility: Volatility = "volatile"
    strict: bool = False
    comment: str | None = None

    @property
    def inputs(self) -> tuple[Argument, ...]:
        """The arguments that a call gives."""
        return tuple(a for a in self.arguments if a.mode in {"in", "inout", "variadic"})

    @property
    def outputs(self) -> tuple[Argument, ...]:
        """The arguments that are columns of the result."""
        return tuple(a for a in self.arguments if a.mode in {"out", "inout", "table"})


class LeftOut(Value, frozen=True, kw_only=True):
    """A relation or type that is not compared, and what it is.

    The rows of a partition reach the code through its parent; what belongs to an extension is not the user's.
    """

    name: QName
    why: Literal["partition", "extension"]


class ObjectIdentity(Value, frozen=True, kw_only=True):
    """What survives a rename: the object's oid and, by name, its columns' attnums or its labels' oids."""

    oid: int
    attnums: dict[str, int] = msgspec.field(default_factory=dict)


class Catalog(Value, frozen=True, kw_only=True, dict=True):
    """All that a source saw of ``schemas``.

    ``json_casts`` are the base types in use that have a cast to json, which ``to_json`` calls.
    ``left_out`` names what is not compared, so that nobody takes it for gone.
    ``identity`` and ``database`` (a key of the database the oids belong to, or None where oids do not
    outlive the read) are no part of the schema: neither snapshots nor fingerprints hold them.
    """

    schemas: tuple[str, ...]
    covers: tuple[Facet, ...]
    relations: tuple[Relation, ...] = ()
    enums: tuple[EnumType, ...] = ()
    domains: tuple[DomainType, ...] = ()
    composites: tuple[CompositeType, ...] = ()
    json_casts: tuple[QName, ...] = ()
    functions: tuple[Function, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    database: str | None = None
    identity: dict[str, ObjectIdentity] = msgspec.field(default_factory=dict)

    @cached_property
    def relations_by_name(self) -> dict[QName, Relation]:
        """Relations by qualified name."""
        return {relation.name: relation for relation in self.relations}

    @cached_property
    def left_out_by_name(self) -> dict[QName, LeftOut]:
        """What is left out, by qualified name; what lies in the schema of extensions, by any."""
        extensions = [each for each in self.left_out if each.name.schema == EXTENSIONS]
        found = {QName(schema=s, name=each.name.name): each for each in extensions for s in self.schemas}
        return found | {each.name: each for each in self.left_out}

    @cached_property
    def enums_by_name(self) -> dict[QName, EnumType]:
        """Enum types by qualified name."""
        return {enum.name: enum for enum in self.enums}

    @cached_property
    def domains_by_name(self) -> dict[QName, DomainType]:
        """Domains by qualified name."""
        return {domain.name: domain for domain in self.domains}

    @property
    def shows_modifiers(self) -> bool:
        """Whether types have their modifiers. What shows domains as the types below them shows no modifiers."""
        return Facet.DOMAINS in self.covers

    def over(self, ref: TypeRef) -> tuple[TypeRef, ...]:
        """Return *ref* and, where it is a domain, what it is over, down to a type that is none or an array.

        A saved catalog may have a circle of domains, which no database has; each is returned once.
        """
        found = {ref: None}
        while not ref.dims and (domain := self.domains_by_name.get(ref.name)) is not None:
            ref = domain.base
            if ref in found:
                break
            found[ref] = None
        return tuple(found)

    def below(self, name: QName) -> QName:
        """Return the type below the domain *name*, or below that of its elements; *name* itself for any other."""
        met: set[QName] = set()
        while name not in met and (domain := self.domains_by_name.get(name)) is not None:
            met.add(name)
            name = domain.base.name
        return name

    @cached_property
    def composites_by_name(self) -> dict[QName, CompositeType]:
        """Stand-alone composite types by qualified name."""
        return {composite.name: composite for composite in self.composites}
