"""No row class declares a table of the database.

Code that reads or writes the table has no types for it: a wrong column name or a null shows at run time.

Default severity: high. Fix: `update` writes a TypedDict for the table.

Facts: `columns`, the number of columns; `class_name`, what the new class would be called.

Example:
    The database has `public.invoices`; no class is bound to it. After `update`:

        class InvoiceRow(TypedDict):
            \"\"\"Table: public.invoices\"\"\"

            id: str

To leave a table out on purpose, list it in `exclude-tables`.
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
