"""What ``diff`` prints: every finding with its place and reason, and the unified diff of an update."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from schema_sync.model.base import grouped
from schema_sync.model.findings import Finding
from schema_sync.reports import line_diff
from schema_sync.reports.base import View
from schema_sync.reports.blocks import blocks, places_of_uses
from schema_sync.reports.escaping import printable
from schema_sync.reports.formats.text import block_heading, block_lines
from schema_sync.rules.findings import label_text, name_text


def details(
    view: View, patch: str, kept: Iterable[Finding], changed: Sequence[str] = (), *, summed_up: bool = True
) -> str:
    """Return what stands below the heading.

    *patch* is what update would write, *kept* what it would leave for review, *changed* what is different in the
    database since the last sync, a line each. Each object is *summed_up* as a check does it, before its findings.
    """
    return "\n".join(_lines(view, patch, today(kept, view.report.findings), changed, summed_up)) + "\n"


def today(kept: Iterable[Finding], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what an update would keep, in its place before the update, as *findings* have it."""
    places = {(f.fingerprint, f.at.path): f.at for f in findings}
    return tuple(replace(f, at=places.get((f.fingerprint, f.at.path), f.at)) for f in kept)


def _lines(
    view: View, patch: str, kept: tuple[Finding, ...], changed: Sequence[str], summed_up: bool
) -> Iterator[str]:
    yield "Schema Differences:" if view.report.findings else "✓ No schema differences found"
    for number, block in enumerate(blocks(view.report_from_here, view.first_schema)):
        if summed_up or number == 0:
            yield ""
        yield from block_lines(block) if summed_up else (block_heading(block),)
        for alike in grouped((_likeness(f), f) for f in sorted(block.findings, key=lambda f: f.at)).values():
            yield f"  {_paragraph(alike)}"
        if not summed_up:
            yield from (f"  {printable(line)}" for line in places_of_uses(block.findings))
    if changed:
        yield from ("", "Changed in the database since the last sync:", "")
        yield from (f"  {printable(line)}" for line in changed)
    if patch:
        yield from ("", "What an update would write:", "")
        yield printable(patch, keep="\n\t").rstrip("\n")
    if kept:
        yield from ("", "What an update would keep for review:", "")
        yield from (review_line(finding.with_paths(view.seen)) for finding in kept)


def _likeness(finding: Finding) -> tuple[object, ...]:
    """Return what findings share that stand in one paragraph."""
    place = finding.at.path, finding.declaration
    return finding.rule, finding.severity, finding.moved, *place, finding.several or finding.message


def _paragraph(findings: Sequence[Finding]) -> str:
    """Return the line on findings that are alike: where, how bad, the rule, and what differs."""
    first = findings[0]
    message = first.message
    if first.several and len(findings) > 1:
        message = f"{', '.join(map(_part, findings))} {first.several}"
    elif first.detail and first.subject.part is None and first.use is None:
        message = f"{message} {first.detail}."
    lines = ", ".join(dict.fromkeys(str(each.at.line) for each in findings))
    moved = f" (moved: {first.moved})" if first.moved != "unknown" else ""
    return printable(f"{first.at.path}:{lines}: {first.severity.word} {first.rule}: {message}{moved}")


def _part(finding: Finding) -> str:
    subject = finding.subject
    return name_text(subject.column or subject.name) if subject.label is None else label_text(subject.label)


def review_line(finding: Finding) -> str:
    """Return the line for a finding that waits for a person."""
    s = finding.subject
    if finding.change != "removed" or not finding.edits:
        return f"⚠️  Manual review: {printable(f'{finding.message} ({finding.at})')}"
    grain, part = s.part or (s.kind, None)
    name = s.name if part is None else f"{s.name}.{part}"
    where = printable(f"removed {grain} {name} still declared at {finding.at}")
    return f"⚠️  Manual review: {where} (--prune removes it)"


def unified(before: Mapping[str, bytes | None], after: Mapping[str, bytes]) -> str:
    """Return the unified diff of files, as ``git apply`` takes it; a file that is new comes from /dev/null."""
    parts: list[str] = []
    for path, content in sorted(after.items()):
        old = before.get(path)
        name = "/dev/null" if old is None else f"a/{path}"
        was, becomes = ((old or b"").decode("utf-8", "replace"), content.decode("utf-8", "replace"))
        hunks = line_diff.unified(_split(was), _split(becomes), name, f"b/{path}")
        parts += (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in hunks)
    return "".join(parts)


def _split(text: str) -> list[str]:
    """Split at line feeds only, as git does; the last line may lack one."""
    *lines, last = text.split("\n")
    return [*(line + "\n" for line in lines), *([last] if last else [])]
