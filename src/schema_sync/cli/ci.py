"""The command for jobs of GitHub Actions: ``github``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from schema_sync.cli.outputs import folder_in_repository
from schema_sync.cli.streams import current_folder


@click.command("github")
@click.argument("folder", metavar="DIR")
@click.option("--no-comment", is_flag=True, help="Write no comment on the pull request.")
def github_command(folder: str, *, no_comment: bool) -> int:
    """Tell GitHub Actions what a check found. In outputs, the job summary and one comment on the pull request.

    DIR holds the report.json and the report.md that check has written with --output.
    """
    from schema_sync import github
    from schema_sync.reports.github import command

    project = folder_in_repository(current_folder())
    for remark in github.tell(Path(folder), os.environ, project=project, comments=not no_comment):
        click.echo(command(remark.level, "schema-sync", remark.text))
    return 0


COMMANDS = (github_command,)
