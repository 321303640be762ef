"""The JSON report: a contract for scripts and agents, described by report.schema.json."""

from __future__ import annotations

import msgspec

from schema_sync.model.findings import Finding, Report, Severity
from schema_sync.reports.base import Format, View
from schema_sync.reports.escaping import json_text

FORMAT_VERSION = 1


def render(view: View) -> str:
    """Return one JSON document; paths are relative to the project."""
    return json_text(document(view.report), indent=2) + "\n"


def document(report: Report) -> dict[str, object]:
    """Return the report as the contract has it."""
    counts = {severity.name.lower(): report.count(severity) for severity in sorted(Severity, reverse=True)}
    unread = [{"what": f"{u.at.path}:{u.at.line}:{u.at.column}", "why": u.why} for u in report.unreadable]
    return {
        "format_version": FORMAT_VERSION,
        "in_sync": report.in_sync,
        "source": {"kind": report.source_kind, "describe": report.source},
        "db_hash": report.db_hash,
        "summary": {**counts, "tables": report.tables, "enums": report.enums},
        "findings": [finding_object(f) for f in report.findings],
        "bindings": [
            {
                "declaration": b.declaration.name,
                "path": b.declaration.at.path,
                "object": str(b.object),
                "shape": b.role,
                "how": b.how,
            }
            for b in report.bindings
        ],
        "unmatched": [{"declaration": name, "path": at.path, "line": at.line} for name, at in report.unmatched],
        "not_checked": [*unread, *({"what": n.what, "why": n.why} for n in report.not_checked)],
        "suppressed": report.suppressed,
    }


def finding_object(finding: Finding) -> dict[str, object]:
    """Return a finding as it stands in the documents."""
    declaration = None
    if finding.declaration is not None:
        declaration = {"name": finding.declaration, "path": finding.at.path, "line": finding.at.line}
    return {
        "rule": finding.rule,
        "severity": finding.severity.name.lower(),
        "impact": finding.impact,
        "moved": finding.moved,
        "object": msgspec.to_builtins(finding.subject),
        "declaration": declaration,
        "message": finding.message,
        "facts": dict(finding.facts),
        "fixable": bool(finding.edits),
        "fingerprint": finding.fingerprint,
    }


FORMAT = Format(name="json", render=render, endings=(".json",))
