"""Findings grouped by database object, as people read them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from schema_sync.model.base import Value
from schema_sync.model.findings import Change, Finding, Report, Severity, Subject
from schema_sync.rules.findings import label_text, name_text

_RANKS = {"enum": 0, "function": 2, "schema": 3}  # relations are 1
_WORDS = {"added": "Added", "removed": "Removed", "modified": "Changed"}
_CHANGES: tuple[Change, ...] = ("modified", "added", "removed")


class Block(Value, frozen=True, kw_only=True):
    """All findings on one object. ``lines`` are label and text, such as ("Added columns", "a, b")."""

    subject: Subject
    name: str
    change: Change
    severity: Severity
    lines: tuple[str, ...]
    findings: tuple[Finding, ...]


def blocks(report: Report, first_schema: str) -> tuple[Block, ...]:
    """Return the blocks: enums, relations, functions; within each modified, added, removed; then by name.

    An object of *first_schema* goes by its bare name, others by schema.name.
    """

    def of_object(finding: Finding) -> tuple[str, str, str]:
        s = finding.subject
        return s.kind, s.schema, s.name

    ordered = sorted(report.findings, key=of_object)
    made = [_block(tuple(group), first_schema) for _, group in groupby(ordered, of_object)]
    return tuple(sorted(made, key=lambda b: (_RANKS.get(b.subject.kind, 1), _CHANGES.index(b.change), b.name)))


def _block(findings: tuple[Finding, ...], first_schema: str) -> Block:
    whole = [f for f in findings if f.subject.part is None]
    change: Change = "modified"
    for finding in whole:
        change = finding.change if finding.change != "modified" else change
    s = findings[0].subject
    return Block(
        subject=Subject(kind=s.kind, schema=s.schema, name=s.name),
        name=s.name if s.schema == first_schema else str(s),
        change=change,
        severity=max(f.severity for f in findings),
        lines=(
            *_listed(findings, "label", "values"),
            *_listed(findings, "column", "columns"),
            *_listed(findings, "argument", "arguments"),
            *dict.fromkeys(f.detail for f in whole if f.detail),
        ),
        findings=findings,
    )


def _listed(findings: tuple[Finding, ...], grain: str, plural: str) -> Iterator[str]:
    for change, word in _WORDS.items():
        named: dict[str, list[str]] = {}
        for finding in findings:
            name = getattr(finding.subject, grain)
            if name is not None and finding.change == change:
                details = named.setdefault(label_text(name) if grain == "label" else name_text(name), [])
                details += [finding.detail] if finding.detail and finding.detail not in details else []
        if named:
            shown = [f"{name} ({', '.join(details)})" if details else name for name, details in named.items()]
            yield f"{word} {plural}: {', '.join(shown)}"
