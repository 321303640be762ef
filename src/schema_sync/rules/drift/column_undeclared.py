"""A column of the database has no item in the row class.

Rows carry a key that the type does not know: a type checker refuses `row["age"]`, and nobody sees that the
value is there. Where the column is NOT NULL and has no default, inserts that follow the class fail (impact:
writes).

Default severity: medium. Fix: `update` adds the item behind the one of the column before it; safe.

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

from schema_sync.model.edits import AddItem
from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import subject
from schema_sync.rules.undeclared import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import RowDeclaration
    from schema_sync.model.pairs import ExpectedItem, RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each column without an item."""
    declared = pair.declared
    if declared is None or pair.shape != "row":
        return
    before: str | None = None
    for item in pair.items:
        if item.expected is not None and item.declared is None:
            yield _finding(pair, declared, item.expected, before)
        if item.expected is not None:
            before = item.expected.key


def _finding(pair: RowPair, declared: RowDeclaration, column: ExpectedItem, before: str | None) -> Finding:
    target, annotation = pair.target, written(column)
    writable = declared.form == "functional" or column.in_class
    edit = AddItem(
        path=declared.at.path,
        declaration=declared.name,
        key=column.key,
        type=annotation,
        after=before,
        comment=column.comment,
    )
    message = f"{declared.name} does not declare column {column.key} ({column.database_type})."
    if not writable:
        message += " Its name cannot stand in a class: write the functional form, TypedDict('…', {…})."
    return Finding(
        rule=RULE.id,
        subject=subject(target, column=column.key),
        change="added",
        facts=(("type", str(annotation)), ("database_type", column.database_type)),
        message=message,
        impact="writes" if column.given else "none",
        severity=RULE.severity,
        declaration=declared.name,
        at=declared.at,
        edits=(edit,) if writable else (),
    )


RULE = RowRule(id="column-undeclared", severity=Severity.MEDIUM, check=check)
