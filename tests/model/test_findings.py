"""Findings: what their fingerprints depend on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from schema_sync.model.declarations import Location
from schema_sync.model.findings import Finding, Severity, Subject


class TestFindings:
    FINDING = Finding(
        rule="column-removed",
        subject=Subject(kind="table", schema="public", name="users", column="x"),
        change="removed",
        facts=(("type", "str"),),
        message="m",
        impact="both",
        severity=Severity.CRITICAL,
        declaration="UserRow",
        at=Location(path="a.py", line=3),
    )

    @pytest.mark.parametrize(
        "change",
        [
            {"message": "other"},
            {"severity": Severity.LOW},
            {"at": Location(path="b.py", line=9)},
            {"moved": "code"},
        ],
    )
    def test_a_fingerprint_does_not_move_with_wording_severity_or_lines(self, change: dict[str, Any]) -> None:
        assert msgspec.structs.replace(self.FINDING, **change).fingerprint == self.FINDING.fingerprint

    @pytest.mark.parametrize("change", [{"rule": "x-y"}, {"facts": ()}, {"declaration": "Other"}])
    def test_a_fingerprint_moves_with_the_facts(self, change: dict[str, Any]) -> None:
        assert msgspec.structs.replace(self.FINDING, **change).fingerprint != self.FINDING.fingerprint

    def test_facts_by_name(self) -> None:
        assert self.FINDING.fact("type") == "str"
        assert self.FINDING.fact("other") is None
