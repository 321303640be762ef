"""An examination of migrations as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import Severity
from schema_sync.reports.escaping import json_text, printable
from schema_sync.reports.formats.json import finding_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.migrations.problems import Examination, Problem

FORMAT_VERSION = 1


def text(examination: Examination, threshold: Severity | None) -> str:
    """Return the examination for a person; *threshold* is the severity from which a problem fails it."""
    lines = [f"Migrations: {printable(examination.folder)} ({_counted(examination)})", ""]
    for each in examination.problems:
        lines += [*_problem(each), ""]
    lines += [*_preview(examination)]
    lines += [f"Not checked: {printable(each.what)}: {printable(each.why)}" for each in examination.not_checked]
    lines += [""] if examination.not_checked else []
    lines.append(_verdict(examination, threshold))
    return "\n".join(lines) + "\n"


def json(examination: Examination, threshold: Severity | None) -> str:
    """Return the examination for a program, as migrations.schema.json describes it."""
    counts = {
        severity.name.lower(): sum(each.severity is severity for each in examination.problems)
        for severity in sorted(Severity, reverse=True)
    }
    document = {
        "format_version": FORMAT_VERSION,
        "failed": examination.fails(threshold),
        "folder": examination.folder,
        "files": examination.files,
        "new": examination.new,
        "since": examination.since,
        "summary": counts,
        "problems": [
            {
                "rule": each.rule,
                "severity": each.severity.name.lower(),
                "path": each.path,
                "line": each.line,
                "message": each.message,
                "help": each.help,
                "url": each.url or None,
            }
            for each in examination.problems
        ],
        "preview": None if examination.preview is None else [finding_object(each) for each in examination.preview],
        "not_checked": [{"what": each.what, "why": each.why} for each in examination.not_checked],
    }
    return json_text(document, indent=2) + "\n"


def _counted(examination: Examination) -> str:
    files = f"{examination.files} file{'' if examination.files == 1 else 's'}"
    if examination.since is None:
        return f"{files}, all looked at"
    return f"{files}, {len(examination.new)} new or edited since {printable(examination.since)}"


def _problem(each: Problem) -> Iterator[str]:
    yield f"[{each.severity.name}] {printable(each.path)}:{each.line}: {each.rule}"
    yield f"  {_indented(each.message)}"
    if each.help:
        yield f"  → {_indented(each.help)}"
    if each.url:
        yield f"  {printable(each.url)}"


def _indented(said: str) -> str:
    return printable(said, keep="\n").replace("\n", "\n    ")


def _preview(examination: Examination) -> Iterator[str]:
    if not examination.preview:
        return
    yield "Once they are applied, schema-sync check finds:"
    for each in examination.preview:
        yield f"  [{each.severity.name}] {each.rule}: {printable(each.message)}"
    yield ""


def _verdict(examination: Examination, threshold: Severity | None) -> str:
    if examination.fails(threshold):
        return "⚠️  The migrations have problems"
    if examination.problems:
        below = f"at or above {threshold.name}" if threshold else "that fails here"
        return f"✓ No problem {below}"
    return "✓ No problems found"
