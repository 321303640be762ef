"""The commands that write, and show what would be written: ``update`` and ``diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from schema_sync.cli.check import CONFIDENCE, EXIT_DRIFT, EXIT_INCOMPLETE, EXIT_UNREADABLE, checked
from schema_sync.cli.session import Session, require_text, shared
from schema_sync.reports.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from schema_sync.usecases.check import Outcome
    from schema_sync.usecases.project import Project
    from schema_sync.usecases.update import Plan


@click.command("diff")
@CONFIDENCE
@shared
def diff_command(session: Session, confidence: str) -> int:
    """Show every finding, and the diff that update would write. Each has its place and its reason."""
    from schema_sync.reports.formats import diff
    from schema_sync.usecases import check, update

    project, outcome = checked(session, confidence)
    view = replace(check.view(project, outcome), seen=session.path)
    changed = check.changed(project, outcome)
    if view.report.unreadable:
        details = diff.details(view, "", (), changed, summed_up=session.flags)
    else:
        planned = update.plan(project, outcome)
        session.say(*planned.notes)
        patch = diff.unified(planned.before, planned.code)
        details = diff.details(view, patch, planned.kept, changed, summed_up=session.flags)
    click.echo(f"{view.heading}\n\n{details}", nl=False)
    session.cover("not checked", view.report.not_checked)
    return EXIT_UNREADABLE if view.report.unreadable else 0


@click.command("update")
@click.option("--dry-run", is_flag=True, help="Print a unified diff; write nothing.")
@click.option("--prune", is_flag=True, help="Also remove what is gone from the database.")
@click.option("--force", is_flag=True, help="With --prune: remove classes that the code still uses.")
@click.option(
    "--add", "added", metavar="NAME", multiple=True, help="Write a class for a table or enum, '*' for all."
)
@click.option("--rewrite-uses", is_flag=True, help="Also put new names into queries, where a rename is proven.")
@shared
def update_command(
    session: Session, added: tuple[str, ...], *, dry_run: bool, prune: bool, force: bool, rewrite_uses: bool
) -> int:
    """Write what is missing and mend what differs. An error changes nothing."""
    from schema_sync.reports.formats import diff
    from schema_sync.usecases import update

    if force and not prune:
        raise click.UsageError("--force goes with --prune")
    for name in added:
        require_text(name, "--add")
    project, outcome = checked(session, added=added)
    planned = update.plan(project, outcome, prune=prune, force=force, rewrite_uses=rewrite_uses)
    session.say(*planned.notes)
    code = 0
    rewrites = {path: planned.contents[path] for path in planned.rewritten}
    if dry_run:
        click.echo(printable(diff.unified(planned.before, planned.contents), keep="\n\t"), nl=False)
    else:
        click.echo(printable(diff.unified(planned.before, rewrites), keep="\n\t"), nl=False)
        update.write(project, planned)
        code = _tell_updated(project, outcome, planned, session.path)
    session.cover("not checked", outcome.report.not_checked)
    return code


def _tell_updated(project: Project, outcome: Outcome, planned: Plan, seen: Callable[[str], str]) -> int:
    """Print what an update wrote and kept, and return the exit code; *seen* is as in ``View``."""
    from schema_sync.reports.formats import diff
    from schema_sync.usecases import check

    click.echo(check.view(project, outcome).heading + "\n")
    for path in sorted(planned.contents):
        click.echo(f"✓ Updated {printable(seen(path))}")
    for finding in planned.kept:
        click.echo(diff.review_line(finding.with_paths(seen)))
    if (incomplete := outcome.fetched.incomplete) is not None:
        why = f"{incomplete.summary}, so the lock and the version were not written, and nothing was removed"
        click.echo(f"⚠️  {why}")
        return EXIT_DRIFT if planned.kept else EXIT_INCOMPLETE
    if not planned.contents and not planned.kept:
        click.echo("✓ Schemas are in sync")
    return EXIT_DRIFT if planned.kept else 0
