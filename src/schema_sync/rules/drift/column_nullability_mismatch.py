"""An item admits None where its column cannot be null, or refuses it where the column can.

A null that the annotation does not admit breaks reads: `row["born"][:4]` passes the type checker and fails
at run time. None where the column is NOT NULL never comes, but the type lets a program write it, and the
server refuses. A JSON null can hide in a NOT NULL json column, so None is never too much there; nor is it
in a field of a model or dataclass whose default is None: it stands for what the database fills in.

In a class for inserts or updates the directions turn: None where the column is NOT NULL makes writes fail, and to
refuse None where the column takes it is the author's choice.

Default severity: high where a null is not admitted, but medium where the column has a default that is not null;
high where a class for writes admits a null that the server refuses; low where a row's None is too much.

Fix: `update` puts Optional (or `| None`, as the file does) around the type, or takes it off. A type checker then
shows the places that have to handle None.

Facts: `nullable`, whether the column can be null; `database_type`.

Example:
    A migration makes a column nullable:

        alter table people alter column born drop not null;

    The class still promises a value:

        class PersonRow(TypedDict):
            born: str

    After `update`:

        class PersonRow(TypedDict):
            born: Optional[str]

Where a trigger replaces nulls, say so in the configuration, and classes for writes may admit them:

    trigger-filled = ["public.people.born"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import SetItemNullable
from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import ExpectedItem, RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each item whose None does not fit the column."""
    declared = pair.declared
    if declared is None:
        return
    writes = pair.shape != "row"
    for each in pair.items:
        item, column = each.declared, each.expected
        if item is None or column is None or not column.belongs(pair.shape):
            continue
        missing = column.nullable and not each.admits_none and not writes
        meant = item.field is not None and item.field.default == "none"
        surplus = not column.nullable and column.null_free and each.says_none and not meant
        if not missing and (not surplus or (writes and column.supplied)):
            continue
        edit = SetItemNullable(
            path=declared.at.path, declaration=declared.name, key=item.name, nullable=column.nullable
        )
        reason = (
            "can be null, but the annotation refuses None" if missing else "is never null, but None is admitted"
        )
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target, column=column.key),
            change="modified",
            facts=(("nullable", column.nullable), ("database_type", column.database_type)),
            message=f"{declared.name}.{item.key}: column {column.key} ({column.database_type}) {reason}.",
            detail="null possible" if missing else "never null",
            impact="reads" if missing else "writes",
            severity=_severity(column, missing=missing, writes=writes),
            declaration=declared.name,
            at=item.at,
            edits=() if item.inherited else (edit,),
        )


def _severity(column: ExpectedItem, *, missing: bool, writes: bool) -> Severity:
    """Return how bad it is: a default that is no null makes nulls rare."""
    if writes:
        return Severity.HIGH
    if missing:
        return Severity.MEDIUM if column.filled else Severity.HIGH
    return Severity.LOW


RULE = RowRule(id="column-nullability-mismatch", severity=Severity.HIGH, check=check)
