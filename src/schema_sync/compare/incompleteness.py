"""What a comparison with an incomplete replay may say: an absence is certain only where nothing left it open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.model.findings import Note

if TYPE_CHECKING:
    from schema_sync.compare.comparison import Comparison
    from schema_sync.model.findings import Finding
    from schema_sync.model.incomplete import Incomplete


def withhold(comparison: Comparison, incomplete: Incomplete) -> Comparison:
    """Return *comparison* less the findings that a statement without effect may have prevented.

    What a finding says to be absent, or to differ, is *not checked* where such a statement mentions it.
    """
    report = comparison.report
    kept = tuple(finding for finding in report.findings if not _is_open(finding, incomplete))
    notes = [
        *incomplete.failed,
        *(
            Note(
                what=f"{_object(finding)} ({finding.rule})", why="a statement that was not applied may concern it"
            )
            for finding in report.findings
            if finding not in kept
        ),
    ]
    report = replace(
        report, findings=kept, not_checked=(*report.not_checked, *notes), incomplete=incomplete.summary
    )
    return replace(comparison, report=report)


def _is_open(finding: Finding, incomplete: Incomplete) -> bool:
    subject, part = finding.subject, finding.subject.part
    if finding.change == "removed":
        absent = part[1] if part else subject.name
        return subject.kind == "schema" or incomplete.unbounded or incomplete.leaves_open(absent)
    former = finding.fact("renamed_from")
    names = [subject.name, *([part[1]] if part else ()), *([former] if isinstance(former, str) else ())]
    return finding.change == "modified" and incomplete.leaves_open(*names)


def _object(finding: Finding) -> str:
    part = finding.subject.part
    return f"{finding.subject}{f'.{part[1]}' if part else ''}"
