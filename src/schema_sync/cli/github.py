"""The commands that git and GitHub Actions run: ``hook`` and ``github``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schema_sync.cli.outputs import folder_in_repository
from schema_sync.cli.session import Session, completes
from schema_sync.cli.streams import current_folder

if TYPE_CHECKING:
    from schema_sync.reports.base import Styled


@click.command("github")
@click.argument("folder", metavar="DIR", shell_complete=completes("dir"))
@click.option("--no-comment", is_flag=True, help="Write no comment on the pull request.")
@click.option(
    "--log",
    metavar="FILE",
    shell_complete=completes("file"),
    help="What check wrote to stderr; shown where it could write no report.",
)
def github_command(folder: str, *, no_comment: bool, log: str | None) -> None:
    """Tell GitHub Actions what a check found. In outputs, the job summary and one comment on the pull request.

    DIR holds the report.json and the report.md that check has written with --output. Without them the check could
    not be made: then a report.md is written there that says why, and what the job needs.
    """
    from schema_sync import github, project_folder
    from schema_sync.reports.formats.github import command

    project = folder_in_repository(project_folder.find(current_folder()))
    remarks = github.tell(
        Path(folder),
        os.environ,
        project=project,
        comments=not no_comment,
        log=Path(log) if log is not None else None,
        secrets=Session().secrets(),
    )
    for remark in remarks:
        click.echo(command(remark.level, "schema-sync", remark.text))


@click.command("hook")
def hook_command() -> int:
    """Check what is staged, as the git hook does. Exit 1 stops the commit."""
    from schema_sync.git_hook import check

    session = click.get_current_context().ensure_object(Session)
    doing = "Checking what is staged"
    session.watch(doing)

    def show(lines: Iterable[Styled], folder: Path) -> None:
        session.enter(folder)
        session.show(lines, err=True)
        session.watch(doing)

    return check.run(current_folder(), show)
