"""Composite types that new code needs a class for.

A class for a composite is written along with the first item whose type it is; one that nothing needs is no
fault. Authority for what a composite is: PostgreSQL manual, "Composite Types".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.compare.chosen import classes_in
from schema_sync.model.edits import types_of
from schema_sync.model.pairs import RowPair
from schema_sync.rules.new_classes import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schema_sync.compare.expected import Expected
    from schema_sync.model.catalog import QName
    from schema_sync.model.findings import Finding


def needed_composites(findings: Iterable[Finding], expected: Expected) -> Iterator[RowPair]:
    """Yield the composites without a class that the edits of *findings* name, and those within them, sorted."""
    class_names = expected.class_names
    found: set[QName] = set()
    types = [type_ for finding in findings for edit in finding.edits for type_ in types_of(edit)]
    while types:
        for class_id in classes_in(types.pop()):
            kind, name = class_names.new_classes.get(class_id, ("enum", None))
            if name is None or kind == "enum" or name in found or expected.objects.row_kinds[name] != "composite":
                continue
            found.add(name)
            row = expected.row(name)
            types += (written(item, row.form) for item in row.items)
    for name in sorted(found):
        row = expected.row(name)
        target = class_names.new_target(row.target, name, "row")
        yield RowPair(target=target, expected=replace(row, target=target))
