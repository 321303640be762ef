"""A column of the database has no item in the row class.

Rows carry a key that the type does not know: a type checker refuses `row["age"]`, and nobody sees that the
value is there. Where the column is NOT NULL and has no default, inserts that follow the class fail (impact:
writes). A pydantic model with `extra="forbid"` refuses every row (impact: reads; severity high); others pass
over the key.

Default severity: medium. Fix: `update` adds the item behind the one of the column before it, to a model or
dataclass in its manner (a default None, an alias); safe. None where a dataclass has no place for a field without
a default.

Facts: `type`, the annotation that is missing; `database_type`, the column's type in SQL.

Example:
    A migration adds a column:

        alter table users add column age integer;

    The class has not heard of it:

        class UserRow(TypedDict):
            id: str

    After `update`:

        class UserRow(TypedDict):
            id: str
            age: Optional[int]

Classes for inserts and updates may leave columns out: they are not checked by this rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.declarations import TYPEDDICTS
from schema_sync.model.edits import AddItem
from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import subject
from schema_sync.rules.undeclared import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import RowDeclaration
    from schema_sync.model.findings import Impact
    from schema_sync.model.pairs import ExpectedItem, NewField, RowPair

_NO_NAME = " Its name cannot stand in a class"
_BY_HAND = {  # by whether the class is a TypedDict, and whether a class can hold the name
    (True, False): f"{_NO_NAME}: write the functional form, TypedDict('…', {{…}}).",
    (False, False): f"{_NO_NAME}, and a dataclass knows no other for it: write a pydantic model.",
    (
        False,
        True,
    ): " Where it would stand, a field without a default may not: use kw_only=True, or add it by hand.",
}


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each column without an item."""
    declared = pair.declared
    if declared is None or pair.shape != "row":
        return
    before: str | None = None
    for item in pair.items:
        column = item.expected
        if column is not None and item.declared is None:
            edit = _addition(declared, column, before) if declared.form in TYPEDDICTS else _new(declared, item.new)
            yield _finding(pair, declared, column, edit)
        if column is not None:
            before = column.key


def _addition(declared: RowDeclaration, column: ExpectedItem, before: str | None) -> AddItem | None:
    if declared.form == "class" and not column.in_class:
        return None
    type_ = written(column)
    return AddItem(path=declared.at.path, declaration=declared.name, key=column.key, type=type_, after=before)


def _new(declared: RowDeclaration, new: NewField | None) -> AddItem | None:
    if new is None:
        return None
    return AddItem(
        path=declared.at.path,
        declaration=declared.name,
        key=new.key,
        type=new.type,
        alias=new.alias,
        optional=new.optional,
        after=new.after,
        before=new.before,
    )


def _finding(pair: RowPair, declared: RowDeclaration, column: ExpectedItem, edit: AddItem | None) -> Finding:
    annotation = edit.type if edit else written(column)
    message = f"{declared.name} does not declare column {column.key} ({column.database_type})."
    if declared.closed:
        message += " It forbids extra keys: every row that has the column is refused."
    if edit is None:
        message += _BY_HAND[declared.form == "class", column.in_class]
    given: Impact = "writes" if column.given else "none"
    return Finding(
        rule=RULE.id,
        subject=subject(pair.target, column=column.key),
        change="added",
        facts=(("type", str(annotation)), ("database_type", column.database_type)),
        message=message,
        impact=given if not declared.closed else "both" if column.given else "reads",
        severity=Severity.HIGH if declared.closed else RULE.severity,
        declaration=declared.name,
        at=declared.at,
        edits=(edit,) if edit else (),
    )


RULE = RowRule(id="column-undeclared", severity=Severity.MEDIUM, check=check)
