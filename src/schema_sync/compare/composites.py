"""Composite types that new code needs a class for.

A class for a composite is written along with the first item whose type it is; one that nothing needs is no
fault. Authority for what a composite is: PostgreSQL manual, "Composite Types".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.compare.chosen import classes_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schema_sync.compare.expected import Expectations
    from schema_sync.compare.naming import Naming
    from schema_sync.model.catalog import QName
    from schema_sync.model.declarations import PyType
    from schema_sync.model.pairs import RowPair


def needed_composites(rows: Iterable[RowPair], expectations: Expectations, naming: Naming) -> list[QName]:
    """Return the composites without a class that an update of *rows* would name, and those within them, sorted."""
    found: set[QName] = set()
    types = [type_ for row in rows for type_ in _written(row)]
    while types:
        for class_id in classes_in(types.pop()):
            kind, name = naming.new_classes.get(class_id, ("enum", None))
            if name is None or kind == "enum" or name in found or expectations.row_names[name] != "composite":
                continue
            found.add(name)
            types += (item.type for item in expectations.row(name).items)
    return sorted(found)


def _written(row: RowPair) -> Iterator[PyType]:
    """Yield the types that an update may write for *row*."""
    if row.declared is None:
        yield from (item.type for item in (row.expected.items if row.expected else ()))
    elif row.shape == "row":
        yield from (p.expected.type for p in row.items if p.expected and (p.declared is None or p.fit != "same"))
