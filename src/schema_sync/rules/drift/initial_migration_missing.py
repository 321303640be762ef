"""Most tables that the code declares are absent from what the migrations make.

The folder then lacks the migration that made them, as in a project that was begun in the dashboard. One
finding says so instead of a flood of removed tables. Only where the source is a migrations folder.

Default severity: critical. Fix: none; `supabase db pull` writes the missing migration. Or read the live
database: `--source postgresql://…`.

Facts: `absent` and `declared`, numbers of tables.

Example:
    The code declares 37 tables; the only migration alters one that was made in the dashboard:

        alter table organizations add column max_members integer;
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import Finding, Severity, Subject, WholeRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import RowPair


def check(pairs: tuple[RowPair, ...]) -> Iterator[Finding]:
    """Yield the finding where over half of the declared tables are absent."""
    declared = {pair.target for pair in pairs if pair.declared is not None}
    absent = {pair.target: pair.declared for pair in pairs if pair.declared is not None and pair.expected is None}
    if len(absent) * 2 <= len(declared):
        return
    target, first = next(iter(absent.items()))
    yield Finding(
        rule=RULE.id,
        subject=Subject(kind="schema", schema=target.schema, name=target.schema),
        change="removed",
        facts=(("absent", len(absent)), ("declared", len(declared))),
        message=(
            f"{len(absent)} of {len(declared)} declared tables are not made by the migrations: the first"
            " migration seems to be missing. Run supabase db pull, or read the live database."
        ),
        detail=f"Missing tables: {len(absent)} of {len(declared)}",
        impact="both",
        severity=RULE.severity,
        at=first.at,
    )


RULE = WholeRule(
    id="initial-migration-missing",
    severity=Severity.CRITICAL,
    check=check,
    source="migrations",
    supersedes=("table-removed",),
)
