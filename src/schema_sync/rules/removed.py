"""What the rules on removed tables, views and enum types share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import RemoveDeclaration
from schema_sync.model.findings import Finding
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.findings import EnumRule, RowRule
    from schema_sync.model.pairs import EnumPair, RowPair


def removed(rule: RowRule | EnumRule, pair: RowPair | EnumPair) -> Iterator[Finding]:
    """Yield the finding for a class whose object is not in the database."""
    declared, target = pair.declared, pair.target
    if pair.expected is not None or declared is None:
        return
    yield Finding(
        rule=rule.id,
        subject=subject(target),
        change="removed",
        facts=(("class", declared.name),),
        message=f"{declared.name} stands for {named(target)}, which is not in the database. {pair.hint}".rstrip(),
        impact="both",
        severity=rule.severity,
        declaration=declared.name,
        at=declared.at,
        edits=(RemoveDeclaration(path=declared.at.path, declaration=declared.name),),
    )
