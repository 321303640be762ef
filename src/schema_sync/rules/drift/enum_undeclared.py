"""No class declares an enum type of the database.

Code compares the type's columns with bare strings; a misspelt label shows at run time only.

Default severity: high. Fix: `update` writes an Enum class; safe.

Facts: `labels`; `class_name`, what the new class would be called.

Example:
    A migration makes a type:

        create type mood as enum ('sad', 'happy');

    After `update` there is a class for it, with a marker that ties the two together:

        class Mood(str, Enum):
            \"\"\"Enum: public.mood\"\"\"

            SAD = "sad"
            HAPPY = "happy"

Silence it for a type that the code never sees, in the configuration:

    exclude-enums = ["mood"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import AddEnum
from schema_sync.model.findings import EnumRule, Finding, Severity
from schema_sync.rules.findings import listed, named, subject

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
        detail=f"Values: {listed(labels)}",
        impact="none",
        severity=RULE.severity,
        at=target.home,
        edits=(
            AddEnum(
                path=target.path,
                declaration=target.class_name,
                marker=target.marker,
                labels=labels,
                comment=pair.expected.comment,
            ),
        ),
    )


RULE = EnumRule(id="enum-undeclared", severity=Severity.HIGH, check=check)
