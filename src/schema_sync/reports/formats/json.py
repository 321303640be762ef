"""The JSON report, as ``json_report`` describes it."""

from __future__ import annotations

from schema_sync.reports.base import View
from schema_sync.reports.escaping import json_text
from schema_sync.reports.json_report import document


def render(view: View) -> str:
    """Return one JSON document; paths are relative to the project."""
    return json_text(document(view.report), indent=2) + "\n"
