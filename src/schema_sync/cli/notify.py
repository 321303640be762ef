"""The command on notifications, and what ``check --notify`` does."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schema_sync.cli.session import Session, shared
from schema_sync.errors import UsageError, WriteError
from schema_sync.model.findings import Report, Severity
from schema_sync.reports.base import lines_of, marked

if TYPE_CHECKING:
    from schema_sync.usecases.project import Project

EXIT_FAILED = 1


@click.command("notify")
@click.option("--test", is_flag=True, required=True, help="Send a test message to every channel.")
@shared
def notify_command(session: Session, *, test: bool) -> int:  # noqa: ARG001 - click requires it to be given
    """Try the channels in SCHEMA_SYNC_NOTIFY_URLS. Exit 0 if all took the message, else 1."""
    from schema_sync.notify import channels, message

    project = session.project()
    urls = project.environment.get(channels.VARIABLE, "")
    if not urls.strip():
        hint = "Set it to addresses as apprise writes them, such as slack://… or mailto://…; print:// prints."
        raise UsageError(f"{channels.VARIABLE} is not set", hint=hint)
    session.watch("Sending the message")
    taken, failures = channels.send(urls, message.trial(project.config.title), partial(_tell, session))
    session.show([marked(f"{'⚠️ ' if failures else '✓'} Notified: {taken} of {len(urls.split())}")])
    for failure in failures:
        _tell(session, f"not notified: {failure}")
    return EXIT_FAILED if failures else 0


def announce(session: Session, project: Project, report: Report, state: str | None) -> None:
    """Tell the channels what is new in *report*; what goes wrong is said, and changes nothing else."""
    from schema_sync.notify import announce as announcing

    settings = project.config.notify
    path = Path(state) if state is not None else project.root / settings.state
    try:
        announcing.announce(
            report,
            path,
            project.environment,
            partial(_tell, session),
            least=Severity[settings.min_severity.upper()],
            recovery=settings.recovery,
            title=project.config.title,
        )
    except WriteError as error:
        _tell(session, f"{error.message}; {error.hint}")


def _tell(session: Session, text: str) -> None:
    """Print on stderr, also where it is to be quiet: it is what was asked for, or an error."""
    session.show(lines_of(text), err=True)
