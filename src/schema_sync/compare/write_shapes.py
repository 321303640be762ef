"""What relations and columns take: the shapes of classes that write, and which of their keys are needed.

Authority: PostgreSQL manual, "CREATE TABLE" (identity and generated columns), "CREATE DOMAIN" (defaults) and
"CREATE VIEW" (updatable views). Views and foreign tables are as the server says.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase

from schema_sync.compare.objects import DatabaseObjects
from schema_sync.model.catalog import Catalog, Column, Facet, QName, Relation
from schema_sync.model.declarations import Shape
from schema_sync.model.findings import Note
from schema_sync.model.pairs import ColumnWrites

_AS_SERVER_SAYS = frozenset({"view", "foreign"})


def taken(objects: DatabaseObjects, name: QName) -> tuple[Shape, ...]:
    """Return the shapes that the relation or composite *name* takes; what nobody could see is taken."""
    relation = objects.catalog.relations_by_name.get(name)
    if relation is None:
        return ("row",)
    unseen = _is_unseen(objects, relation)
    takes: dict[Shape, bool] = {
        "row": True,
        "insert": relation.insertable or unseen,
        "update": relation.updatable or unseen,
    }
    return tuple(shape for shape, taken in takes.items() if taken)


def asked(objects: DatabaseObjects, name: QName) -> tuple[Shape, ...]:
    """Return the shapes that the code has to declare: a row's always, others if the configuration asks.

    An update of no column is none.
    """
    if set(objects.options.shapes) <= {"row"}:
        return ("row",)
    relation = objects.catalog.relations_by_name.get(name)
    sees_columns = objects.shows_writes
    if relation is None or not sees_columns or _is_unseen(objects, relation):
        return ("row",)
    wanted = {"row", *objects.options.shapes}
    if not any(c.updatable and not _is_computed(c) for c in relation.columns):
        wanted.discard("update")
    return tuple(shape for shape in taken(objects, name) if shape in wanted)


def column_writes(objects: DatabaseObjects, relation: QName, column: Column) -> ColumnWrites:
    """Return what INSERT and UPDATE do with a column of *relation*."""
    found = objects.catalog.relations_by_name.get(relation)
    patterns = objects.options.trigger_filled
    filled = bool(patterns) and any(fnmatchcase(f"{relation}.{column.name}", pattern) for pattern in patterns)
    supplied = filled or (found is not None and found.is_view)
    may_be_null = column.nullable and not column.new_not_null
    computed = _is_computed(column)
    has_default = _has_default(objects.catalog, column)
    return ColumnWrites(
        required=not (may_be_null or has_default or supplied) and objects.shows_writes,
        filled=has_default and column.generated is None and not column.null_default,
        insertable=column.insertable and not computed,
        updatable=column.updatable and not computed,
        supplied=supplied,
    )


def _has_default(catalog: Catalog, column: Column) -> bool:
    if column.has_default or column.identity is not None or column.generated is not None:
        return True
    domain = None if column.type.dims else catalog.domains_by_name.get(column.type.name)
    return domain is not None and domain.has_default


def unseen(objects: DatabaseObjects, written: AbstractSet[QName]) -> Iterator[Note]:
    """Yield what could not be checked of classes that write; *written* are their relations."""
    wanted = set(objects.options.shapes) - {"row"}
    if not objects.shows_writes and (written or wanted):
        why = "the source does not tell all of nullability, defaults, identity and generated columns"
        yield Note(what="which keys an insert needs", why=why)
    relations = objects.catalog.relations
    if any(_is_unseen(objects, each) for each in relations if wanted or each.name in written):
        yield Note(what="which views and foreign tables take writes", why="the source does not tell")


def _is_unseen(objects: DatabaseObjects, relation: Relation) -> bool:
    """Whether the source hides what the server says of writes to *relation*."""
    return relation.kind in _AS_SERVER_SAYS and Facet.WRITABILITY not in objects.catalog.covers


def _is_computed(column: Column) -> bool:
    """Whether the server refuses any value but its own."""
    return column.generated is not None or column.identity == "always"
