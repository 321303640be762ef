"""The command ``explore``."""

from __future__ import annotations

from pathlib import Path

import click

from schema_sync.cli.outputs import deliver, writable
from schema_sync.cli.session import Session, completes, shared
from schema_sync.reports import base


@click.command("explore")
@click.option(
    "--output",
    metavar="FILE",
    default="schema.html",
    show_default=True,
    shell_complete=completes("file"),
    help="Write the page there.",
)
@click.option("--open", "opens", is_flag=True, help="Show the page in the browser.")
@shared
def explore_command(session: Session, output: str, *, opens: bool) -> None:
    """Write one HTML page to explore the schema and the code."""
    from schema_sync.usecases import explore

    writable(output)
    path = Path(output)
    explore.require_ours(path)
    found = explore.explore(session.project(), path.parent)
    session.say(*found.notes)
    deliver(found.text, output)
    session.show([base.written("✓ Wrote ", output)])
    session.cover("not shown", found.not_shown)
    if opens:
        import webbrowser

        if not webbrowser.open(path.resolve().as_uri()):
            session.say("no browser could be opened: open the file in one")
