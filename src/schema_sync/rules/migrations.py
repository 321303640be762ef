"""What ``schema-sync migrations check`` can find by itself, beside the rules of Squawk."""

from __future__ import annotations

from schema_sync.model.base import Value
from schema_sync.model.findings import Severity


class MigrationRule(Value, frozen=True, kw_only=True):
    """A rule about the files of a migrations folder: id, default severity, the fault and why it matters."""

    id: str
    severity: Severity
    summary: str
    why: str


_ALL = (
    MigrationRule(
        id="migration-failed",
        severity=Severity.CRITICAL,
        summary="PostgreSQL refuses a statement.",
        why="A new database cannot be built, and `supabase db push` stops here. Later files were not tried.",
    ),
    MigrationRule(
        id="migration-syntax",
        severity=Severity.CRITICAL,
        summary="A file does not parse as SQL of PostgreSQL 18.",
        why="It can never be applied.",
    ),
    MigrationRule(
        id="migration-encoding",
        severity=Severity.CRITICAL,
        summary="A file is not UTF-8 text.",
        why="PostgreSQL refuses it. Save it as UTF-8.",
    ),
    MigrationRule(
        id="migration-open-transaction",
        severity=Severity.HIGH,
        summary="A file begins a transaction and does not commit it.",
        why="Supabase's CLI runs the later files in it and rolls all of them back if none commits. Add `commit;`.",
    ),
    MigrationRule(
        id="migration-duplicate",
        severity=Severity.HIGH,
        summary="Two files have the same version.",
        why="Supabase records a version once: the second file stops with a duplicate key.",
    ),
    MigrationRule(
        id="migration-out-of-order",
        severity=Severity.HIGH,
        summary="A new file has a version below one that was there before.",
        why="`supabase db push` refuses it where the later one is applied already. Give it a new timestamp.",
    ),
    MigrationRule(
        id="migration-order",
        severity=Severity.HIGH,
        summary="Files are applied by name, which is not the order of their numbers.",
        why="`10_b.sql` comes before `2_a.sql`. Write all versions with the same number of digits.",
    ),
    MigrationRule(
        id="migration-ignored",
        severity=Severity.HIGH,
        summary="Supabase's CLI passes over a file because of its name or place.",
        why="Its name must be VERSION_NAME.sql, digits and an underscore first, right in the folder.",
    ),
    MigrationRule(
        id="migration-edited",
        severity=Severity.MEDIUM,
        summary="A file that was there before has been edited.",
        why="Where it is applied already it does not run again. Write a new migration.",
    ),
    MigrationRule(
        id="migration-removed",
        severity=Severity.MEDIUM,
        summary="A file that was there before is gone.",
        why="`supabase db push` refuses where a database remembers a version that has no file.",
    ),
    MigrationRule(
        id="migration-future",
        severity=Severity.MEDIUM,
        summary="A timestamp lies more than a day in the future.",
        why="What is written until then gets an earlier version, and so the wrong order.",
    ),
    MigrationRule(
        id="migration-bom",
        severity=Severity.MEDIUM,
        summary="A file begins with a byte order mark.",
        why="Programs that send it as it is get a syntax error. Save it without.",
    ),
    MigrationRule(
        id="migration-timestamp",
        severity=Severity.LOW,
        summary="A version of fourteen digits is not a time.",
        why="Versions are written YYYYMMDDHHMMSS, in UTC.",
    ),
    MigrationRule(
        id="migration-gap",
        severity=Severity.LOW,
        summary="A running number is missing.",
        why="A file may not have been committed.",
    ),
    MigrationRule(
        id="migration-empty",
        severity=Severity.LOW,
        summary="A file holds no statement.",
        why="It is recorded as applied, and what is written into it later never runs.",
    ),
    MigrationRule(
        id="migration-crlf",
        severity=Severity.LOW,
        summary="Lines end in CR LF.",
        why="Strings and the bodies of functions hold the CR too, and differ from what others write.",
    ),
    MigrationRule(
        id="migration-lock-stale",
        severity=Severity.LOW,
        summary="The migrations make another schema than the lock records.",
        why="`schema-sync update --source migrations` records it and mends the code.",
    ),
)
MIGRATION_RULES = {rule.id: rule for rule in _ALL}
