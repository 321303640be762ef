"""What a comparison with an incomplete replay may say: an absence is certain only where nothing left it open."""

from __future__ import annotations

from msgspec.structs import replace

from schema_sync.model.findings import Finding, Note, Report
from schema_sync.model.incomplete import Incomplete

_WHY = "a statement that was not applied may concern it"


def withhold(report: Report, incomplete: Incomplete) -> Report:
    """Return *report* less the findings that a statement without effect may have prevented.

    What a finding says to be absent, or to differ, is *not checked* where such a statement mentions it.
    """
    kept: list[Finding] = []
    notes = [*report.not_checked, *incomplete.failed]
    for finding in report.findings:
        if _is_open(finding, incomplete):
            notes.append(Note(what=f"{_object(finding)} ({finding.rule})", why=_WHY))
        else:
            kept.append(finding)
    return replace(report, findings=tuple(kept), not_checked=tuple(notes), incomplete=incomplete.summary)


def _is_open(finding: Finding, incomplete: Incomplete) -> bool:
    subject, part = finding.subject, finding.subject.part
    if finding.change == "removed":
        absent = part[1] if part else subject.name
        return incomplete.unbounded or incomplete.leaves_open(absent)
    former = finding.fact("renamed_from")
    names = [subject.name, *([part[1]] if part else ()), *([former] if isinstance(former, str) else ())]
    return finding.change == "modified" and incomplete.leaves_open(*names)


def _object(finding: Finding) -> str:
    part = finding.subject.part
    return f"{finding.subject}{f'.{part[1]}' if part else ''}"
