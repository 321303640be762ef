"""An Enum member stands for a label that the enum type does not have.

Writing it fails ("invalid input value for enum"); a filter by it fails as well.

Default severity: high. Fix: none until `update --prune`, which removes the member unless the scanned code
still uses it; then it names the places.

Facts: `member`, the member's name.

Example:
    The type in the database, made anew without a label:

        create type status as enum ('draft', 'active');

    The class still has a member for it:

        class Status(str, Enum):
            DRAFT = "draft"
            ACTIVE = "active"
            DELETED = "deleted"

    After `update --prune`:

        class Status(str, Enum):
            DRAFT = "draft"
            ACTIVE = "active"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import RemoveMember
from schema_sync.model.findings import EnumRule, Finding, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import EnumPair


def check(pair: EnumPair) -> Iterator[Finding]:
    """Yield a finding for each member, aliases apart, whose value is no label."""
    declared = pair.declared
    if declared is None or pair.expected is None:
        return
    labels = set(pair.expected.labels)
    for member in declared.members:
        if member.value is None or member.value in labels or member.alias_of is not None:
            continue
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target, label=member.value),
            change="removed",
            facts=(("member", member.name),),
            message=f"{declared.name}.{member.name} is {member.value!r}, no label of {named(pair.target)}.",
            impact="writes",
            severity=RULE.severity,
            declaration=declared.name,
            at=member.at,
            edits=(RemoveMember(path=declared.at.path, declaration=declared.name, label=member.value),),
        )


RULE = EnumRule(id="enum-label-removed", severity=Severity.HIGH, check=check)
