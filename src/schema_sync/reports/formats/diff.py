"""What ``diff`` prints: every finding with its place and reason, and the unified diff of an update."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from schema_sync.model.base import grouped
from schema_sync.model.findings import Finding
from schema_sync.reports import line_diff
from schema_sync.reports.base import Part, Style, Styled, View, styled
from schema_sync.reports.blocks import blocks, places_of_uses
from schema_sync.reports.formats.text import block_heading, block_lines, differences
from schema_sync.rules.findings import label_text, name_text

_HEADER = 2  # lines that name the files
_SIDES: dict[str, Style] = {"+": "added", "-": "removed", "@": "hunk", " ": "plain"}


def details(
    view: View,
    patch: Sequence[Styled],
    kept: Iterable[Finding],
    changed: Sequence[str] = (),
    *,
    summed_up: bool = True,
) -> Iterator[Styled]:
    """Yield what stands below the heading.

    *patch* is what update would write, *kept* what it would leave for review, *changed* what is different in the
    database since the last sync, a line each. Each object is *summed_up* as a check does it, before its findings.
    """
    yield differences(view)
    for number, block in enumerate(blocks(view.report_from_here, view.first_schema)):
        if summed_up or number == 0:
            yield styled()
        yield from block_lines(block) if summed_up else (block_heading(block),)
        for alike in grouped((_likeness(f), f) for f in sorted(block.findings, key=lambda f: f.at)).values():
            yield _paragraph(alike).indented()
        if not summed_up:
            yield from (line.indented() for line in places_of_uses(block.findings))
    if changed:
        yield from _section("Changed in the database since the last sync:")
        yield from (styled("  ", line) for line in changed)
    if patch:
        yield from (*_section("What an update would write:"), *patch)
    if reviewed := today(kept, view.report.findings):
        yield from _section("What an update would keep for review:")
        yield from (review_line(finding.with_paths(view.seen)) for finding in reviewed)


def _section(heading: str) -> tuple[Styled, ...]:
    return styled(), styled(Part(heading, "title")), styled()


def today(kept: Iterable[Finding], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what an update would keep, in its place before the update, as *findings* have it."""
    places = {(f.fingerprint, f.at.path): f.at for f in findings}
    return tuple(replace(f, at=places.get((f.fingerprint, f.at.path), f.at)) for f in kept)


def _likeness(finding: Finding) -> tuple[object, ...]:
    """Return what findings share that stand in one paragraph."""
    place = finding.at.path, finding.declaration
    return finding.rule, finding.severity, finding.moved, *place, finding.several or finding.message


def _paragraph(findings: Sequence[Finding]) -> Styled:
    """Return the line on findings that are alike: where, how bad, the rule, and what differs."""
    first = findings[0]
    message = first.message
    if first.several and len(findings) > 1:
        message = f"{', '.join(map(_part, findings))} {first.several}"
    elif first.detail and first.subject.part is None and first.use is None:
        message = f"{message} {first.detail}."
    lines = ", ".join(dict.fromkeys(str(each.at.line) for each in findings))
    moved = f" (moved: {first.moved})" if first.moved != "unknown" else ""
    place = Part(f"{first.at.path}:{lines}", path=first.at.path)
    severity = Part(first.severity.word, first.severity.word)
    return styled(place, ": ", severity, f" {first.rule}: {message}{moved}")


def _part(finding: Finding) -> str:
    subject = finding.subject
    return name_text(subject.column or subject.name) if subject.label is None else label_text(subject.label)


def review_line(finding: Finding) -> Styled:
    """Return the line for a finding that waits for a person."""
    s = finding.subject
    mark, place = Part("⚠️  Manual review:", "warning"), Part(str(finding.at), path=finding.at.path)
    if finding.change != "removed" or not finding.edits:
        return styled(mark, f" {finding.message} (", place, ")")
    grain, part = s.part or (s.kind, None)
    name = s.name if part is None else f"{s.name}.{part}"
    return styled(mark, f" removed {grain} {name} still declared at ", place, " (--prune removes it)")


def unified(before: Mapping[str, bytes | None], after: Mapping[str, bytes]) -> str:
    """Return the unified diff of files, as ``git apply`` takes it; a file that is new comes from /dev/null."""
    return "".join(line for _, line in _patch(before, after))


def patch_lines(before: Mapping[str, bytes | None], after: Mapping[str, bytes]) -> list[Styled]:
    """Return the lines of the unified diff, as ``unified`` has them."""
    parts = (Part(text, style) for style, lines in _patch(before, after) for text in lines[:-1].split("\n"))
    return [Styled((part,), verbatim=True) for part in parts]


def _patch(before: Mapping[str, bytes | None], after: Mapping[str, bytes]) -> Iterator[tuple[Style, str]]:
    """Yield the lines of the unified diff with their ends; a last line without one has the remark behind it."""
    for path, content in sorted(after.items()):
        old = before.get(path)
        name = "/dev/null" if old is None else f"a/{path}"
        was, becomes = ((old or b"").decode("utf-8", "replace"), content.decode("utf-8", "replace"))
        hunks = line_diff.unified(_split(was), _split(becomes), name, f"b/{path}")
        for number, line in enumerate(hunks):
            style = "title" if number < _HEADER else _SIDES[line[0]]
            yield style, line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _split(text: str) -> list[str]:
    """Split at line feeds only, as git does; the last line may lack one."""
    *lines, last = text.split("\n")
    return [*(line + "\n" for line in lines), *([last] if last else [])]
