"""A class for inserts or updates has a key for a column that takes no value.

The database computes it: a GENERATED column, an identity GENERATED ALWAYS, or a column of a view that is an
expression. A write that gives the key fails.

Default severity: high. Fix: none until `update --prune`, which removes the item. Change the code that writes the
key first: a type checker finds it once the item is gone.

Facts: `type`, the item's annotation; `shape`, insert or update.

Example:
    A migration lets the database count:

        alter table notes alter column id add generated always as identity;

    The class for inserts still gives the number:

        class NoteRow(TypedDict):
            id: int
            body: str


        class NoteInsert(TypedDict):
            id: int
            body: str

    After `update --prune`:

        class NoteRow(TypedDict):
            id: int
            body: str


        class NoteInsert(TypedDict):
            body: str
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import RemoveItem
from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each item whose column the server alone fills."""
    declared = pair.declared
    if declared is None or pair.expected is None or pair.shape not in pair.expected.shapes:
        return
    for each in pair.items:
        item, column = each.declared, each.expected
        if item is None or column is None or column.belongs(pair.shape):
            continue
        edit = RemoveItem(path=declared.at.path, declaration=declared.name, key=item.name)
        pinned = item.field is not None and item.field.pinned
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target, column=column.key),
            change="modified",
            facts=(("type", str(item.type)), ("shape", pair.shape)),
            message=(
                f"{declared.name} declares {item.key}, but {named(pair.target)} takes no value for it:"
                " the database computes it."
                + " A validator or serializer names the field: remove both by hand."
                * pinned
            ),
            detail=f"takes no value on {pair.shape}",
            impact="writes",
            severity=RULE.severity,
            declaration=declared.name,
            at=item.at,
            edits=() if item.inherited or pinned else (edit,),
        )


RULE = RowRule(id="column-not-writable", severity=Severity.HIGH, check=check)
