"""What ``schema-sync migrations check`` can find: our own rules with their severities, and Squawk's.

Those are listed in ``squawk_rules.md``. Authority: https://squawkhq.com/docs/rules.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

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


@cache
def squawk_rules() -> dict[str, str]:
    """Return the fault that each rule of Squawk's finds, by its id here."""
    text = (Path(__file__).parent / "squawk_rules.md").read_text(encoding="utf-8")
    listed: list[tuple[str, str]] = re.findall(r"^- `(.+?)`: (.+)$", text, re.MULTILINE)
    return {f"{SQUAWK}{name}": fault for name, fault in listed}


def address(name: str) -> str:
    """Return where Squawk documents its rule *name* (without ``squawk-``), which may be newer than this list."""
    return f"{_DOCUMENTATION}{_PAGES.get(name, name)}"
