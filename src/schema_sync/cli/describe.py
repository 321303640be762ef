"""The commands that tell of a schema: ``docs`` and ``analyze``."""

from __future__ import annotations

from pathlib import Path

import click

from schema_sync.cli.session import Session, shared
from schema_sync.reports.escaping import printable


@click.command("docs")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sizes", is_flag=True, help="Also tell rows and bytes; the files then change with them.")
@shared
def docs_command(session: Session, folder: Path, *, sizes: bool) -> None:
    """Write the schema as Markdown pages with diagrams into DIR."""
    from schema_sync.usecases import describe

    written = describe.export(session.project(), folder, sizes=sizes)
    session.say(*written.notes)
    for path in written.changed:
        click.echo(f"✓ Wrote {printable(str(folder / path))}")
    for path in written.removed:
        click.echo(f"✓ Removed {printable(str(folder / path))}")
    if not written.changed and not written.removed:
        click.echo(f"✓ {written.pages} pages are up to date")
    session.cover("not shown", written.not_shown)


@click.command("analyze")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared
def analyze_command(session: Session, format_name: str) -> None:
    """Show the schema in figures, and what is worth a look. None of that is drift."""
    from schema_sync.exports import render_analysis
    from schema_sync.usecases import describe

    project = session.project()
    analysis, notes = describe.figures(project)
    session.say(*notes)
    if format_name == "json":
        click.echo(render_analysis.json_text(analysis), nl=False)
    else:
        click.echo(render_analysis.text(analysis, project.config.title, session.shown), nl=False)
