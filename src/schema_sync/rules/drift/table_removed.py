"""A row class stands for a table or view that is not in the database.

Every query that uses it fails. A class is taken to stand for a table where the configuration, a marker or
the last sync says so, or where its name ends in `Row`.

Default severity: critical. Fix: none until `update --prune`, which removes the class and its listing in
`__all__` unless the scanned code still uses it; then it names the places.

Facts: `class`, the class's name.

Example:
    A migration drops a table:

        drop table legacy;

    The class still stands for it:

        class LegacyRow(TypedDict):
            \"\"\"Table: public.legacy\"\"\"

            id: str

    After `update --prune` the class is gone.

Silence it: where the table exists under another name, tie the two together in the configuration:

    [bindings]
    LegacyRow = "public.archive"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import RowRule, Severity
from schema_sync.rules.removed import removed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.findings import Finding
    from schema_sync.model.pairs import RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding where the class's relation is gone."""
    yield from removed(RULE, pair)


RULE = RowRule(id="table-removed", severity=Severity.CRITICAL, check=check)
