"""An item of a row class names a column that is not in the database.

Selecting or writing the column by name fails; reading the key from a row raises KeyError.

Default severity: critical. Fix: none until `update --prune`, which removes the item, from the base class that
declares it if no other table's class inherits it. Change the code that reads the key first: a type checker finds
it once the item is gone. None for a field that a validator names, or that code gives by position.

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
        edit = RemoveItem(path=item.at.path, declaration=item.owner, key=item.name)
        field = item.field
        pinned = field is not None and field.pinned
        placed = field is not None and not field.keyword and declared.made.placed
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target, column=item.key),
            change="removed",
            facts=(("type", str(item.type)),),
            message=f"{declared.name} declares {item.key}, but {named(pair.target)} has no such column."
            + " A validator or serializer names the field: remove both by hand." * pinned
            + " Code calls the class by position: change the calls, and remove the field by hand." * placed
            + " Other tables' classes inherit it too." * each.shared,
            impact="both",
            severity=RULE.severity,
            declaration=declared.name,
            at=item.at,
            edits=() if each.shared or pinned or placed else (edit,),
        )


RULE = RowRule(id="column-removed", severity=Severity.CRITICAL, check=check)
