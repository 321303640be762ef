"""The commands that tell of a schema: ``docs``, ``analyze`` and ``history``."""

from __future__ import annotations

from pathlib import Path

import click

from schema_sync.cli.outputs import deliver
from schema_sync.cli.session import Session, shared
from schema_sync.errors import UsageError
from schema_sync.reports import base


@click.command("docs")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sizes", is_flag=True, help="Also tell rows and bytes; the files then change with them.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["markdown", "html"]),
    default="markdown",
    show_default=True,
    help="Pages for a repository, or one to explore (index.html).",
)
@shared
def docs_command(session: Session, folder: Path, format_name: str, *, sizes: bool) -> None:
    """Write the schema as Markdown pages with diagrams into DIR. With --format html it is the page of explore."""
    from schema_sync.usecases import describe

    if format_name == "html":
        if sizes:
            raise UsageError("--sizes is for Markdown pages", hint="Leave out --sizes or --format html.")
        _write_page(session, folder)
        return
    written = describe.export(session.project(), folder, sizes=sizes)
    session.say(*written.notes)
    lines = [base.written("✓ Wrote ", str(folder / path)) for path in written.changed]
    lines += [base.marked(f"✓ Removed {folder / path}") for path in written.removed]
    session.show(lines or [base.marked(f"✓ {written.pages} pages are up to date")])
    session.cover("not shown", written.not_shown)


def _write_page(session: Session, folder: Path) -> None:
    from schema_sync.usecases import describe, explore

    path = folder / "index.html"
    explore.require_ours(path)
    found = explore.explore(session.project(), folder)
    session.say(*found.notes)
    describe.make_folder(folder)
    deliver(found.text, str(path))
    session.show([base.written("✓ Wrote ", str(path))])
    session.cover("not shown", found.not_shown)


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
        session.print(render_analysis.json_text(analysis))
    else:
        session.show(render_analysis.document(analysis, project.config.title, session.shown))


@click.command("history")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Newest commits that are shown."
)
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared
def history_command(session: Session, limit: int, format_name: str) -> None:
    """Show how the schema grew. From the commits of the lock: tables, columns and enums, who and what."""
    from schema_sync.exports import history
    from schema_sync.usecases.history import read_history

    if session.source is not None:
        raise UsageError("history reads the commits of the lock, no --source")
    project = session.project()
    session.say(*project.notes)
    session.watch("Reading the commits of the lock")
    found = read_history(project, limit)
    if format_name == "json":
        session.print(history.json_text(found))
    else:
        session.show(history.lines(found, project.config.title))
    if found.more:
        session.say(f"there are older commits than the {limit} shown (--limit)")
    session.cover("not known", found.not_known)
