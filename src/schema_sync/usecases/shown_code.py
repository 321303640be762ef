"""What a page shows of the code: the lines that mend a finding, and where the repository's files can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from msgspec.structs import replace

from schema_sync.codebase.renaming import Renames
from schema_sync.compare.policy import needs_review
from schema_sync.errors import WriteError
from schema_sync.model.base import grouped
from schema_sync.model.findings import Finding, Subject
from schema_sync.reports.base import Line, Mend, View
from schema_sync.reports.line_diff import changed
from schema_sync.usecases.check import Outcome
from schema_sync.usecases.project import Project
from schema_sync.usecases.update import current

_MOST_FINDINGS, _MOST_BYTES = 100, 4_000_000  # what a page spends on lines: a few seconds
_HOST = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._-]+)*")
_NAME = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+")
_Key = tuple[str, str | None, Subject]
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def with_code(project: Project, outcome: Outcome, view: View) -> View:
    """Return *view* with what is known of the code that *outcome* is about."""
    edited = {edit.path for finding in outcome.report.findings for edit in finding.edits}
    largest = max((len(outcome.sources.get(path, b"")) for path in edited), default=0)
    return replace(
        view,
        mends=max(1, min(_MOST_FINDINGS, _MOST_BYTES // max(1, largest))),
        schemas=outcome.fetched.catalog.schemas,
        files=len(outcome.sources),
        address=code_address(project.environment),
        mend=partial(mend, project, outcome, grouped((_line(f), f) for f in outcome.report.findings)),
    )


def _line(finding: Finding) -> _Key:
    return finding.at.path, finding.declaration, finding.subject


def mend(
    project: Project,
    outcome: Outcome,
    of_lines: Mapping[_Key, list[Finding]],
    finding: Finding,
    with_lines: bool,  # called by position
) -> Mend:
    """Return what mends *finding*, and *with_lines* those that this changes, imports included.

    What else differs in the same column of a class is mended too: its line is as it should be.
    """
    if not finding.edits:
        return Mend()
    prunes = needs_review(finding, project.config)
    command = f"schema-sync update{' --prune' if prunes else ''}"
    if not with_lines:
        return Mend(command=command)
    from schema_sync.codebase.writer import apply

    alike = [f for f in of_lines[_line(finding)] if needs_review(f, project.config) == prunes]
    mended = alike if finding.subject.part is not None else [finding]
    edits = [edit for each in mended for edit in each.edits if not isinstance(edit, Renames)]
    before = {path: current(project, outcome, path) for path in dict.fromkeys(edit.path for edit in edits)}
    try:
        after = apply(before, edits)
    except WriteError as error:
        return Mend(command=command, why=str(error))
    lines: list[Line] = []
    for path, content in after.items():
        lines += changed(_lines(before[path] or b""), _lines(content))
    return Mend(command=command, lines=tuple(_without_blank_ends(lines)))


def _without_blank_ends(lines: list[Line]) -> list[Line]:
    filled = [number for number, (_, text) in enumerate(lines) if text.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else lines


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()


def code_address(environment: Mapping[str, str]) -> str:
    """Return the address below which the files of the commit can be read; empty where no service states it.

    Authority: GitHub Actions, "Default environment variables"; GitLab, "Predefined CI/CD variables".
    """
    server, name = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_REPOSITORY", "")
    if _HOST.fullmatch(server) and _NAME.fullmatch(name) and _COMMIT.fullmatch(environment.get("GITHUB_SHA", "")):
        return f"{server}/{name}/blob/{environment['GITHUB_SHA']}"
    project = environment.get("CI_PROJECT_URL", "")
    if _HOST.fullmatch(project) and _COMMIT.fullmatch(environment.get("CI_COMMIT_SHA", "")):
        return f"{project}/-/blob/{environment['CI_COMMIT_SHA']}"
    return ""
