"""Which tables a query can embed, by foreign keys and by functions, as PostgREST finds them.

Authority: PostgREST's sources, ``SchemaCache`` (relationships) and ``Plan`` (``findRel``), and its documentation,
"Resource Embedding". What a view passes on of its tables' keys is not known here: see ``Relationships.is_open``.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from schema_sync.model.catalog import Facet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schema_sync.model.catalog import Catalog, Constraint, Function, QName, Relation

Cardinality = Literal["to_one", "to_many", "one_to_one", "many_to_many", "computed"]


class Relationship(NamedTuple):
    """A way from the rows of one relation to those of another.

    Attributes:
        target: the relation that is embedded.
        cardinality: how many rows of it belong to one.
        constraint: the foreign key's name; the function's where it is computed; the junction's for many to many.
        columns: the columns on this side, and ``referenced`` those on the other.
        is_self: whether both sides are one relation.
    """

    target: QName
    cardinality: Cardinality
    constraint: str
    columns: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()
    is_self: bool = False

    @property
    def is_to_one(self) -> bool:
        """Whether it yields one row, not a list."""
        return self.cardinality in {"to_one", "one_to_one"}

    def fits(self, target: str, hint: str | None) -> bool:
        """Return whether ``target!hint`` means it."""
        if self.cardinality == "computed":
            return target == self.constraint
        if self.is_self:
            return self._fits_itself(target, hint)
        named = target == self.target.name
        if hint is None:
            by_key = target == self.constraint and self.cardinality != "many_to_many"
            return named or by_key or self._is_column(target, self.columns)
        return named and (
            hint == self.constraint
            or self._is_column(hint, self.columns)
            or self._is_column(hint, self.referenced)
        )

    def _fits_itself(self, target: str, hint: str | None) -> bool:
        """Return whether *target* of a relation that refers to itself means it: by name its children."""
        if hint is None:
            by_name = target == self.target.name and self.cardinality == "to_many"
            return by_name or (self._is_column(target, self.columns) and self.cardinality == "to_one")
        is_list = target == self.target.name and self.cardinality == "to_many"
        return is_list and self._is_column(hint, self.referenced)

    def _is_column(self, name: str, columns: tuple[str, ...]) -> bool:
        return columns == (name,) and self.cardinality != "many_to_many"


class Relationships:
    """The relationships of a catalog."""

    def __init__(self, catalog: Catalog, functions: Iterable[Function]) -> None:
        self._catalog = catalog
        self._of: dict[QName, list[Relationship]] = defaultdict(list)
        for relation in catalog.relations:
            for key in _foreign_keys(relation):
                self._add_key(relation, key)
            self._add_junctions(relation)
        for function in functions:
            self._add_function(function)

    def is_open(self, origin: Relation) -> bool:
        """Return whether *origin* may have relationships that are not known here, as views have."""
        return origin.is_view or Facet.CONSTRAINTS not in self._catalog.covers

    def between(self, origin: Relation, target: str, hint: str | None) -> list[Relationship]:
        """Return the relationships of *origin* that ``target!hint`` can mean: those within its schema."""
        schema = origin.name.schema
        return [each for each in self._of[origin.name] if each.target.schema == schema and each.fits(target, hint)]

    def targets(self, origin: Relation) -> list[str]:
        """Return the names of what *origin* can embed."""
        schema = origin.name.schema
        return sorted({each.target.name for each in self._of[origin.name] if each.target.schema == schema})

    def _add_key(self, relation: Relation, key: Constraint) -> None:
        if key.references is None:
            return
        is_self = key.references == relation.name
        is_single = any(set(key.columns) == set(other) for other in _unique_columns(relation))
        there: Cardinality = "one_to_one" if is_single else "to_one"
        back: Cardinality = "one_to_one" if is_single else "to_many"
        columns, referenced = key.columns, key.referenced_columns
        self._of[relation.name].append(
            Relationship(key.references, there, key.name, columns, referenced, is_self=is_self)
        )
        self._of[key.references].append(
            Relationship(relation.name, back, key.name, referenced, columns, is_self=is_self)
        )

    def _add_junctions(self, relation: Relation) -> None:
        """Add the ways through *relation*, where two of its foreign keys are part of its primary key."""
        primary = {
            c for constraint in relation.constraints if constraint.kind == "primary" for c in constraint.columns
        }
        keys = [key for key in _foreign_keys(relation) if primary.issuperset(key.columns)]
        for one in keys:
            for other in keys:
                if one.name != other.name and one.references and other.references:
                    is_self = one.references == other.references
                    way = Relationship(other.references, "many_to_many", relation.name.name, is_self=is_self)
                    self._of[one.references].append(way)

    def _add_function(self, function: Function) -> None:
        """Add a computed relationship: a function that takes a row of one relation and returns rows of another."""
        inputs = function.inputs
        known = self._catalog.relations_by_name
        if len(inputs) == 1 and inputs[0].type.name in known and function.result and function.result.name in known:
            way = Relationship(function.result.name, "computed", function.name.name)
            self._of[inputs[0].type.name].append(way)


def _foreign_keys(relation: Relation) -> Iterator[Constraint]:
    return (each for each in relation.constraints if each.kind == "foreign")


def _unique_columns(relation: Relation) -> list[tuple[str, ...]]:
    return [each.columns for each in relation.constraints if each.kind in {"primary", "unique"}]
