"""The command on migrations: ``migrations check``."""

from __future__ import annotations

from pathlib import Path

import click

from schema_sync.cli.outputs import FAIL_ON, deliver, threshold, writable
from schema_sync.cli.session import Session, completes, shared
from schema_sync.errors import UsageError

EXIT_PROBLEMS = 1


@click.group("migrations")
def migrations_command() -> None:
    """Look at the SQL files that make the schema."""


@migrations_command.command("check")
@click.argument("folder", metavar="[DIR]", required=False, shell_complete=completes("dir"))
@click.option("--since", metavar="REF", help="Files that are not in what HEAD shares with REF are new.")
@click.option("--all", "everything", is_flag=True, help="Take every file as new.")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--output", metavar="FILE", shell_complete=completes("file"), help="Write there instead of to stdout."
)
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="high", show_default=True, help="Least severity that fails."
)
@shared
def check_migrations(
    session: Session,
    *,
    folder: str | None,
    since: str | None,
    everything: bool,
    format_name: str,
    output: str | None,
    fail_on: str,
) -> int:
    """Validate migrations. Names, order, text, unsafe operations, replay, and what follows for the code."""
    from schema_sync.migrations import check, render

    if since is not None and everything:
        raise UsageError("--since and --all exclude each other")
    if session.source is not None:
        raise UsageError("migrations check reads files, no --source", hint="Name their folder behind the command.")
    writable(output)
    if folder is not None:
        folder = ",".join(map(session.from_root, [folder] if Path(folder).exists() else folder.split(",")))
    found = check.examine(session.project("Checking migrations"), folder, since=since, everything=everything)
    session.say(*found.notes)
    least = threshold(fail_on)
    lines = [] if format_name == "json" else [*render.document(found, least, session.shown)]
    if output is not None:
        deliver("".join(line.plain() for line in lines) or render.json(found, least), output)
    elif lines:
        session.show(lines)
    else:
        session.print(render.json(found, least))
    return EXIT_PROBLEMS if found.fails(least) else 0
