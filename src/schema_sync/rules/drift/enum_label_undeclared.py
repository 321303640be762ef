"""An enum label of the database has no member.

A row that carries it makes `Status(row["status"])` raise ValueError, and no branch of the code handles it.

Default severity: high. Fix: `update` adds a member behind the one of the label before it. Whether a `match`
or a dictionary over the members needs a new branch is yours to see.

Facts: none beyond the label.

Example:
    A migration adds a label:

        alter type status add value 'on_hold' after 'active';

    The class has not heard of it:

        class Status(str, Enum):
            ACTIVE = "active"
            ARCHIVED = "archived"

    After `update`:

        class Status(str, Enum):
            ACTIVE = "active"
            ON_HOLD = "on_hold"
            ARCHIVED = "archived"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import AddMember
from schema_sync.model.findings import EnumRule, Finding, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import EnumPair


def check(pair: EnumPair) -> Iterator[Finding]:
    """Yield a finding for each label without a member."""
    declared = pair.declared
    if declared is None or pair.expected is None:
        return
    values = {member.value for member in declared.members}
    before: str | None = None
    for label in pair.expected.labels:
        if label not in values:
            yield Finding(
                rule=RULE.id,
                subject=subject(pair.target, label=label),
                change="added",
                message=f"{declared.name} has no member for the label {label!r} of {named(pair.target)}.",
                impact="reads",
                severity=RULE.severity,
                declaration=declared.name,
                at=declared.at,
                edits=(AddMember(path=declared.at.path, declaration=declared.name, label=label, after=before),),
            )
        before = label


RULE = EnumRule(id="enum-label-undeclared", severity=Severity.HIGH, check=check)
