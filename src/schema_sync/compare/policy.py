"""What the user decides of findings: how severe each rule is, and which fixes wait for a review."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from schema_sync.model.base import Value
from schema_sync.model.edits import RemoveMember
from schema_sync.model.findings import Finding, Severity
from schema_sync.rules.registry import MEMBER_REMOVED

OFF = "off"


class Policy(Value, frozen=True, kw_only=True):
    """The configuration's ``severity`` (rule → word or ``off``) and ``require-manual-review``."""

    severity: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    review: tuple[str, ...] = ()

    def judged(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return *findings* with the user's severities; those of rules that are off are left out."""
        kept = (f for f in findings if self.severity.get(f.rule) != OFF)
        return tuple(
            replace(f, severity=Severity[self.severity[f.rule].upper()]) if f.rule in self.severity else f
            for f in kept
        )

    def needs_review(self, finding: Finding) -> bool:
        """Whether *finding* is mended only on request (``--prune``), by its rule or because it removes members."""
        removes = any(isinstance(edit, RemoveMember) for edit in finding.edits)
        return finding.rule in self.review or (removes and MEMBER_REMOVED in self.review)
