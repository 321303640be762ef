"""Accepts the findings of today, so that only new ones count."""

from __future__ import annotations

from datetime import datetime

from schema_sync.codebase import atomic_write
from schema_sync.errors import UsageError
from schema_sync.model.base import Value
from schema_sync.model.baseline import encode_baseline
from schema_sync.usecases.check import Outcome, check, read_baseline
from schema_sync.usecases.project import Project


class Written(Value, frozen=True, kw_only=True):
    """A baseline that was written: its path, how many findings it accepts, how many are new, or were dropped."""

    path: str
    accepted: int
    new: int
    dropped: int
    outcome: Outcome


def write_baseline(project: Project, reason: str, *, prune: bool) -> Written:
    """Write the file that accepts all findings of today; with *prune* what is no longer found is dropped.

    Raises:
        SchemaSyncError: as ``check``.
        UsageError: if *prune* is asked for, and not everything could be read.
        WriteError: if the file cannot be written.
    """
    before = read_baseline(project)
    outcome = check(project, with_accepted=True)
    if prune and (outcome.report.incomplete or outcome.report.unreadable):
        raise UsageError(
            "not everything could be read: what is not found now may be there",
            hint="Nothing was changed. Mend what check names first, or leave out --prune.",
        )
    after = before.accepting(outcome.report.findings, reason, prune=prune)
    path = project.config.paths.baseline
    if after != before:
        atomic_write.commit(project.root, {path: encode_baseline(after)})
    old = {each.fingerprint for each in before.findings}
    new = {each.fingerprint for each in after.findings}
    active = after.active(datetime.now().astimezone().date())
    return Written(path=path, accepted=len(active), new=len(new - old), dropped=len(old - new), outcome=outcome)
