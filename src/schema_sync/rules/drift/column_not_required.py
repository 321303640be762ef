"""An item is NotRequired in a class whose other items are required; a full row always has the key.

`total=False` on the whole class is a style (partial selects) and is left alone.

Default severity: low. Fix: `update` takes NotRequired off.

Facts: none.

Example:
    `nickname: NotRequired[Optional[str]]` in a total `UserRow`.
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
        edit = SetItemRequired(path=declared.at.path, declaration=declared.name, key=item.key)
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
