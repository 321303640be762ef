"""An item of a row class names a column that is not in the database.

Selecting or writing the column by name fails; reading the key from a row raises KeyError.

Default severity: critical. Fix: none until `update --prune`, which removes the item. Change the code that
reads the key first: a type checker finds it once the item is gone. None for a field that a validator names.

Facts: `type`, the item's annotation.

Example:
    A migration drops a column:

        alter table organizations drop column legacy_code;

    The class still declares it:

        class OrganizationRow(TypedDict):
            id: str
            legacy_code: str

    After `update --prune`:

        class OrganizationRow(TypedDict):
            id: str

A column that was renamed shows as `column-renamed` where the lock of an earlier sync can tell.
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
    """Yield a finding for each item without a column."""
    declared = pair.declared
    if declared is None or pair.expected is None:
        return
    for each in pair.items:
        item = each.declared
        if item is None or each.expected is not None:
            continue
        edit = RemoveItem(path=declared.at.path, declaration=declared.name, key=item.name)
        pinned = item.field is not None and item.field.pinned
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target, column=item.key),
            change="removed",
            facts=(("type", str(item.type)),),
            message=f"{declared.name} declares {item.key}, but {named(pair.target)} has no such column."
            + " A validator or serializer names the field: remove both by hand." * pinned,
            impact="both",
            severity=RULE.severity,
            declaration=declared.name,
            at=item.at,
            edits=() if item.inherited or pinned else (edit,),
        )


RULE = RowRule(id="column-removed", severity=Severity.CRITICAL, check=check)
