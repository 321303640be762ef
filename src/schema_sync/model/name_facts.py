"""What a comparison of queries needs to know of a database in addition to its catalog.

Each part is None where the source does not show it: what depends on it is not checked.
"""

from __future__ import annotations

from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Function, QName


class UniqueIndex(Value, frozen=True, kw_only=True):
    """The columns of a unique index over a whole relation; indexes on expressions or parts of it are left out."""

    relation: QName
    columns: tuple[str, ...]


class NameFacts(Value, frozen=True, kw_only=True):
    """The facts.

    Attributes:
        functions: all functions that a query can call, whether the code declares them or not.
        other_functions: functions of extensions, whose arguments are not known.
        filled: the relations on which a BEFORE INSERT trigger may fill columns.
        unique_indexes: what ``on_conflict`` can name, unique constraints included.
        values: the values that checks leave to text columns, by ``schema.relation.column``.
        named: schemas that queries name and that are not compared.
        exposed: the schemas that the API serves, as the project's files have it; None where they do not tell.
    """

    functions: tuple[Function, ...] | None = None
    other_functions: tuple[QName, ...] = ()
    filled: tuple[QName, ...] | None = None
    unique_indexes: tuple[UniqueIndex, ...] | None = None
    values: dict[str, tuple[str, ...]] | None = None
    named: NamedSchemas | None = None
    exposed: tuple[str, ...] | None = None


class NamedSchemas(Value, frozen=True, kw_only=True):
    """Schemas that were read for the names in queries alone, and those that do not exist (``absent``)."""

    catalog: Catalog
    facts: NameFacts
    absent: tuple[str, ...] = ()


NO_FACTS = NameFacts()
