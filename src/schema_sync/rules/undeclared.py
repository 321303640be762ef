"""What the rules on undeclared tables, views and functions share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.declarations import PyType, union
from schema_sync.model.edits import AddRow, NewItem
from schema_sync.model.findings import Finding
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.findings import RowRule
    from schema_sync.model.pairs import ExpectedItem, RowPair

_NONE = PyType(name="None")


def undeclared(rule: RowRule, pair: RowPair) -> Iterator[Finding]:
    """Yield the finding for a relation that no class declares."""
    if pair.declared is not None or pair.expected is None:
        return
    target, items = pair.target, pair.expected.items
    new = tuple(NewItem(key=item.key, type=written(item), comment=item.comment) for item in items)
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
        edits=(
            AddRow(
                path=target.path,
                declaration=target.class_name,
                marker=target.marker,
                items=new,
                comment=pair.expected.comment,
            ),
        ),
    )


def written(item: ExpectedItem) -> PyType:
    """Return the annotation for a column: its type, with None where a null can come."""
    return union(item.type, _NONE) if item.nullable else item.type


def argument(item: ExpectedItem) -> PyType:
    """Return the annotation for an argument: NotRequired where it has a default."""
    return item.type if item.given else PyType(name="typing.NotRequired", args=(item.type,))
