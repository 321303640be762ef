"""Findings that a comment in the code turns off, and comments that turn nothing off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schema_sync.model.findings import Finding, Report

Ignores = dict[str, tuple[tuple[int, str], ...]]
"""The comments of each file: a line, and the rule that is off; ``*`` for all."""


def without_ignored(report: Report, ignores: Ignores) -> tuple[Report, tuple[str, ...]]:
    """Return *report* without what *ignores* turn off, and a note for each comment that turns nothing off.

    A comment counts on any line of the call, or on the line of the item or of its class.
    """
    if not ignores:
        return report, ()
    classes = {(b.declaration.at.path, b.declaration.name): b.declaration.at.line for b in report.bindings}
    unused = {(path, *ignore) for path, found in ignores.items() for ignore in found}
    shown: list[Finding] = []
    for finding in report.findings:
        matched = {
            (finding.at.path, line, rule)
            for line, rule in ignores.get(finding.at.path, ())
            if rule in {finding.rule, "*"} and any(line in lines for lines in _lines(finding, classes))
        }
        unused -= matched
        shown += [] if matched else [finding]
    is_whole = not (report.unreadable or report.incomplete or report.not_checked)
    notes = (f"{path}:{line}: ignore[{rule}] turns nothing off" for path, line, rule in sorted(unused) if is_whole)
    suppressed = report.suppressed + len(report.findings) - len(shown)
    return replace(report, findings=tuple(shown), suppressed=suppressed), tuple(notes)


def _lines(finding: Finding, classes: Mapping[tuple[str, str], int]) -> Iterator[range]:
    if finding.use is not None:
        yield range(finding.use.line, finding.use.end_line + 1)
        yield range(finding.use.call_line, finding.use.call_end_line + 1)
    elif finding.declaration is not None:  # else it stands where an update would write
        yield range(finding.at.line, finding.at.line + 1)
        line = classes.get((finding.at.path, finding.declaration), finding.at.line)
        yield range(line, line + 1)
