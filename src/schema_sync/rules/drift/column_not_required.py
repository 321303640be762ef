"""An item is NotRequired in a class whose other items are required, but every row has the key.

Code that trusts the annotation asks `if "nickname" in row` or writes `row.get("nickname")` for a key that is
always there. `total=False` on the whole class is a style (rows of partial selects) and is left alone.

Default severity: low. Fix: `update` takes NotRequired off; no read can break by that.

Facts: none.

Example:
    `users.nickname` can be null, but a full row always has it:

        class UserRow(TypedDict):
            id: str
            nickname: NotRequired[Optional[str]]

    After `update`:

        class UserRow(TypedDict):
            id: str
            nickname: Optional[str]

Silence it: give a class for partial selects `total=False`.
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
    """Yield a finding for each NotRequired item of a total class."""
    declared = pair.declared
    if declared is None or pair.shape != "row" or not declared.total:
        return
    for each in pair.items:
        item, column = each.declared, each.expected
        if item is None or column is None or item.qualifier != "not_required":
            continue
        edit = SetItemRequired(path=declared.at.path, declaration=declared.name, key=item.name)
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target, column=column.key),
            change="modified",
            message=f"{declared.name}.{item.key} is NotRequired, but every row of {named(pair.target)} has it.",
            detail="always present",
            impact="none",
            severity=RULE.severity,
            declaration=declared.name,
            at=item.at,
            edits=() if item.inherited else (edit,),
        )


RULE = RowRule(id="column-not-required", severity=Severity.LOW, check=check)
