"""A column of the database has no item in the row class.

Rows carry a key that the type does not know: a type checker refuses `row["age"]`, and nobody sees that the
value is there. Where the column is NOT NULL and has no default, inserts that follow the class fail (impact:
writes). A pydantic model with `extra="forbid"` refuses every row (impact: reads; severity high); others pass
over the key.

Default severity: medium, low in a class for inserts or updates. Fix: `update` adds the item behind the one of
the column before it, to a model or dataclass in its manner (a default None, an alias); safe. None where a
dataclass has no place for a field without a default.

Facts: `type`, the annotation that is missing; `database_type`, the column's type in SQL.

Example:
    A migration adds a column:

        alter table users add column age integer;

    The class has not heard of it:

        class UserRow(TypedDict):
            id: str

    After `update`:

        class UserRow(TypedDict):
            id: str
            age: Optional[int]

Classes for inserts and updates may leave columns out: there this rule counts only where `shapes` in the
configuration asks for such classes, and `required-column-undeclared` tells what an insert cannot do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import RowRule, Severity
from schema_sync.rules.undeclared import missing_columns, undeclared_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.findings import Finding
    from schema_sync.model.pairs import RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each column without an item."""
    if not pair.asked:
        return
    row = pair.shape == "row"
    for item, before in missing_columns(pair):
        if row or (item.expected is not None and not item.expected.demanded(pair.shape)):
            yield from undeclared_column(RULE, RULE.severity if row else Severity.LOW, pair, item, before)


RULE = RowRule(id="column-undeclared", severity=Severity.MEDIUM, check=check)
