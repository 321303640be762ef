"""No class says what an insert into, or an update of, a table or view may give.

`shapes` in the configuration asks for such classes. Without one, a program passes plain dictionaries, and a
misspelt or missing key shows at run time only. Views count as far as the server lets them be written.

In a class for inserts the keys that may be left out are NotRequired: columns that can be null, have a default,
are an identity BY DEFAULT, or are listed in `trigger-filled`. A class for updates has `total=False`. Columns that
the database computes are in neither.

Default severity: low. Fix: `update` writes the class, beside the row class; safe.

Facts: `shape`, insert or update; `columns`, how many it would have; `class_name`, what it would be called.

Example:
    The configuration asks for inserts:

        shapes = ["row", "insert"]

    A migration makes a table:

        create table notes (id int generated always as identity, body text not null, at date default now());

    After `update` there is, beside the row class, one for inserts:

        class NoteInsert(TypedDict):
            \"\"\"Table: public.notes\"\"\"

            body: str
            at: NotRequired[Optional[str]]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import named, subject
from schema_sync.rules.undeclared import new_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import RowPair


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding where no class has the shape."""
    if pair.declared is not None or pair.expected is None or pair.shape == "row":
        return
    target, items = pair.target, tuple(i for i in pair.expected.items if i.belongs(pair.shape))
    yield Finding(
        rule=RULE.id,
        subject=subject(target),
        change="modified",
        facts=(("shape", pair.shape), ("columns", len(items)), ("class_name", target.class_name)),
        message=f"No class declares {pair.shape}s of {named(target)}.",
        detail=f"No class for {pair.shape}s",
        impact="none",
        severity=RULE.severity,
        at=target.home,
        edits=(new_class(pair, items),),
    )


RULE = RowRule(id="shape-undeclared", severity=Severity.LOW, check=check)
