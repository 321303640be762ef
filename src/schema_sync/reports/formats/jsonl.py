"""The JSON report by lines, for streams and log collectors: the report without findings, then each finding."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from schema_sync.reports.base import View
from schema_sync.reports.escaping import json_text
from schema_sync.reports.json_report import document


def render(view: View) -> str:
    """Return a JSON object a line."""
    head = {
        name: value for name, value in msgspec.structs.asdict(document(view.report)).items() if value is not UNSET
    }
    findings = head.pop("findings")
    return "".join(f"{json_text(each)}\n" for each in (head, *findings))
