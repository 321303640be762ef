"""An examination of migrations as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import asdict, replace

from schema_sync.migrations.problems import Examination, Problem
from schema_sync.model.base import Value
from schema_sync.model.findings import Finding, Note, Severity, Word
from schema_sync.reports.base import Part, Styled, counted, indented, marked, styled
from schema_sync.reports.escaping import json_text
from schema_sync.reports.json_report import Count, FindingObject, Line, Severities, finding_object


class ProblemObject(Value, frozen=True, kw_only=True):
    """One fault of one file."""

    rule: Annotated[
        str,
        Meta(pattern="^(migration|squawk)-[a-z0-9-]+$", description="migration-… of ours, squawk-… of Squawk."),
    ]
    severity: Word
    path: Annotated[str, Meta(description="A file or folder, relative to the project.")]
    line: Annotated[Line, Meta(description="From 1; 1 where the whole file is meant.")]
    message: str
    help: Annotated[str, Meta(description="The next step, or empty.")]
    url: Annotated[str | None, Meta(description="Where the rule is documented.")]


class ExaminationDocument(Value, frozen=True, kw_only=True):
    """The document that `schema-sync migrations check --format json` prints."""

    format_version: Literal[1]
    failed: Annotated[bool, Meta(description="Whether a problem is at or above --fail-on.")]
    folder: Annotated[str, Meta(description="Where the files are, relative to the project.")]
    files: Annotated[Count, Meta(description="How many files are applied.")]
    new: Annotated[tuple[str, ...], Meta(description="The files that are judged in every respect.")]
    since: Annotated[str | None, Meta(description="What they are new since; null where all are taken as new.")]
    summary: Severities
    problems: tuple[ProblemObject, ...]
    preview: Annotated[
        tuple[FindingObject, ...] | None,
        Meta(description="What check finds once the migrations are applied; null where that is unknown."),
    ]
    not_checked: tuple[Note, ...]


def document(
    examination: Examination, threshold: Severity | None, shown: Callable[[str], str]
) -> Iterator[Styled]:
    """Yield the lines of the examination for a person.

    *threshold* is the severity from which a problem fails it. *shown* names the project's files in a text as they
    are seen from the current folder.
    """
    counts = counted(examination.files, "file")
    if examination.since is None:
        counts += ", all looked at"
    else:
        counts += f", {len(examination.new)} new or edited since {examination.since}"
    yield from (styled(Part("Migrations:", "title"), f" {shown(examination.folder)} ({counts})"), styled())
    for path, group in groupby(examination.problems, lambda each: each.path):
        yield from (styled(Part(shown(path), "title", shown(path))), *_of_file(group, shown), styled())
    if examination.problems:
        yield from (styled("`schema-sync explain RULE` shows the page of a rule."), styled())
    if examination.not_checked:
        yield styled(Part("Not checked:", "warning"))
        yield from (*(styled("  ", shown(str(each))) for each in examination.not_checked), styled())
    if examination.preview is not None:
        yield from (*_preview(examination.preview), styled())
    yield marked(_verdict(examination, threshold))


def json(examination: Examination, threshold: Severity | None) -> str:
    """Return the examination for a program."""
    problems, preview = examination.problems, examination.preview
    document = ExaminationDocument(
        format_version=1,
        failed=examination.fails(threshold),
        folder=examination.folder,
        files=examination.files,
        new=examination.new,
        since=examination.since,
        summary=Severities(**{s.word: sum(each.severity is s for each in problems) for s in Severity}),
        problems=tuple(map(_object, problems)),
        preview=None if preview is None else tuple(map(finding_object, preview)),
        not_checked=examination.not_checked,
    )
    return json_text(document, indent=2) + "\n"


def _object(each: Problem) -> ProblemObject:
    fields = asdict(each) | {"severity": each.severity.word, "line": each.line or 1, "url": each.url or None}
    return msgspec.convert(fields, ProblemObject)


def _of_file(problems: Iterable[Problem], shown: Callable[[str], str]) -> Iterator[Styled]:
    """Yield the problems of a file; what occurs on several lines is told once, with all of them."""
    lines: dict[Problem, list[int]] = {}
    for each in problems:
        lines.setdefault(replace(each, line=None), []).extend([each.line] if each.line is not None else [])
    for each, numbers in lines.items():
        yield styled("  ", _severity(each.severity), f" {each.rule}{_places(numbers)}")
        yield from indented("    ", shown(each.message))
        if each.help:
            yield from indented("    → ", shown(each.help))


def _places(lines: list[int]) -> str:
    return f", line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}" if lines else ""


def _severity(severity: Severity) -> Part:
    return Part(f"[{severity.name}]", severity.word)


def _preview(findings: Sequence[Finding]) -> Iterator[Styled]:
    """Yield what the code has to follow; it is no problem of the migrations."""
    heading = Part("Preview:", "title")
    if not findings:
        yield styled(heading, " schema-sync check finds no difference once the migrations are applied.")
        return
    found = counted(len(findings), "difference")
    yield styled(heading, f" schema-sync check finds {found} once the migrations are applied (not counted here):")
    yield from (styled("  ", _severity(f.severity), f" {f.rule}: {f.message}") for f in findings)


def _verdict(examination: Examination, threshold: Severity | None) -> str:
    problems = examination.problems
    unknown = len(examination.not_checked)
    behind = f" ({unknown} not checked)" if unknown else ""
    if not problems:
        return f"✓ No problems found{behind}"
    counts = Counter(each.severity for each in problems)
    severities = ", ".join(f"{counts[each]} {each.word}" for each in sorted(counts, reverse=True))
    said = f"{counted(len(problems), 'problem')} ({severities})"
    if threshold is None:
        return f"✓ {said}: none fails here{behind}"
    failing = sum(each.severity >= threshold for each in problems)
    mark = "⚠️  " if failing else "✓ "
    return f"{mark}{said}: {failing or 'none'} at or above {threshold.name}{behind}"
