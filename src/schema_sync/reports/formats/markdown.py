"""The report as GitHub Flavored Markdown: for files and for comments on pull requests.

A line states how it stands, a table what differs by object; all else is folded. Names never stand in backticks,
which they could close: they are escaped text in ``<code>``. A comment on GitHub holds 65,536 characters: what
does not fit is left out, and the report states how much.
"""

from __future__ import annotations

from collections.abc import Iterable

from schema_sync.model.base import Value
from schema_sync.model.findings import Finding
from schema_sync.reports.base import View, by_severity, coverage_parts, migration_lines
from schema_sync.reports.blocks import Block, blocks
from schema_sync.reports.escaping import code, markdown

LIMIT = 65_000  # leaves room for what a workflow writes around it
_LONGEST = 400  # characters of a cell, before they are escaped
_NOTE = 100  # room for the line that states what is left out


class _Section(Value, frozen=True, kw_only=True):
    """Rows, with what stands before and behind them; nothing if there is no row."""

    before: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()

    def within(self, room: int) -> str:
        """Return the text, in at most *room* characters: the first rows, and how many more there are."""
        if not self.rows:
            return ""
        frame = ["", *self.before, *self.behind]
        left = room - _NOTE - sum(len(line) + 1 for line in frame)
        count = 0
        while count < len(self.rows) and len(self.rows[count]) < left:
            left -= len(self.rows[count]) + 1
            count += 1
        omitted = len(self.rows) - count
        more = ("", f"*{omitted} more left out here; the formats html and json have all.*") if omitted else ()
        return "\n".join(["", *self.before, *self.rows[:count], *more, *self.behind, ""])


def render(view: View) -> str:
    """Return the report, cut where it would not fit into a comment."""
    report = view.report
    head = f"# {markdown(view.heading)}\n\n**{view.summary}**\n"
    head += "".join(f"\n{markdown(line)}\n" for line in migration_lines(report))
    ordered = sorted(blocks(report, view.first_schema), key=lambda b: -b.severity)
    heading = ("| Severity | Object | Change | Where |", "|---|---|---|---|")
    objects = _Section(before=heading, rows=tuple(map(_object_row, ordered))).within(LIMIT // 2)
    compared = [
        f"Source: {markdown(report.source_kind)}, {code(_cut(report.source))}",
        f"Database: {report.tables} tables, {report.enums} enums",
        f"Hash: {code(report.db_hash)}",
        *(f"{part[0].upper()}{part[1:]}" for part in coverage_parts(report)),
    ]
    foot = [
        _folded("Not checked", [f"{code(_cut(each.what))}: {_text(each.why)}" for each in report.unchecked]),
        _folded(
            "Classes that match no database object",
            [f"{code(_cut(name))} ({code(_cut(str(at)))})" for name, at in report.unmatched],
        ),
        _folded("What was compared", compared),
    ]
    behind = "".join(section.within(LIMIT // 10) for section in foot)
    findings = _findings(view).within(LIMIT - len(head) - len(objects) - len(behind))
    return f"{head}{objects}{findings}{behind}"


def _object_row(block: Block) -> str:
    lines = "; ".join(line.text for line in block.lines)
    what = f"{block.change}: {lines}" if lines else block.change
    if block.is_query:
        what = lines
    name = f"{'query of ' if block.is_query else ''}{block.subject.kind} {code(_cut(block.name))}"
    return _row(block.severity.word, name, _text(what), code(_cut(str(min(f.at for f in block.findings)))))


def _findings(view: View) -> _Section:
    return _Section(
        before=(
            "<details><summary>Every finding</summary>",
            "",
            "| Severity | Object | Rule | Finding | Moved | Where |",
            "|---|---|---|---|---|---|",
        ),
        rows=tuple(map(_finding_row, by_severity(view))),
        behind=("", "</details>"),
    )


def _finding_row(finding: Finding) -> str:
    s = finding.subject
    name = f"{s}.{s.part[1]}" if s.part else str(s)
    return _row(
        finding.severity.word,
        f"{s.kind} {code(_cut(name))}",
        finding.rule,
        _text(finding.message),
        finding.moved,
        code(_cut(str(finding.at))),
    )


def _folded(title: str, entries: Iterable[str]) -> _Section:
    rows = tuple(f"- {each}" for each in entries)
    before = (f"<details><summary>{title}: {len(rows)}</summary>", "")
    return _Section(before=before, rows=rows, behind=("", "</details>"))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    return markdown(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
