"""What ``schema-sync migrations check`` can find: our own rules with their severities, and Squawk's.

Those are listed in ``squawk_rules.md``. Authority: https://squawkhq.com/docs/rules.
"""

from __future__ import annotations

import re
from importlib import resources

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
SQUAWK = "squawk-"  # before the name of one of Squawk's rules
SQUAWK_SEVERITY = Severity.MEDIUM
SQUAWK_OFF = {  # docs/decisions/squawk.md; `[severity]` and `.squawk.toml` turn them on
    "squawk-prefer-robust-stmts": "Supabase applies a file as one transaction, so it fails as a whole.",
    "squawk-require-statement-timeout": "Supabase cancels a statement after two minutes by default.",
    "squawk-ban-concurrent-index-creation-in-transaction": (
        "Supabase's CLI (2.109 and later) runs CREATE INDEX CONCURRENTLY outside the transaction of the file."
        " Between `begin` and `commit` it fails in the replay: migration-failed."
    ),
    "squawk-ban-uncommitted-transaction": "migration-open-transaction reports the same.",
}
_DOCUMENTATION = "https://squawkhq.com/docs/"
_PAGES = {"prefer-timestamp-tz": "prefer-timestamptz", "unused-ignore": "rules"}  # not named like the rule
_TEXT = (resources.files("schema_sync.rules") / "squawk_rules.md").read_text(encoding="utf-8")
_LISTED: list[tuple[str, str]] = re.findall(r"^- `(.+?)`: (.+)$", _TEXT, re.MULTILINE)
SQUAWK_RULES = {f"{SQUAWK}{name}": fault for name, fault in _LISTED}


def address(name: str) -> str:
    """Return where Squawk documents its rule *name* (without ``squawk-``), which may be newer than this list."""
    return f"{_DOCUMENTATION}{_PAGES.get(name, name)}"
