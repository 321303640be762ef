"""The report for a terminal, to the letter of the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.findings import Severity
from schema_sync.reports.base import Part, Styled, View, counted, styled
from schema_sync.reports.blocks import Block, blocks

_WORDS = {"composite": "TYPE"}


def render(view: View) -> str:
    """Return the result of a check."""
    return "".join(line.plain() for line in document(view))


def document(view: View) -> Iterator[Styled]:
    """Yield the lines of the result of a check."""
    yield from (styled(Part(view.heading, "title")), styled(), styled("Checking for schema drift..."), styled())
    yield from (differences(view), styled())
    for block in blocks(view.report_from_here, view.first_schema):
        yield from (*block_lines(block), styled())
    yield from _verdict(view)


def differences(view: View) -> Styled:
    """Return the line above the blocks, or instead of them."""
    if view.report.findings:
        return styled(Part("Schema Differences:", "title"))
    return styled(Part("✓ No schema differences found", "good"))


def count_line(view: View) -> Styled:
    """Return how many findings there are, by severity, and in how many files."""
    findings = view.report.findings
    parts: list[str | Part] = [f"{counted(len(findings), 'finding')}: "]
    for severity in sorted(Severity, reverse=True):
        if count := view.report.count(severity):
            parts += [Part(f"{count} {severity.word}", severity.word), ", "]
    return styled(*parts[:-1], f" in {counted(len({each.at.path for each in findings}), 'file')}")


def _verdict(view: View) -> Iterator[Styled]:
    if view.drifted:
        yield styled(Part("⚠️  Schema drift detected!", "warning"))
        if view.flags:
            yield styled("Run with --diff for details or --update to sync")
        else:
            in_queries = [finding.use is not None for finding in view.report.findings]
            update = "" if all(in_queries) else " or `schema-sync update` to sync"
            queries = "; queries are mended by hand" if any(in_queries) else ""
            yield styled(f"Run `schema-sync diff` for details{update}{queries}")
    elif view.report.findings:
        at_least = f"✓ No schema drift at or above {view.fail_on.name}" if view.fail_on else ""
        yield styled(Part(at_least or "✓ Differences do not fail here", "good"))
    elif view.report.unreadable:
        yield styled(Part("⚠️  Not all files could be read", "warning"))
    elif view.report.incomplete:
        yield styled(Part(f"⚠️  No drift in what could be compared: {view.report.incomplete}", "warning"))
    else:
        yield styled(Part("✓ Schemas are in sync", "good"))


def block_heading(block: Block) -> Styled:
    """Return the first line of a block."""
    word = "QUERY" if block.is_query else _WORDS.get(block.subject.kind, block.subject.kind.upper())
    severity = Part(f"[{block.severity.name}]", block.severity.word)
    return styled(severity, f" {word}: ", Part(block.name, "title"))


def block_lines(block: Block) -> Iterator[Styled]:
    """Yield the lines of a block."""
    yield block_heading(block)
    if not block.is_query:
        yield styled(f"  Change: {block.change}")
    yield from (line.indented() for line in block.lines)
