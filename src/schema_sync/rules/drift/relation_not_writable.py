"""A class describes inserts into, or updates of, a view that takes none.

A view takes writes where PostgreSQL can hand them on to one table ("CREATE VIEW", "Updatable Views"), or where an
INSTEAD OF trigger or a rule does; a materialized view never does, a foreign table as its wrapper says. Every write
that follows the class fails.

Default severity: high. Fix: none. Give the view a trigger, write to the table behind it, or remove the class.

Facts: `shape`, insert or update.

Example:
    A migration lets a view count, and so it can no longer be written:

        create or replace view active_notes as select id, body from notes group by id, body;
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding where the relation does not take what the class describes."""
    declared, expected = pair.declared, pair.expected
    if declared is None or expected is None or pair.shape in expected.shapes:
        return
    yield Finding(
        rule=RULE.id,
        subject=subject(pair.target),
        change="modified",
        facts=(("shape", pair.shape),),
        message=f"{declared.name} describes {pair.shape}s, but {named(pair.target)} takes none.",
        detail=f"takes no {pair.shape}s",
        impact="writes",
        severity=RULE.severity,
        declaration=declared.name,
        at=declared.at,
    )


RULE = RowRule(id="relation-not-writable", severity=Severity.HIGH, check=check)
