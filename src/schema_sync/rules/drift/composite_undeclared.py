"""No class declares a composite type that new code names.

A column of a composite type comes as an object. The item that `update` writes for it names a TypedDict, so there
has to be one. A composite that no new item needs is no fault, and an item that says `dict[str, Any]` may stay.

Default severity: low. Fix: `update` writes a TypedDict in front of the classes that name it; safe. All its items
admit None: PostgreSQL holds no value of a composite type to a constraint.

Facts: `columns`, how many attributes it has; `class_name`, what the new class would be called.

Example:
    A migration makes a type, and a table with a column of it:

        create type address as (street text, zip integer);
        create table shops (id uuid primary key, place address not null);

    After `update`:

        class AddressRow(TypedDict):
            \"\"\"Type: public.address\"\"\"

            street: Optional[str]
            zip: Optional[int]


        class ShopRow(TypedDict):
            \"\"\"Table: public.shops\"\"\"

            id: str
            place: AddressRow

Write `dict[str, Any]` instead for a composite that `exclude-tables` names:

    exclude-tables = ["schema_migrations", "address"]
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
    """Yield a finding where nothing declares a composite type that is needed."""
    if pair.target.kind == "composite":
        yield from undeclared(RULE, pair)


RULE = RowRule(id="composite-undeclared", severity=Severity.LOW, check=check)
