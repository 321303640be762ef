"""What an examination of migrations yields, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from schema_sync.model.base import Value
from schema_sync.model.findings import Finding, Note, Severity
from schema_sync.rules import manual
from schema_sync.rules.migrations import MIGRATION_RULES

OFF = "off"


class Problem(Value, frozen=True, kw_only=True):
    """One fault of one file.

    Attributes:
        rule: an id of `schema_sync.rules.migrations`, or ``squawk-`` and the name of one of Squawk's rules.
        severity: how bad it is.
        path: the file or folder, relative to the project.
        line: the line, from 1; None where the whole file is meant.
        message: the fault in English; may hold text of the file.
        help: the next step, or an empty string.
        url: where the rule is documented, or an empty string.
    """

    rule: str
    severity: Severity
    path: str
    line: int | None = None
    message: str
    help: str = ""
    url: str = ""


class Examination(Value, frozen=True, kw_only=True):
    """The outcome of ``migrations check``.

    Attributes:
        folder: where the files are, for messages.
        files: how many are applied.
        new: those that are judged in every respect, relative to the project.
        since: the commit or name they are new since, None where all are taken as new.
        problems: sorted by file and line.
        preview: the drift that `check` finds once the migrations are applied; None where that is unknown.
        not_checked: what could not be looked at, and why.
        notes: what was passed over or done otherwise than written.
    """

    folder: str
    files: int
    new: tuple[str, ...]
    since: str | None
    problems: tuple[Problem, ...]
    preview: tuple[Finding, ...] | None
    not_checked: tuple[Note, ...] = ()
    notes: tuple[str, ...] = ()

    def fails(self, threshold: Severity | None) -> bool:
        """Return whether a problem is at or above *threshold* (None: never)."""
        return threshold is not None and any(problem.severity >= threshold for problem in self.problems)


def problem(
    rule: str, path: str, message: str, *, line: int | None = None, severity: Severity | None = None
) -> Problem:
    """Return a problem by one of our own rules, with its default severity unless *severity* is given."""
    return Problem(
        rule=rule,
        severity=severity or MIGRATION_RULES[rule],
        path=path,
        line=line,
        message=message,
        help=manual.advice(rule),
    )


def judged(problems: Iterable[Problem], severity: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return *problems*, sorted, each once, with the user's severities (rule → word); what is off is left out."""
    kept = (
        replace(each, severity=Severity[severity[each.rule].upper()]) if each.rule in severity else each
        for each in problems
        if severity.get(each.rule) != OFF
    )
    return tuple(
        sorted(set(kept), key=lambda each: (each.path, each.line or 0, each.rule, each.message, each.help))
    )
