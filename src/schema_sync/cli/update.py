"""The commands that write, and show what would be written: ``update`` and ``diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from schema_sync.cli.check import CONFIDENCE, EXIT_DRIFT, EXIT_INCOMPLETE, EXIT_UNREADABLE, checked
from schema_sync.cli.session import Session, completes, require_text, shared
from schema_sync.reports.base import Part, Styled, marked, styled, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schema_sync.model.findings import Finding
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
    patch: Sequence[Styled] = ()
    kept: Sequence[Finding] = ()
    if not view.report.unreadable:
        session.watch("Working out the update")
        planned = update.plan(project, outcome)
        session.say(*planned.notes)
        patch, kept = diff.patch_lines(planned.before, planned.code), planned.kept
    details = diff.details(view, patch, kept, changed, summed_up=session.flags)
    session.show([styled(Part(view.heading, "title")), styled(), *details])
    session.cover("not checked", view.report.not_checked)
    return EXIT_UNREADABLE if view.report.unreadable else 0


@click.command("update")
@click.option("--dry-run", is_flag=True, help="Print a unified diff; write nothing.")
@click.option("--prune", is_flag=True, help="Also remove what is gone from the database.")
@click.option("--force", is_flag=True, help="With --prune: remove classes that the code still uses.")
@click.option(
    "--add",
    "added",
    metavar="NAME",
    multiple=True,
    shell_complete=completes("objects"),
    help="Write a class for a table or enum, '*' for all.",
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
    session.watch("Working out the update")
    planned = update.plan(project, outcome, prune=prune, force=force, rewrite_uses=rewrite_uses)
    session.say(*planned.notes)
    code = 0
    rewrites = {path: planned.contents[path] for path in planned.rewritten}
    if dry_run:
        session.show(diff.patch_lines(planned.before, planned.contents))
    else:
        session.show(diff.patch_lines(planned.before, rewrites))
        update.write(project, planned)
        code = _tell_updated(session, project, outcome, planned)
    session.cover("not checked", outcome.report.not_checked)
    return code


def _tell_updated(session: Session, project: Project, outcome: Outcome, planned: Plan) -> int:
    """Print what an update wrote and kept, and return the exit code."""
    from schema_sync.reports.formats import diff
    from schema_sync.usecases import check

    lines = [styled(Part(check.view(project, outcome).heading, "title")), styled()]
    lines += [written("✓ Updated ", session.path(path)) for path in sorted(planned.contents)]
    lines += [diff.review_line(finding.with_paths(session.path)) for finding in planned.kept]
    code = EXIT_DRIFT if planned.kept else 0
    if (incomplete := outcome.fetched.incomplete) is not None:
        why = f"{incomplete.summary}, so the lock and the version were not written, and nothing was removed"
        lines.append(marked(f"⚠️  {why}"))
        code = code or EXIT_INCOMPLETE
    elif not planned.contents and not planned.kept:
        lines.append(styled(Part("✓ Schemas are in sync", "good")))
    session.show(lines)
    return code
