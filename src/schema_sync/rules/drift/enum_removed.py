"""An Enum class stands for an enum type that is not in the database.

Columns of that type are gone as well, or have another type by now. Only a class that says so is concerned:
by the configuration, by a marker, or by its binding at the last sync. Any other class that fits no enum type
is an application's own.

Default severity: critical. Fix: none until `update --prune`, which removes the class and its listing in
`__all__` unless the scanned code still uses it; then it names the places.

Facts: `class`, the class's name.

Example:
    A migration drops a type:

        drop type mood;

    The class still stands for it:

        class Mood(str, Enum):
            \"\"\"Enum: public.mood\"\"\"

            SAD = "sad"
            HAPPY = "happy"

    After `update --prune` the class is gone.

Silence it: where the class is to live on as the application's own, take the marker or the binding off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import EnumRule, Severity
from schema_sync.rules.removed import removed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.findings import Finding
    from schema_sync.model.pairs import EnumPair


def check(pair: EnumPair) -> Iterator[Finding]:
    """Yield a finding where the class's enum type is gone."""
    yield from removed(RULE, pair)


RULE = EnumRule(id="enum-removed", severity=Severity.CRITICAL, check=check)
