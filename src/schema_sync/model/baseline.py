"""Findings that were there when the tool was adopted, or that somebody has accepted: they do not count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from schema_sync.errors import ConfigError
from schema_sync.model.base import Value
from schema_sync.model.findings import Finding, Report
from schema_sync.model.snapshot import encode
from schema_sync.repository_files import text_of


class Accepted(Value, frozen=True, kw_only=True):
    """A finding that is accepted.

    Attributes:
        fingerprint: the finding's; that of a use does not depend on its line.
        rule, object, path, function: what the finding is, for people.
        reason: why it is accepted.
        expires: the last day on which it is.
    """

    fingerprint: str
    rule: str
    object: str
    path: str
    function: str = ""
    reason: str = ""
    expires: date | None = None


class Baseline(Value, frozen=True, kw_only=True):
    """All findings that are accepted, by path and object."""

    format_version: Literal[1]
    findings: tuple[Accepted, ...] = ()

    def active(self, today: date) -> dict[str, Accepted]:
        """Return those that have not expired, by fingerprint."""
        kept = (each for each in self.findings if each.expires is None or each.expires >= today)
        return {each.fingerprint: each for each in kept}

    def without_accepted(self, report: Report, today: date) -> Report:
        """Return *report* less what is accepted, which is counted."""
        active = self.active(today)
        shown = tuple(finding for finding in report.findings if finding.fingerprint not in active)
        suppressed = report.suppressed + len(report.findings) - len(shown)
        return msgspec.structs.replace(report, findings=shown, suppressed=suppressed)

    def accepting(self, findings: Iterable[Finding], reason: str, *, prune: bool) -> Baseline:
        """Return a baseline that accepts *findings* as well, for *reason*; with *prune* no others.

        What is accepted already keeps its reason and its last day.
        """
        known = {each.fingerprint: each for each in self.findings}
        found = {each.fingerprint: known.get(each.fingerprint) or _accepted(each, reason) for each in findings}
        entries = found if prune else known | found
        ordered = sorted(entries.values(), key=lambda each: (each.path, each.object, each.rule, each.fingerprint))
        return Baseline(format_version=1, findings=tuple(ordered))


def decode_baseline(content: bytes, path: str) -> Baseline:
    """Return the baseline in a file; *path* only names it in errors.

    Raises:
        ConfigError: if *content* is not a baseline.
    """
    try:
        return msgspec.json.decode(text_of(content), type=Baseline)
    except (ValueError, RecursionError) as error:  # msgspec.MsgspecError and TextError are ValueErrors
        raise ConfigError(
            f"{path}: not a readable baseline: {error}",
            hint="Restore the file from version control, or remove it and run schema-sync baseline.",
        ) from error


def encode_baseline(baseline: Baseline) -> bytes:
    """Return the content of the file for *baseline*; an entry has a line of its own."""
    return encode(baseline)


def _accepted(finding: Finding, reason: str) -> Accepted:
    parts = finding.subject.part or ()
    return Accepted(
        fingerprint=finding.fingerprint,
        rule=finding.rule,
        object=".".join((str(finding.subject), *parts[1:])),
        path=finding.at.path,
        function=finding.use.function if finding.use else "",
        reason=reason,
    )
