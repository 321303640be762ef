"""A Code Quality report of GitLab: what a merge request shows.

The fields are those of GitLab's "Code Quality report format", a subset of Code Climate's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from schema_sync.model.findings import Severity
from schema_sync.reports.base import View, fingerprints
from schema_sync.reports.escaping import json_text, printable

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}
_NOWHERE = "."  # a path is required; what was not checked need not have one


def render(view: View) -> str:
    """Return one JSON array; paths are relative to the repository."""
    return json_text(list(_issues(view)), indent=2) + "\n"


def _issues(view: View) -> Iterator[dict[str, object]]:
    report = view.report
    for unread in report.unreadable:
        path = view.in_repository(unread.at.path)
        yield _issue("file-unreadable", f"could not be read: {unread.why}", "blocker", path, unread.at.line)
    for finding, fingerprint in fingerprints(report.findings):
        path, severity = view.in_repository(finding.at.path), _SEVERITIES[finding.severity]
        yield _issue(finding.rule, finding.message, severity, path, finding.at.line, fingerprint=fingerprint)
    for note in dict.fromkeys(report.not_checked):
        yield _issue("not-checked", f"not checked: {note}", "info", _NOWHERE)


def _issue(
    rule: str, text: str, severity: str, path: str, line: int = 1, *, fingerprint: str = ""
) -> dict[str, object]:
    return {
        "description": printable(text),
        "check_name": rule,
        "fingerprint": fingerprint
        or hashlib.sha256(f"{rule}\n{path}\n{text}".encode("utf-8", "backslashreplace")).hexdigest()[:12],
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }
