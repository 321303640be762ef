"""What undeclared tables, columns and functions need: new classes and new items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from schema_sync.model.declarations import MODELS, TYPEDDICTS, Form, PyType, RowDeclaration, Shape, union
from schema_sync.model.edits import AddItem, AddRow, NewItem
from schema_sync.model.findings import Finding, Impact, Rule, Severity
from schema_sync.model.pairs import ExpectedItem, ExpectedRow, ItemPair, RowPair
from schema_sync.rules.findings import finding

_NONE = PyType(name="None")
_NOT_IN_TYPEDDICT = " Its name cannot stand in a class: write the functional form, TypedDict('…', {…})."
_NOT_IN_DATACLASS = (
    " Its name cannot stand in the class, or hides a name that the class or a subclass uses,"
    " and a dataclass knows no other for it: write a pydantic model."
)
_CALLED = " Code calls the class, and no null can stand in for the column: change the calls, and add it by hand."


def new_class(expected: ExpectedRow, shape: Shape) -> AddRow:
    """Return the edit that writes the class of *shape* that the target of *expected* names."""
    target = expected.target
    return AddRow(
        path=target.path,
        declaration=target.class_name,
        marker=target.marker,
        comment=expected.comment,
        shape=shape,
        form=expected.form,
        items=tuple(_new_item(item, shape, expected.form) for item in expected.items if item.belongs(shape)),
    )


def _new_item(item: ExpectedItem, shape: Shape, form: Form) -> NewItem:
    """Return the item of a new class; what a model may leave out has the default None, which its type admits."""
    required = item.demanded(shape)
    type_ = written(item, form)
    if form == "pydantic" and not required:
        type_ = union(type_, _NONE)
    return NewItem(key=item.key, type=type_, required=required, comment=item.comment)


def written(item: ExpectedItem, form: Form = "typeddict") -> PyType:
    """Return the annotation for a column: its type in a class of *form*, with None where a null can come."""
    type_ = item.type.of(model=form == "pydantic")
    return union(type_, _NONE) if item.nullable else type_


def undeclared_column(
    rule: Rule, severity: Severity, pair: RowPair, item: ItemPair, before: str | None
) -> Iterator[Finding]:
    """Yield the finding for a column without an item in the pair's class; *before* is the one in front of it."""
    declared, column = pair.declared, item.expected
    if declared is None or column is None:
        return
    edit = added_item(pair, declared, item, before)
    refused = declared.closed and pair.shape == "row"
    impact: Impact = "writes" if column.writes.required and pair.shape != "update" else "none"
    if refused:
        severity, impact = Severity.HIGH, "both" if column.writes.required else "reads"
    annotation = edit.type if edit else written(column)
    message = f"{declared.name} does not declare column {column.key} ({column.database_type})"
    message += (
        f", which an {pair.shape} has to give." if pair.shape != "row" and column.demanded(pair.shape) else "."
    )
    if refused:
        message += " It forbids extra keys: every row that has the column is refused."
    yield finding(
        rule,
        pair,
        column=column.key,
        severity=severity,
        facts=(("type", str(annotation)), ("database_type", column.database_type)),
        message=message if edit else message + why_by_hand(declared, column),
        impact=impact,
        edits=(edit,) if edit else (),
    )


def why_by_hand(declared: RowDeclaration, column: ExpectedItem) -> str:
    """Return a sentence on why no edit adds *column* to a class."""
    if declared.form in TYPEDDICTS:
        return _NOT_IN_TYPEDDICT
    nameable = column.in_class and column.key not in declared.made.names
    return _CALLED if nameable or declared.form in MODELS else _NOT_IN_DATACLASS


def added_item(pair: RowPair, declared: RowDeclaration, item: ItemPair, before: str | None) -> AddItem | None:
    """Return the edit that adds a column to the pair's class, behind *before*; None where a person has to."""
    column = item.expected
    if column is None or declared.form not in TYPEDDICTS:
        return item.new
    if declared.form == "class" and not column.in_class:
        return None
    return AddItem(
        path=declared.at.path,
        declaration=declared.name,
        key=column.key,
        type=written(column),
        after=item.new.after if item.new else before,
        qualifier=_qualifier(pair, declared, column),
        comment=column.comment,
    )


def missing_columns(pair: RowPair) -> Iterator[tuple[ItemPair, str | None]]:
    """Yield each column that the pair's class can have and has not, with the key of the column in front of it."""
    before: str | None = None
    for item in pair.items:
        if item.expected is None:
            continue
        if item.declared is None and item.expected.belongs(pair.shape):
            yield item, before
        before = item.expected.key


def _qualifier(
    pair: RowPair, declared: RowDeclaration, column: ExpectedItem
) -> Literal["required", "not_required"] | None:
    """Return what the item needs so that it is required as its shape asks, whatever the class's totality."""
    demanded = column.demanded(pair.shape)
    if pair.shape == "row" or demanded == declared.total:
        return None
    return "required" if demanded else "not_required"
