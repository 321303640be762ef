"""A class for inserts lacks a column that an INSERT has to give: NOT NULL, without a default, filled by nothing.

Every insert that follows the class fails.

Default severity: high. Fix: `update` adds the item behind the one of the column before it; a type checker then
shows the places that have to give the value.

Facts: as of `column-undeclared`.

Example:
    A migration adds a column:

        alter table users add column mail text not null;

    The class for inserts has not heard of it:

        class UserRow(TypedDict):
            id: str
            mail: str


        class UserInsert(TypedDict):
            id: str

    After `update`:

        class UserRow(TypedDict):
            id: str
            mail: str


        class UserInsert(TypedDict):
            id: str
            mail: str

Silence it where a trigger fills the column, in the configuration:

    trigger-filled = ["public.users.mail"]
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
    """Yield a finding for each column that the class's writes cannot do without."""
    if pair.shape == "row":
        return
    for item, before in missing_columns(pair):
        if item.expected is not None and item.expected.demanded(pair.shape):
            yield from undeclared_column(RULE, RULE.severity, pair, item, before)


RULE = RowRule(id="required-column-undeclared", severity=Severity.HIGH, check=check)
