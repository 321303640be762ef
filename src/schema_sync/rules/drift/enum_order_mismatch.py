"""An Enum class has its members in another order than the enum type has its labels.

PostgreSQL compares and sorts enum values by that order; Python code that iterates over the class, or
compares positions, disagrees. Members that are no labels, and labels without members, do not count.

Default severity: low. Fix: `update` moves the members, each with its comments; code that iterates over the
class then sees the new order.

Facts: `labels`, the order of the database.

Example:
    The type in the database:

        create type priority as enum ('low', 'medium', 'high');

    The class sorts by name:

        class Priority(str, Enum):
            HIGH = "high"
            LOW = "low"
            MEDIUM = "medium"

    After `update`:

        class Priority(str, Enum):
            LOW = "low"
            MEDIUM = "medium"
            HIGH = "high"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import OrderMembers
from schema_sync.model.findings import EnumRule, Finding, Severity
from schema_sync.rules.findings import listed, named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import EnumPair


def check(pair: EnumPair) -> Iterator[Finding]:
    """Yield a finding where the members that are labels stand in another order."""
    declared = pair.declared
    if declared is None or pair.expected is None:
        return
    labels = pair.expected.labels
    known = set(labels)
    has = [m.value for m in declared.members if m.value in known and m.alias_of is None]
    there = set(has)
    wants = [label for label in labels if label in there]
    if has == wants:
        return
    yield Finding(
        rule=RULE.id,
        subject=subject(pair.target),
        change="modified",
        facts=(("labels", labels),),
        message=f"{declared.name} has its members in another order than {named(pair.target)}: {listed(wants)}.",
        detail=f"Order: {listed(wants)}",
        impact="none",
        severity=RULE.severity,
        declaration=declared.name,
        at=declared.at,
        edits=(OrderMembers(path=declared.at.path, declaration=declared.name, labels=labels),),
    )


RULE = EnumRule(id="enum-order-mismatch", severity=Severity.LOW, check=check)
