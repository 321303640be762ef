"""The command ``hook``, which the git hook and pre-commit run."""

from __future__ import annotations

import click

from schema_sync.cli.streams import current_folder


@click.command("hook")
def hook_command() -> int:
    """Check what is staged, as the git hook does. Exit 1 stops the commit."""
    from schema_sync.git_hook import check

    return check.run(current_folder(), lambda text: click.echo(text, err=True))


COMMANDS = (hook_command,)
