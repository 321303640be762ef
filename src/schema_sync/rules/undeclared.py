"""What the rules on undeclared tables and views share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.declarations import PyType, union
from schema_sync.model.edits import AddRow, NewItem
from schema_sync.model.findings import Finding
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import Form
    from schema_sync.model.findings import RowRule
    from schema_sync.model.pairs import ExpectedItem, RowPair

_NONE = PyType(name="None")


def undeclared(rule: RowRule, pair: RowPair) -> Iterator[Finding]:
    """Yield the finding for a relation that no class declares."""
    if pair.declared is not None or pair.expected is None:
        return
    target, items = pair.target, pair.expected.items
    form = pair.expected.form
    new = tuple(NewItem(key=item.key, type=written(item, form)) for item in items)
    add = AddRow(path=target.path, declaration=target.class_name, marker=target.marker, form=form, items=new)
    yield Finding(
        rule=rule.id,
        subject=subject(target),
        change="added",
        facts=(("columns", len(items)), ("class_name", target.class_name)),
        message=f"No class declares {named(target)} ({len(items)} columns).",
        detail=f"Columns: {len(items)}",
        impact="none",
        severity=rule.severity,
        at=target.home,
        edits=(add,),
    )


def written(item: ExpectedItem, form: Form = "typeddict") -> PyType:
    """Return the annotation for a column: its type in a class of *form*, with None where a null can come."""
    type_ = item.rich if form == "pydantic" and item.rich is not None else item.type
    return union(type_, _NONE) if item.nullable else type_
