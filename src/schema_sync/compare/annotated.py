"""Enums that say nothing of the database, but annotate columns of an enum type: which types are they for?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from schema_sync.compare.chosen_types import classes_in
from schema_sync.model.catalog import Catalog, QName
from schema_sync.model.declarations import EnumDeclaration, RowDeclaration


def annotated_types(
    rows: Iterable[tuple[RowDeclaration, QName]], free: Mapping[str, EnumDeclaration], catalog: Catalog
) -> dict[str, list[QName]]:
    """Return the enum types, sorted, that the classes *free* (by id) map to, by id.

    *rows* are the bound row classes, each with its object. A class of *free* annotates a column of the type in one
    of these, and has exactly the type's labels; or it has some of them, or its values cannot be known, and it
    annotates columns of no other type.
    """
    annotated: dict[str, set[QName | None]] = defaultdict(set)
    for declared, name in rows:
        relation = catalog.relations_by_name.get(name)
        types = {c.name: catalog.below(c.type.name) for c in relation.columns} if relation else {}
        for item in declared.items:
            used = {
                types[key] if types[key] in catalog.enums_by_name else None for key in item.keys if key in types
            }
            for id_ in classes_in(item.type) & free.keys():
                annotated[id_] |= used
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
