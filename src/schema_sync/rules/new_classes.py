"""What undeclared tables, columns and functions need: new classes and new items."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.declarations import MODELS, TYPEDDICTS, Form, PyType, RowDeclaration, Shape, union
from schema_sync.model.edits import AddItem, AddRow, NewItem
from schema_sync.model.pairs import ExpectedItem, ExpectedRow, ItemPair, RowPair

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


def why_by_hand(declared: RowDeclaration, column: ExpectedItem) -> str:
    """Return a sentence on why no edit adds *column* to a class."""
    if declared.form in TYPEDDICTS:
        return _NOT_IN_TYPEDDICT
    nameable = column.in_class and column.key not in declared.made.names
    return _CALLED if nameable or declared.form in MODELS else _NOT_IN_DATACLASS


def added_item(
    declared: RowDeclaration, item: ItemPair, column: ExpectedItem, before: str | None, shape: Shape
) -> AddItem | None:
    """Return the edit that adds a column to a class of *shape*, behind *before*; None where a person has to."""
    if declared.form not in TYPEDDICTS:
        return item.new
    if declared.form == "class" and not column.in_class:
        return None
    demanded = column.demanded(shape)
    fits = shape == "row" or demanded == declared.total  # the class's totality says what its shape asks
    return AddItem(
        path=declared.at.path,
        declaration=declared.name,
        key=column.key,
        type=written(column),
        after=item.new.after if item.new else before,
        qualifier=None if fits else "required" if demanded else "not_required",
        comment=column.comment,
    )


def missing_columns(
    pair: RowPair,
) -> Iterator[tuple[RowDeclaration, ItemPair, ExpectedItem, str | None]]:
    """Yield the columns that the pair's class can have and has not, with the key of the column before each."""
    before: str | None = None
    for each in pair.items:
        if pair.declared is None or each.expected is None:
            continue
        if each.declared is None and each.expected.belongs(pair.shape):
            yield pair.declared, each, each.expected, before
        before = each.expected.key
