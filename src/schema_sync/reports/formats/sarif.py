"""SARIF 2.1.0 (OASIS standard), as code scanning services and editors read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from schema_sync import __version__
from schema_sync.model.declarations import Location
from schema_sync.model.findings import Finding, QueryUse, Severity
from schema_sync.reports.base import View, fingerprints
from schema_sync.reports.escaping import json_text, printable
from schema_sync.reports.json_report import document, finding_object
from schema_sync.rules import manual

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_NOTIFICATIONS = {
    "file-unreadable": "A file could not be read: what it declares is unknown.",
    "not-checked": "Something was not, or could not be, compared.",
}
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")


def render(view: View) -> str:
    """Return one log with one run; locations are relative to the repository."""
    report = view.report
    stated = document(report)
    rules = sorted({finding.rule for finding in report.findings})
    run = {
        "tool": {"driver": _driver(rules)},
        "invocations": [
            {
                "executionSuccessful": not report.unreadable and not report.incomplete,
                "toolExecutionNotifications": list(_notifications(view)),
            }
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(view, finding, fingerprint, rules.index(finding.rule))
            for finding, fingerprint in fingerprints(report.findings)
        ],
        "properties": {key: getattr(stated, key) for key in ("source", "db_hash", "summary", "suppressed")},
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(log, indent=2) + "\n"


def _driver(rules: list[str]) -> dict[str, object]:
    return {
        "name": "schema-sync",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
        "notifications": [{"id": id_, "shortDescription": {"text": t}} for id_, t in _NOTIFICATIONS.items()],
    }


def _rule(id_: str) -> dict[str, object]:
    page = manual.find(id_)
    return {
        "id": id_,
        "name": id_.title().replace("-", ""),
        "shortDescription": {"text": page.summary},
        "help": {"text": page.text, "markdown": page.text},
        "defaultConfiguration": {"level": _LEVELS[Severity[page.severity.upper()]]},
        "properties": {"tags": ["schema-drift"], "severity": page.severity},
    }


def _result(view: View, finding: Finding, fingerprint: str, index: int) -> dict[str, object]:
    stated = finding_object(finding)
    properties = {
        key: getattr(stated, key) for key in ("severity", "impact", "moved", "object", "facts", "fixable")
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": _message(finding.message),
        "locations": [{**_location(view, finding.at, finding.use), "logicalLocations": [_object(finding)]}],
        # GitHub tells alerts apart by the second; it would make one of all that stand at one line
        "partialFingerprints": {"schemaSync/v1": fingerprint, "primaryLocationLineHash": fingerprint},
        "properties": properties,
    }


def _notifications(view: View) -> Iterator[dict[str, object]]:
    for unread in view.report.unreadable:
        yield {
            "descriptor": {"id": "file-unreadable"},
            "level": "error",
            "message": _message(unread.why),
            "locations": [_location(view, unread.at)],
        }
    for note in view.report.not_checked:
        message = _message(str(note))
        yield {"descriptor": {"id": "not-checked"}, "level": "warning", "message": message}


def _location(view: View, at: Location, use: QueryUse | None = None) -> dict[str, object]:
    end = {"endLine": use.end_line, "endColumn": use.end_column} if use else {}
    return {
        "physicalLocation": {
            "artifactLocation": {
                "uri": quote(view.in_repository(at.path), errors="surrogateescape"),
                "uriBaseId": _ROOT,
            },
            "region": {"startLine": at.line, "startColumn": at.column, **end},
        }
    }


def _object(finding: Finding) -> dict[str, str]:
    subject = finding.subject
    kind, part = subject.part or (subject.kind, None)
    names = (subject.schema, subject.name) if part is None else (subject.schema, subject.name, part)
    return {
        "name": printable(names[-1]),
        "fullyQualifiedName": printable(".".join(names)),
        "kind": kind,
    }


def _message(text: str) -> dict[str, str]:
    """Return a message object: no placeholder (section 3.11.5), no embedded link (3.11.6), nothing invisible."""
    shown = printable(text).replace("{", "{{").replace("}", "}}")
    return {"text": _LINK.sub(r"\\[", shown)}
