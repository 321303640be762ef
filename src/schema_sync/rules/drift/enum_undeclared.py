"""No class declares an enum type of the database.

Code compares its columns with bare strings; a misspelt label shows at run time only.

Default severity: high. Fix: `update` writes an Enum class.

Facts: `labels`; `class_name`, what the new class would be called.

Example:
    `create type mood as enum ('sad', 'happy')` asks for a class `Mood`.

To leave an enum out on purpose, list it in `exclude-enums`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import AddEnum
from schema_sync.model.findings import EnumRule, Finding, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import EnumPair


def check(pair: EnumPair) -> Iterator[Finding]:
    """Yield a finding where nothing declares the enum type."""
    if pair.declared is not None or pair.expected is None:
        return
    target, labels = pair.target, pair.expected.labels
    yield Finding(
        rule=RULE.id,
        subject=subject(target),
        change="added",
        facts=(("labels", labels), ("class_name", target.class_name)),
        message=f"No class declares {named(target)}.",
        detail=f"Values: {', '.join(labels)}",
        impact="none",
        severity=RULE.severity,
        at=target.home,
        edits=(AddEnum(path=target.path, declaration=target.class_name, marker=target.marker, labels=labels),),
    )


RULE = EnumRule(id="enum-undeclared", severity=Severity.HIGH, check=check)
