"""No row class declares a table of the database.

Code that reads or writes the table has no types for it: a wrong column name or a null shows at run time.

Default severity: high. Fix: `update` writes a TypedDict for the table; safe.

Facts: `columns`, the number of columns; `class_name`, what the new class would be called.

Example:
    A migration makes a table:

        create table invoices (id uuid primary key, paid_at timestamptz);

    After `update` there is a class for it, with a marker that ties the two together:

        class InvoiceRow(TypedDict):
            \"\"\"Table: public.invoices\"\"\"

            id: str
            paid_at: Optional[str]

Silence it for a table that the code never sees, in the configuration:

    exclude-tables = ["schema_migrations", "invoices"]
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
    """Yield a finding where nothing declares the table."""
    if pair.target.kind == "table":
        yield from undeclared(RULE, pair)


RULE = RowRule(id="table-undeclared", severity=Severity.HIGH, check=check)
