"""No row class declares a view or materialized view of the database.

Many views serve the database alone, so a missing class matters less than for a table.

Default severity: low. Fix: `update` writes a TypedDict for the view.

Facts: as of `table-undeclared`.

Example:
    The database has the view `public.active_users`; no class is bound to it.

To leave a view out on purpose, list it in `exclude-tables`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import RowRule, Severity
from schema_sync.rules.undeclared import undeclared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.findings import Finding
    from schema_sync.model.pairs import RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding where nothing declares the view."""
    if pair.target.kind == "view":
        yield from undeclared(RULE, pair)


RULE = RowRule(id="view-undeclared", severity=Severity.LOW, check=check)
