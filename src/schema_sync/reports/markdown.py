"""The report as GitHub Flavored Markdown: for files and pull requests.

Names never stand in backticks, which they could close: they are escaped text in ``<code>``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import Severity
from schema_sync.reports.base import Format, View
from schema_sync.reports.escaping import code, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.findings import Finding


def render(view: View) -> str:
    """Return the whole report."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: View) -> Iterator[str]:
    report = view.report
    yield f"# {markdown(view.heading)}"
    yield ""
    yield f"**{_summary(view)}**"
    yield ""
    yield f"- Source: {markdown(report.source_kind)}, {code(report.source)}"
    yield f"- Database: {report.tables} tables, {report.enums} enums"
    yield f"- Hash: {code(report.db_hash)}"
    if report.findings:
        yield ""
        yield "| Severity | Object | Rule | Finding | Where |"
        yield "|---|---|---|---|---|"
        yield from map(_row, sorted(report.findings, key=lambda f: -f.severity))
    yield from _notes(view)


def _summary(view: View) -> str:
    report = view.report
    if report.in_sync:
        return "✓ Schemas are in sync."
    counts = [f"{report.count(s)} {s.name.lower()}" for s in sorted(Severity, reverse=True) if report.count(s)]
    total = len(report.findings)
    parts = [f"{total} difference{'s' if total != 1 else ''}: {', '.join(counts)}."] if total else []
    parts += [f"{len(report.unreadable)} file(s) could not be read."] if report.unreadable else []
    return " ".join(parts)


def _row(finding: Finding) -> str:
    s = finding.subject
    detail = s.column or s.label or s.argument
    name = f"{s}.{detail}" if detail is not None else str(s)
    cells = (
        finding.severity.name.lower(),
        f"{s.kind} {code(name)}",
        finding.rule,
        markdown(finding.message),
        code(str(finding.at)),
    )
    return f"| {' | '.join(cells)} |"


def _notes(view: View) -> Iterator[str]:
    report = view.report
    unread = [(f"{u.at.path}:{u.at.line}:{u.at.column}", u.why) for u in report.unreadable]
    notes = [*unread, *((n.what, n.why) for n in report.not_checked)]
    if notes:
        yield from ("", "## Not checked", "")
        yield from (f"- {code(what)}: {markdown(why)}" for what, why in notes)
    if report.unmatched:
        yield from ("", "<details><summary>Classes that stand for nothing in the database</summary>", "")
        yield from (f"- {code(name)} ({code(str(at))})" for name, at in report.unmatched)
        yield from ("", "</details>")


FORMAT = Format(name="markdown", render=render)
