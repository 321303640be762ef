"""What a source that sees a part shows, laid over what the last sync knew.

A partial source (PostgREST) must neither make known things unknown nor be taken for more than it is: what it
shows is true, what it cannot show stays as it was last seen. docs/decisions/postgrest.md has the reasons.
"""

from __future__ import annotations

from msgspec.structs import replace

from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, Constraint, Facet, Relation, TypeRef
from schema_sync.model.snapshot import UNHASHED_FACETS, Lock, fingerprint

_SMALL_INTEGERS = frozenset({"int2", "int4"})  # one format in OpenAPI


def unseen(catalog: Catalog) -> tuple[Facet, ...]:
    """Return the facets of the hash that *catalog* does not cover; none for a full source."""
    return tuple(f for f in ALL_FACETS if f not in catalog.covers and f not in UNHASHED_FACETS)


def overlaid(seen: Catalog, lock: Lock) -> Catalog:
    """Return *seen*, completed by the catalog of *lock* where *seen* is partial and both are of the same schemas.

    It covers what *seen* covers: the rest is as old as the lock.
    """
    if not unseen(seen) or set(seen.schemas) != set(lock.catalog.schemas):
        return seen
    known = lock.catalog
    enums = {enum.name: enum for enum in known.enums}
    for enum in seen.enums:
        base = known.below(enum.name)  # it may be shown under a domain over it
        old = enums.get(base)
        enums[base] = replace(old, labels=enum.labels) if old else enum
    return replace(
        known,  # whatever else it holds stays as it was
        schemas=seen.schemas,
        covers=seen.covers,
        database=seen.database,
        identity=seen.identity,
        relations=tuple(_relation(relation, known) for relation in seen.relations),
        enums=tuple(enums[name] for name in sorted(enums)),
    )


def schema_hash(catalog: Catalog, lock: Lock | None) -> str:
    """Return the hash of *catalog*; that of *lock* where *catalog*, laid over it, shows nothing else."""
    return lock.db_hash if lock is not None and shows_no_change(catalog, lock) else fingerprint(catalog)


def shows_no_change(catalog: Catalog, lock: Lock) -> bool:
    """Return whether *catalog* is the lock's, or the overlay of a partial source that differs nowhere from it."""
    if lock.is_of(catalog):
        return True
    return bool(unseen(catalog)) and replace(catalog, covers=lock.catalog.covers) == lock.catalog


def _relation(seen: Relation, catalog: Catalog) -> Relation:
    known = catalog.relations_by_name.get(seen.name)
    if known is None:
        return seen
    by_domain = {column.name for column in known.columns if _base(column.type, catalog)[1]}
    if _is_another(seen, known, by_domain):
        return seen
    old = {column.name: column for column in known.columns}
    columns = tuple(
        _column(column, old[column.name], known.is_view, catalog) if column.name in old else column
        for column in seen.columns
    )
    keys = known.constraints if known.is_view else _constraints(seen, known)
    return replace(known, columns=columns, constraints=keys, comment=seen.comment)


def _column(seen: Column, known: Column, in_view: bool, catalog: Catalog) -> Column:
    """Return *known* with what is seen; what a view's column has from its base column is not shown."""
    base, refuses_null = _base(known.type, catalog)
    if not (_fits(seen.type, known.type) or _fits(seen.type, base)):
        return seen
    computed = known.identity is not None or known.generated is not None
    return replace(
        known,
        rank=seen.rank,
        nullable=known.nullable if in_view else seen.nullable and not refuses_null,
        has_default=known.has_default or (seen.has_default and not computed),
        comment=known.comment if in_view and seen.comment is None else seen.comment,
    )


def _base(ref: TypeRef, catalog: Catalog) -> tuple[TypeRef, bool]:
    """Return what lies below domains, and whether one of them refuses null."""
    below = catalog.over(ref)
    found = (catalog.domains_by_name.get(part.name) for part in below if not part.dims)
    return below[-1], any(domain is not None and domain.not_null for domain in found)


def _is_another(seen: Relation, known: Relation, by_domain: set[str]) -> bool:
    """Return whether a table is where a view was, or the reverse: they are distinguished only by what they allow.

    Of a view's columns only those of a domain that refuses null (*by_domain*) are shown as NOT NULL.
    """
    if known.is_view:
        return seen.kind == "table" and any(not c.nullable and c.name not in by_domain for c in seen.columns)
    return seen.is_view and known.kind != "foreign"


def _fits(seen: TypeRef, known: TypeRef) -> bool:
    """Return whether *known* would be shown as *seen*: modifiers may be left out, smallint as a wider integer."""
    small = seen.name.name == "int4" and known.name.name in _SMALL_INTEGERS
    same = seen.name == known.name or (small and seen.name.schema == known.name.schema)
    return same and seen.dims == known.dims and (seen.modifier is None or seen.modifier == known.modifier)


def _constraints(seen: Relation, known: Relation) -> tuple[Constraint, ...]:
    """Return the known keys that can still stand, and the seen ones among which none is known."""
    columns = {column.name for column in seen.columns}
    shown = {_key(constraint) for constraint in seen.constraints}
    kept = [
        c for c in known.constraints if columns.issuperset(c.columns) and (_key(c) in shown or _is_hidden(c, seen))
    ]
    have = {_key(constraint) for constraint in kept}
    new = [c for c in seen.constraints if _key(c) not in have]
    return tuple(sorted((*kept, *new), key=lambda c: (c.kind, c.columns, c.name)))


def _key(constraint: Constraint) -> object:
    """Return what makes a key; the order of a primary key's columns is not shown."""
    columns = frozenset(constraint.columns) if constraint.kind == "primary" else constraint.columns
    return constraint.kind, columns, constraint.references, constraint.referenced_columns


def _is_hidden(constraint: Constraint, relation: Relation) -> bool:
    """Return whether PostgREST does not show such a key: unique ones, wide ones, those to other schemas.

    Of several foreign keys on one column it shows one.
    """
    if constraint.kind == "primary":
        return False
    if constraint.kind != "foreign" or len(constraint.columns) > 1:
        return True
    other = constraint.references is None or constraint.references.schema != relation.name.schema
    taken = any(c.kind == "foreign" and c.columns == constraint.columns for c in relation.constraints)
    return other or taken
