"""The report for a terminal, to the letter of the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.reports.base import View
from schema_sync.reports.blocks import Block, blocks
from schema_sync.reports.escaping import printable

_WORDS = {"composite": "TYPE"}


def render(view: View) -> str:
    """Return the result of a check."""
    lines = [view.heading, "", "Checking for schema drift...", ""]
    lines += ["Schema Differences:" if view.report.findings else "✓ No schema differences found", ""]
    for block in blocks(view.report_from_here, view.first_schema):
        lines += [*block_lines(block), ""]
    return "\n".join([*lines, *_verdict(view)]) + "\n"


def _verdict(view: View) -> Iterator[str]:
    if view.drifted:
        yield "⚠️  Schema drift detected!"
        if view.flags:
            yield "Run with --diff for details or --update to sync"
        else:
            in_queries = [finding.use is not None for finding in view.report.findings]
            update = "" if all(in_queries) else " or `schema-sync update` to sync"
            queries = "; queries are mended by hand" if any(in_queries) else ""
            yield f"Run `schema-sync diff` for details{update}{queries}"
    elif view.report.findings:
        yield (
            f"✓ No schema drift at or above {view.fail_on.name}"
            if view.fail_on
            else "✓ Differences do not fail here"
        )
    elif view.report.unreadable:
        yield "⚠️  Not all files could be read"
    elif view.report.incomplete:
        yield f"⚠️  No drift in what could be compared: {view.report.incomplete}"
    else:
        yield "✓ Schemas are in sync"


def block_heading(block: Block) -> str:
    """Return the first line of a block, hostile characters escaped."""
    word = "QUERY" if block.is_query else _WORDS.get(block.subject.kind, block.subject.kind.upper())
    return f"[{block.severity.name}] {word}: {printable(block.name)}"


def block_lines(block: Block) -> Iterator[str]:
    """Yield the lines of a block, hostile characters escaped."""
    yield block_heading(block)
    if not block.is_query:
        yield f"  Change: {block.change}"
    yield from (f"  {printable(line)}" for line in block.lines)
