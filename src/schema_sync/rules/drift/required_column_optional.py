"""A class for inserts lets a program leave out a column that an INSERT has to give.

The column is NOT NULL, has no default, and nothing fills it: an insert without it passes the type checker, and the
server refuses it. The other way round, a key that is required though the database does not need it, is the
author's choice.

Default severity: medium. Fix: `update` takes NotRequired off, or puts Required around the type in a class of
`total=False`; a type checker then shows the places that have to give the value. None for a model's field whose
default is None: take that away by hand. Any other default is a value that the class gives.

Facts: none.

Example:
    A migration takes a default away:

        alter table users alter column mail drop default;

    The class for inserts still leaves it open:

        class UserRow(TypedDict):
            mail: str


        class UserInsert(TypedDict):
            mail: NotRequired[str]

    After `update`:

        class UserRow(TypedDict):
            mail: str


        class UserInsert(TypedDict):
            mail: str

Silence it where a trigger fills the column, in the configuration:

    trigger-filled = ["public.users.mail"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import SetItemRequired
from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each item that may be missing where its column may not."""
    declared = pair.declared
    if declared is None or pair.shape == "row":
        return
    for each in pair.items:
        item, column = each.declared, each.expected
        if item is None or column is None or item.required or not column.demanded(pair.shape):
            continue
        if item.field is not None and item.field.default == "value":
            continue  # which the class then gives
        edit = SetItemRequired(
            path=declared.at.path, declaration=declared.name, key=item.name, marked=not declared.total
        )
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target, column=column.key),
            change="modified",
            message=(
                f"{declared.name}.{item.key} may be left out, but an insert into {named(pair.target)} has to give"
                f" column {column.key} ({column.database_type})."
                + " Take its default away by hand."
                * (item.field is not None)
            ),
            detail="required on insert",
            impact="writes",
            severity=RULE.severity,
            declaration=declared.name,
            at=item.at,
            edits=() if item.inherited or item.field else (edit,),
        )


RULE = RowRule(id="required-column-optional", severity=Severity.MEDIUM, check=check)
