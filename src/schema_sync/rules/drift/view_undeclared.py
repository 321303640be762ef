"""No row class declares a view or materialized view of the database.

Many views serve the database alone, so a missing class matters less than for a table.

Default severity: low. Fix: `update` writes a TypedDict for the view; safe. A column that the query takes from a
NOT NULL column as it is refuses None; any other admits it, unless `not-null` names it.

Facts: as of `table-undeclared`.

Example:
    A migration makes a view:

        create view active_users as select id, upper(name) as name from users where active;

    After `update` there is a class for it:

        class ActiveUserRow(TypedDict):
            \"\"\"View: public.active_users\"\"\"

            id: str
            name: Optional[str]

Silence it for a view that the code never sees, in the configuration:

    exclude-tables = ["schema_migrations", "active_users"]
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
