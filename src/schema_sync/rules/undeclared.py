"""What the rules on undeclared relations, shapes, columns and functions share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from schema_sync.model.declarations import PyType, union
from schema_sync.model.edits import AddItem, AddRow, NewItem
from schema_sync.model.findings import Finding
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import RowDeclaration
    from schema_sync.model.findings import RowRule, Severity
    from schema_sync.model.pairs import ExpectedItem, RowPair

_NONE = PyType(name="None")


def undeclared(rule: RowRule, pair: RowPair) -> Iterator[Finding]:
    """Yield the finding for a relation that no class declares."""
    if pair.declared is not None or pair.expected is None or pair.shape != "row":
        return
    target, items = pair.target, pair.expected.items
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
        edits=(new_class(pair, items),),
    )


def new_class(pair: RowPair, items: tuple[ExpectedItem, ...]) -> AddRow:
    """Return the edit that writes a class of the pair's shape for its relation, with *items*."""
    target, shape = pair.target, pair.shape
    return AddRow(
        path=target.path,
        declaration=target.class_name,
        marker=target.marker,
        comment=pair.expected.comment if pair.expected else "",
        shape=shape,
        items=tuple(
            NewItem(key=i.key, type=written(i), required=i.demanded(shape), comment=i.comment) for i in items
        ),
    )


def written(item: ExpectedItem) -> PyType:
    """Return the annotation for a column: its type, with None where a null can come."""
    return union(item.type, _NONE) if item.nullable else item.type


def undeclared_column(
    rule: RowRule, severity: Severity, pair: RowPair, column: ExpectedItem, before: str | None
) -> Iterator[Finding]:
    """Yield the finding for a column without an item in the pair's class; *before* is the one in front of it."""
    declared = pair.declared
    if declared is None:
        return
    annotation = written(column)
    writable = declared.form == "functional" or column.in_class
    edit = AddItem(
        path=declared.at.path,
        declaration=declared.name,
        key=column.key,
        type=annotation,
        after=before,
        qualifier=_qualifier(pair, declared, column),
        comment=column.comment,
    )
    message = f"{declared.name} does not declare column {column.key} ({column.database_type})."
    if pair.shape != "row" and column.demanded(pair.shape):
        message = f"{message[:-1]}, which an {pair.shape} has to give."
    if not writable:
        message += " Its name cannot stand in a class: write the functional form, TypedDict('…', {…})."
    yield Finding(
        rule=rule.id,
        subject=subject(pair.target, column=column.key),
        change="added",
        facts=(("type", str(annotation)), ("database_type", column.database_type)),
        message=message,
        impact="writes" if column.given and pair.shape != "update" else "none",
        severity=severity,
        declaration=declared.name,
        at=declared.at,
        edits=(edit,) if writable else (),
    )


def missing_columns(pair: RowPair) -> Iterator[tuple[ExpectedItem, str | None]]:
    """Yield each column that the pair's class can have and has not, with the key of the column in front of it."""
    before: str | None = None
    for item in pair.items:
        if item.expected is None:
            continue
        if item.declared is None and item.expected.belongs(pair.shape):
            yield item.expected, before
        before = item.expected.key


def _qualifier(
    pair: RowPair, declared: RowDeclaration, column: ExpectedItem
) -> Literal["required", "not_required"] | None:
    """Return what the item needs so that it is required as its shape asks, whatever the class's totality."""
    demanded = column.demanded(pair.shape)
    if pair.shape == "row" or demanded == declared.total:
        return None
    return "required" if demanded else "not_required"


def argument(item: ExpectedItem) -> PyType:
    """Return the annotation for an argument: NotRequired where it has a default."""
    return item.type if item.given else PyType(name="typing.NotRequired", args=(item.type,))
