"""What ``schema-sync migrations check`` can find by itself, beside Squawk's rules: their ids and severities."""

from __future__ import annotations

from schema_sync.model.findings import Severity

MIGRATION_RULES = {
    "migration-failed": Severity.CRITICAL,
    "migration-syntax": Severity.CRITICAL,
    "migration-encoding": Severity.CRITICAL,
    "migration-open-transaction": Severity.HIGH,
    "migration-duplicate": Severity.HIGH,
    "migration-out-of-order": Severity.HIGH,
    "migration-order": Severity.HIGH,
    "migration-ignored": Severity.HIGH,
    "migration-edited": Severity.MEDIUM,
    "migration-removed": Severity.MEDIUM,
    "migration-future": Severity.MEDIUM,
    "migration-bom": Severity.MEDIUM,
    "migration-timestamp": Severity.LOW,
    "migration-gap": Severity.LOW,
    "migration-empty": Severity.LOW,
    "migration-crlf": Severity.LOW,
    "migration-lock-stale": Severity.LOW,
}
