"""A column was renamed in the database; the row class has its former name.

Every query that names the column fails, and rows come with another key. A rename is told from a drop and an
add by the column's number (pg_attribute.attnum), which the lock remembers for the database it was read from.
Without that, the two show as a removal and an addition.

Default severity: critical. Fix: `update` renames the key in the class, or in the base class that declares it if no
other table's class needs the former name. It keeps annotation and comments; code that uses the former name has to
follow. Where a model's field has an alias, the alias changes.

Facts: `renamed_from`, the former name.

Example:
    A migration renames a column:

        alter table users rename column mail to email;

    The class has the former name:

        class UserRow(TypedDict):
            mail: str  # confirmed

    After `update`:

        class UserRow(TypedDict):
            email: str  # confirmed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import RenameItem
from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import name_text, named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import Item
    from schema_sync.model.pairs import NewField, RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each item that has its column's former name."""
    declared = pair.declared
    if declared is None:
        return
    for each in pair.items:
        item, column, former = each.declared, each.expected, each.renamed_from
        if item is None or column is None or former is None:
            continue
        edit = _renamed(item, column.key, each.new)
        writable = not each.shared and (declared.form != "class" or column.in_class)
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target, column=column.key),
            change="modified",
            facts=(("renamed_from", former),),
            message=f"{declared.name} declares {former}, which {named(pair.target)} now calls {column.key}.",
            detail=f"renamed from {name_text(former)}",
            impact="both",
            severity=RULE.severity,
            declaration=declared.name,
            at=item.at,
            edits=(edit,) if writable and edit else (),
        )


def _renamed(item: Item, column: str, new: NewField | None) -> RenameItem | None:
    path, name, field = item.at.path, item.owner, item.field
    if field is None:
        return RenameItem(path=path, declaration=name, key=item.key, new_key=column)
    if field.aliased:
        return RenameItem(
            path=path, declaration=name, key=item.name, new_key=item.name, alias=column, former=item.key
        )
    if new is None:
        return None
    if field.pinned:
        return RenameItem(path=path, declaration=name, key=item.name, new_key=item.name, alias=column)
    return RenameItem(path=path, declaration=name, key=item.name, new_key=new.key, alias=new.alias)


RULE = RowRule(id="column-renamed", severity=Severity.CRITICAL, check=check)
