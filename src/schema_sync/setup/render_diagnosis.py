"""A diagnosis as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from schema_sync.reports.escaping import json_text, printable

if TYPE_CHECKING:
    from schema_sync.setup.diagnosis import Check, Diagnosis, State

FORMAT_VERSION = 1
_MARKS: dict[State, str] = {"ok": "✓", "note": "-", "warning": "!", "fault": "✗"}


def text(diagnosis: Diagnosis) -> str:
    """Return the diagnosis for a person."""
    lines: list[str] = []
    for section in diagnosis.sections:
        lines += [section.name.capitalize(), *(line for check in section.checks for line in _lines(check)), ""]
    lines.append("✓ schema-sync check can run" if diagnosis.can_check else "✗ schema-sync check cannot run yet")
    return "\n".join(lines) + "\n"


def json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis for a program."""
    document = {
        "format_version": FORMAT_VERSION,
        "can_check": diagnosis.can_check,
        "sections": {
            section.name: [msgspec.structs.asdict(check) for check in section.checks]
            for section in diagnosis.sections
        },
    }
    return json_text(document, indent=2) + "\n"


def _lines(check: Check) -> Iterator[str]:
    yield f"  {_MARKS[check.state]} {printable(check.name)}: {_indented(check.says)}"
    if check.next:
        yield f"    → {_indented(check.next)}"


def _indented(text_: str) -> str:
    return printable(text_, keep="\n").replace("\n", "\n      ")
