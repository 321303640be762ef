"""Workflow commands of GitHub Actions: annotations at the lines of a pull request.

The syntax is that of GitHub's "Workflow commands for GitHub Actions", its escapes those of the runner
(actions/toolkit). GitHub shows ten annotations of a level for a step: the worst come first.
"""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.declarations import Location
from schema_sync.model.findings import Severity
from schema_sync.reports.base import View, by_severity
from schema_sync.reports.escaping import printable

_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def render(view: View) -> str:
    """Return a command a line, and the summary as the last."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: View) -> Iterator[str]:
    for unread in view.report.unreadable:
        yield command("error", "could not be read", unread.why, _place(view, unread.at))
    for finding in by_severity(view):
        title = f"{finding.rule} ({finding.severity.word})"
        yield command(_COMMANDS[finding.severity], title, finding.message, _place(view, finding.at))
    for note in view.report.not_checked:
        yield command("notice", "not checked", str(note))
    yield view.summary


def _place(view: View, at: Location) -> str:
    return f"file={_property(view.in_repository(at.path))},line={at.line},col={at.column},"


def command(name: str, title: str, message: str, place: str = "") -> str:
    """Return the workflow command *name* (error, warning or notice); *place* is empty or ends in a comma."""
    return f"::{name} {place}title={_property(title)}::{_text(message)}"


def _text(text: str) -> str:
    """Escape as the runner does: ``%``; line ends are shown as escapes already."""
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
