"""Decides whether there is something to tell, and remembers what was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from schema_sync.model.findings import Report, Severity
from schema_sync.notify import channels, memory, message
from schema_sync.notify.channels import VARIABLE


def announce(
    report: Report,
    path: Path,
    environment: Mapping[str, str],
    say: Callable[[str], None],
    *,
    least: Severity,
    recovery: bool,
    title: str,
) -> None:
    """Tell of findings that were not told before, or that all are gone.

    What is told is kept in *path* once a channel took it; where none did, the next run tries again.

    Args:
        report: what a check found.
        path: the file that remembers.
        environment: where the addresses are.
        say: takes lines for a person, among them what ``print://`` prints.
        least: the severity from which findings are told.
        recovery: whether the end of drift is told too.
        title: the reports' title.

    Raises:
        WriteError: if *path* cannot be read or written.
    """
    urls = environment.get(VARIABLE, "")
    if not urls.strip():
        say(f"notifications skipped: {VARIABLE} is not set")
        return
    recalled = memory.recall(path)
    if recalled is None:
        say(f"{path} cannot be understood: what was told before is not known")
    before = frozenset(recalled.told) if recalled else frozenset[str]()
    findings = [finding for finding in report.findings if finding.severity >= least]
    now = frozenset(finding.fingerprint for finding in findings)
    if report.unreadable or report.forgotten or report.incomplete:
        now |= before  # what these leave open is not known to be mended
    where = message.run_address(environment)
    if now - before:
        text = message.drift(report, findings, now - before, title, where)
    elif before and not now and recovery:
        text = message.recovery(report, title, where)
    else:
        if now != before or recalled is None:
            memory.remember(path, now)
        return
    taken, failures = channels.send(urls, text, say)
    for failure in failures:
        say(f"not notified: {failure}")
    if taken:
        memory.remember(path, now)
