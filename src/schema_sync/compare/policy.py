"""What the user decides of findings: how severe each rule is, and which fixes wait for a review."""

from __future__ import annotations

from msgspec.structs import replace

from schema_sync.model.edits import RemoveMember
from schema_sync.model.findings import Finding, Severity
from schema_sync.model.options import Options
from schema_sync.rules.registry import MEMBER_REMOVED

OFF = "off"


def judged(findings: tuple[Finding, ...], options: Options) -> tuple[Finding, ...]:
    """Return *findings* with the user's severities; those of rules that are off are left out."""
    chosen = options.severity
    kept = (f for f in findings if chosen.get(f.rule) != OFF)
    return tuple(replace(f, severity=Severity[chosen[f.rule].upper()]) if f.rule in chosen else f for f in kept)


def needs_review(finding: Finding, options: Options) -> bool:
    """Whether *finding* is mended only on request (``--prune``), by its rule or because it removes members."""
    review = options.require_manual_review
    removes = any(isinstance(edit, RemoveMember) for edit in finding.edits)
    return finding.rule in review or (removes and MEMBER_REMOVED in review)
