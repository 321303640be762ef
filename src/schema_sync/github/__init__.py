"""Tell GitHub Actions what a check found: outputs of the step, the job summary, one comment on the pull request.

Authority: GitHub's "Variables reference" (what the runner sets) and "Workflow commands" (GITHUB_OUTPUT and
GITHUB_STEP_SUMMARY). What goes wrong with the comment is told, and never fails the job: the summary says the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import msgspec

from schema_sync.errors import SchemaSyncError, UsageError, mask
from schema_sync.github import comments as thread
from schema_sync.github import failure
from schema_sync.model.base import Value
from schema_sync.notify.message import run_address

REPORT, MARKDOWN = "report.json", "report.md"
SEVERITIES = ("critical", "high", "medium", "low")
LARGEST_COMMENT = 65_536  # characters
_LONGEST_NAME = 200
_FAILED = "The check could not be made: the job's summary says why, and what it needs."
_TOO_LONG = "\n*The report is too long for a comment.*\n"


class Remark(Value, frozen=True, kw_only=True):
    """An annotation: what could not be told to GitHub, as expected or not (notice, warning), or a failed check."""

    level: Literal["notice", "warning", "error"]
    text: str


class _Told(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    in_sync: bool
    summary: dict[str, int]


class _Numbered(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    number: int


class _Event(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    pull_request: _Numbered | None = None


def tell(
    folder: Path,
    environment: Mapping[str, str],
    *,
    project: str,
    comments: bool,
    log: Path | None = None,
    secrets: Iterable[str] = (),
) -> tuple[Remark, ...]:
    """Write outputs and job summary, and keep the comment on the pull request up to date.

    Where *folder* has no ``report.json``, the check could not be made. What *log* holds and what the job needs is
    told in the same places then, and written to ``report.md`` there.

    Args:
        folder: holds ``report.json`` and ``report.md``; without the first the check had failed.
        environment: what the runner has set, and ``GITHUB_TOKEN`` for the comment.
        project: the project's folder in the repository; each has a comment of its own.
        comments: whether there may be a comment at all.
        log: what the check wrote to stderr, if it was kept.
        secrets: texts that must not show.

    Raises:
        UsageError: if this does not run in a job of GitHub Actions, the report is another file, or a file cannot
            be read or written.
    """
    found = _report(folder)
    if found is None:
        told = None
        text = failure.report(log, (*secrets, *filter(None, [environment.get("GITHUB_TOKEN", "").strip()])))
    else:
        told, text = found
    _append(environment, "GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in _outputs(told).items()))
    create = told is None or not told.in_sync
    remarks = tuple(_comment(text, environment, project, create=create)) if comments else ()
    _append(environment, "GITHUB_STEP_SUMMARY", "".join([text, *(f"\n*{each.text}*\n" for each in remarks)]))
    if told is not None:
        return remarks
    _write(folder / MARKDOWN, text, "w")  # for the artifact
    return (*remarks, Remark(level="error", text=_FAILED))


def _outputs(told: _Told | None) -> dict[str, str]:
    """Return the outputs: figures and words of our own, no text that others wrote."""
    if told is None:
        return {"drift": "", **dict.fromkeys(SEVERITIES, "")}
    counts = {name: told.summary.get(name, 0) for name in SEVERITIES}
    drift = "true" if any(counts.values()) else "false" if told.in_sync else ""
    return {"drift": drift, **{name: str(count) for name, count in counts.items()}}


def _report(folder: Path) -> tuple[_Told, str] | None:
    """Return the report, as figures and as text; None where there is none."""
    try:
        try:
            content = (folder / REPORT).read_bytes()
        except FileNotFoundError:
            return None
        return msgspec.json.decode(content, type=_Told), (folder / MARKDOWN).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        hint = f"Write it with: check --output DIR/{REPORT} --output DIR/{MARKDOWN}"
        raise UsageError(f"{folder} holds no report: {error}", hint=hint) from error


def _append(environment: Mapping[str, str], variable: str, text: str) -> None:
    path = environment.get(variable, "")
    if not path:
        raise UsageError(f"{variable} is not set", hint="This command is for jobs of GitHub Actions.")
    _write(Path(path), text, "a", f"{variable}: ")


def _write(path: Path, text: str, mode: Literal["a", "w"], of: str = "") -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{of}{path}: {error.strerror}") from error


def _comment(text: str, environment: Mapping[str, str], project: str, *, create: bool) -> Iterator[Remark]:
    number = _pull_request(environment)
    if number is None:
        return
    token = environment.get("GITHUB_TOKEN", "").strip()
    if not token:
        yield Remark(level="notice", text="No comment was written: there is no GITHUB_TOKEN.")
        return
    issue = thread.Issue(
        api=environment.get("GITHUB_API_URL") or "https://api.github.com",
        graphql=environment.get("GITHUB_GRAPHQL_URL") or "https://api.github.com/graphql",
        repository=environment.get("GITHUB_REPOSITORY", ""),
        number=number,
    )
    marker = f"<!-- schema-sync: {_named(project)} -->"
    run = run_address(environment)  # none of it comes from a pull request
    body = _body(marker, text, f"\n[The run and its files]({run})\n" if run else "")
    try:
        thread.keep(issue, token, marker, body, create=create)
    except thread.RefusedError:
        why = "this token may not. So it is for pull requests from forks; else grant pull-requests: write."
        yield Remark(level="notice", text=f"No comment was written: {why}")
    except SchemaSyncError as error:
        why = mask(error.message, (token,))
        yield Remark(level="warning", text=f"The comment could not be written: {why}")


def _named(project: str) -> str:
    """Return the project's folder for a comment of HTML: nothing in it could end one."""
    name = quote(project or ".", safe="/")
    return name if len(name) <= _LONGEST_NAME else hashlib.sha256(name.encode()).hexdigest()


def _body(marker: str, text: str, link: str) -> str:
    """Return the comment; of a report that GitHub would not take, the heading and the outcome."""
    whole = f"{marker}\n{text}{link}"
    if len(whole) <= LARGEST_COMMENT:
        return whole
    head = "\n".join(text.splitlines()[:3])[: LARGEST_COMMENT // 2]
    return f"{marker}\n{head}\n{_TOO_LONG}{link}"


def _pull_request(environment: Mapping[str, str]) -> int | None:
    """Return the number of the pull request that the job is about, None if it is about something else."""
    path = environment.get("GITHUB_EVENT_PATH", "")
    if not path:
        return None
    try:
        event = msgspec.json.decode(Path(path).read_bytes(), type=_Event)
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(f"GITHUB_EVENT_PATH: {path}: {error}") from error
    return event.pull_request.number if event.pull_request else None
