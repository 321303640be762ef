"""Tell GitHub Actions what a check found: outputs of the step, the job summary, one comment on the pull request.

Authority: GitHub's "Variables reference" (what the runner sets), "Workflow commands" (GITHUB_OUTPUT and
GITHUB_STEP_SUMMARY), and "REST API endpoints for issue comments".

The comment is found again by a marker in its first line, and only among those of the same author: anyone may write
the marker into a comment, and a token that may write could overwrite theirs. What goes wrong with it is told, and
never fails the job: the summary says the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote

import msgspec

from schema_sync.errors import SchemaSyncError, UsageError
from schema_sync.model.base import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

REPORT, MARKDOWN = "report.json", "report.md"
SEVERITIES = ("critical", "high", "medium", "low")
_PAGE = 100
_SECONDS = 20.0
_NO_RIGHT = frozenset({401, 403, 404})
_NO_REPORT = "The check could not be made, and nothing is known: the job's log says why.\n"

Answer = TypeVar("Answer")


class Remark(Value, frozen=True, kw_only=True):
    """Something that could not be told to GitHub: to be expected (notice), or not (warning)."""

    level: Literal["notice", "warning"]
    text: str


class _Told(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    in_sync: bool
    summary: dict[str, int]


class _User(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    login: str
    type: str = "User"


class _Comment(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    id: int
    body: str | None = None
    user: _User | None = None


class _Numbered(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    number: int


class _Event(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    pull_request: _Numbered | None = None


class _RefusedError(SchemaSyncError):
    """GitHub does not let this token do that."""


def tell(folder: Path, environment: Mapping[str, str], *, project: str, comments: bool) -> tuple[Remark, ...]:
    """Write outputs and job summary, and keep the comment on the pull request up to date.

    Args:
        folder: holds ``report.json`` and ``report.md``; without them the check had failed.
        environment: what the runner has set, and ``GITHUB_TOKEN`` for the comment.
        project: the project's folder in the repository; each has a comment of its own.
        comments: whether there may be a comment at all.

    Raises:
        UsageError: if this does not run in a job of GitHub Actions, or the report is another file.
    """
    told, text = _told(folder)
    outputs = {"drift": "", **dict.fromkeys(SEVERITIES, "")}
    if told is not None:
        counts = {name: told.summary.get(name, 0) for name in SEVERITIES}
        outputs = {"drift": str(any(counts.values())).lower(), **{name: str(n) for name, n in counts.items()}}
    _append(environment, "GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs.items()))
    remarks = tuple(_comment(told, text, environment, project)) if comments and told is not None else ()
    _append(environment, "GITHUB_STEP_SUMMARY", "".join([text, *(f"\n*{each.text}*\n" for each in remarks)]))
    return remarks


def _told(folder: Path) -> tuple[_Told | None, str]:
    try:
        told = msgspec.json.decode((folder / REPORT).read_bytes(), type=_Told)
        return told, (folder / MARKDOWN).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None, _NO_REPORT
    except (OSError, msgspec.MsgspecError) as error:
        hint = f"Write it with: check --output DIR/{REPORT} --output DIR/{MARKDOWN}"
        raise UsageError(f"{folder} holds no report: {error}", hint=hint) from error


def _append(environment: Mapping[str, str], variable: str, text: str) -> None:
    path = environment.get(variable, "")
    if not path:
        raise UsageError(f"{variable} is not set", hint="This command is for jobs of GitHub Actions.")
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{variable}: {path}: {error.strerror}") from error


# ---- the comment


def _comment(told: _Told, text: str, environment: Mapping[str, str], project: str) -> Iterator[Remark]:
    number = _pull_request(environment)
    if number is None:
        return
    import httpx

    token = environment.get("GITHUB_TOKEN", "")
    if not token:
        yield Remark(level="notice", text="No comment was written: there is no GITHUB_TOKEN.")
        return
    marker = f"<!-- schema-sync: {quote(project or '.', safe='/')} -->"
    try:
        with _client(environment, token) as client:
            _keep(client, number, marker, f"{marker}\n{text}{_link(environment)}", in_sync=told.in_sync)
    except _RefusedError:
        why = "this token may not. So it is for pull requests from forks; else grant pull-requests: write."
        yield Remark(level="notice", text=f"No comment was written: {why}")
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError) as error:
        yield Remark(level="warning", text=f"The comment could not be written: {type(error).__name__}: {error}")


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


def _client(environment: Mapping[str, str], token: str) -> httpx.Client:
    """Return a client for the repository; it follows no redirection, which would take the token along."""
    import httpx

    api = environment.get("GITHUB_API_URL") or "https://api.github.com"
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    # tried again is only what was never sent: a second POST could be a second comment
    transport = httpx.HTTPTransport(retries=2)
    return httpx.Client(
        base_url=f"{api}/repos/{environment.get('GITHUB_REPOSITORY', '')}",
        headers=headers,
        timeout=_SECONDS,
        transport=transport,
    )


def _keep(client: httpx.Client, number: int, marker: str, body: str, *, in_sync: bool) -> None:
    """Update the comment where there is one; else create it, unless all is well."""
    path = f"issues/{number}/comments"
    found = list(_own(client, path, marker))
    for comment in found:
        _ask(client, "PATCH", f"issues/comments/{comment.id}", _Comment, body)
    if not found and not in_sync:
        _ask(client, "POST", path, _Comment, body)


def _own(client: httpx.Client, path: str, marker: str) -> Iterator[_Comment]:
    """Yield the comments with *marker* that this token's owner has written.

    The token of a workflow, an app's, cannot ask who it is (403): then any app's comment counts.
    """
    marked = [each for each in _comments(client, path) if (each.body or "").startswith(marker)]
    if not marked:
        return
    root = str(client.base_url).partition("/repos/")[0]
    try:
        login = _ask(client, "GET", f"{root}/user", _User).login
    except _RefusedError:
        login = ""
    for each in marked:
        if each.user is not None and (each.user.login == login if login else each.user.type == "Bot"):
            yield each


def _comments(client: httpx.Client, path: str) -> Iterator[_Comment]:
    page, count = 1, _PAGE
    while count == _PAGE:
        found = _ask(client, "GET", f"{path}?per_page={_PAGE}&page={page}", list[_Comment])
        yield from found
        page, count = page + 1, len(found)


def _ask(client: httpx.Client, method: str, url: str, kind: type[Answer], body: str | None = None) -> Answer:
    response = client.request(method, url, json=None if body is None else {"body": body})
    if response.status_code in _NO_RIGHT:
        raise _RefusedError(f"{response.status_code}: {method} {url}")
    response.raise_for_status()
    return msgspec.json.decode(response.content, type=kind)


def _link(environment: Mapping[str, str]) -> str:
    """Return a line that leads to the run, empty if it is not known; none of it comes from a pull request."""
    known = [environment.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    if not all(known):
        return ""
    server, repository, run = known
    return f"\n[The run and its files]({server}/{repository}/actions/runs/{run})\n"
