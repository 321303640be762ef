"""The JSON report by lines, for streams and log collectors: the report without findings, then each finding.

The shapes are those of report.schema.json: the first line is the document less ``findings``, which are the
other lines.
"""

from __future__ import annotations

from schema_sync.reports.base import Format, View
from schema_sync.reports.escaping import json_text
from schema_sync.reports.formats.json import document, finding_object


def render(view: View) -> str:
    """Return a JSON object a line."""
    head = {key: value for key, value in document(view.report).items() if key != "findings"}
    objects = (head, *map(finding_object, view.report.findings))
    return "".join(f"{json_text(each)}\n" for each in objects)


FORMAT = Format(name="jsonl", render=render, endings=(".jsonl", ".ndjson"))
