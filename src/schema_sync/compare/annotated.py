"""Enums that say nothing of the database, but annotate columns of an enum type: which types are they for?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from schema_sync.compare.chosen_types import classes_in
from schema_sync.model.catalog import Catalog, Column, QName
from schema_sync.model.declarations import EnumDeclaration, RowDeclaration


def annotated_types(
    rows: Iterable[tuple[RowDeclaration, QName]], free: Mapping[str, EnumDeclaration], catalog: Catalog
) -> dict[str, list[QName]]:
    """Return the enum types, sorted, that the classes *free* (by id) map to, by id.

    *rows* are the bound row classes, each with its object. A class of *free* annotates a column of the type in one
    of these, and has exactly the type's labels; or it has some of them, or its values cannot be known, and it
    annotates columns of no other type.
    """
    annotated: dict[str, set[QName | None]] = {}
    for id_, column in _annotations(rows, catalog):
        if id_ in free:
            annotated.setdefault(id_, set()).add(_enum_type(column, catalog))
    found = {id_: _of_labels(free[id_], names, catalog) for id_, names in annotated.items()}
    return {id_: names for id_, names in found.items() if names}


def _of_labels(declared: EnumDeclaration, annotated: set[QName | None], catalog: Catalog) -> list[QName]:
    """Return the enum types that *declared* is for; *annotated* are those of its columns, None for other types."""
    names = sorted(name for name in annotated if name is not None)
    only = names if len(annotated) == 1 else []
    if declared.unknown:
        return only
    values = {member.value for member in declared.members}
    exact = [name for name in names if values == set(catalog.enums_by_name[name].labels)]
    return exact or [name for name in only if not values.isdisjoint(catalog.enums_by_name[name].labels)]


def _annotations(rows: Iterable[tuple[RowDeclaration, QName]], catalog: Catalog) -> Iterator[tuple[str, Column]]:
    """Yield the id of each class that stands in the annotation of a column, and the column."""
    for declared, name in rows:
        relation = catalog.relations_by_name.get(name)
        columns = {column.name: column for column in relation.columns} if relation else {}
        for item in declared.items:
            for column in (columns[key] for key in item.keys if key in columns):
                yield from ((id_, column) for id_ in classes_in(item.type))


def _enum_type(column: Column, catalog: Catalog) -> QName | None:
    """Return the enum type of a column, below domains; None for any other."""
    name = catalog.below(column.type.name)
    return name if name in catalog.enums_by_name else None
