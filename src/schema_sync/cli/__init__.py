"""Arguments → use case → exit code. stdout is the result, stderr is talk.

Exit codes: 0 in sync, 1 drift at or above --fail-on, 2 usage, configuration or internal error, 3 the
source could not be read.
"""

from __future__ import annotations

import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from schema_sync import __version__
from schema_sync.cli import ask, describe, github, mcp, migrations, notify, rules, setup
from schema_sync.cli.outputs import (
    FAIL_ON,
    deliver,
    destinations,
    folder_in_repository,
    threshold,
    writable,
    write,
)
from schema_sync.cli.session import Session, require_text, shared
from schema_sync.cli.streams import ReaderGoneError, complaining, open_streams, printing
from schema_sync.errors import SchemaSyncError, mask
from schema_sync.model.overlay import unseen
from schema_sync.reports.base import counted, coverage_line
from schema_sync.reports.escaping import printable
from schema_sync.reports.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schema_sync.model.findings import Report
    from schema_sync.usecases.check import Outcome
    from schema_sync.usecases.project import Project
    from schema_sync.usecases.update import Plan

EXIT_DRIFT = 1
EXIT_UNREADABLE = EXIT_USAGE = EXIT_INTERNAL = 2
EXIT_INCOMPLETE = 3
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
_EPILOG = "Exit codes: 0 in sync, 1 drift, 2 usage or configuration, 3 the source could not be read."


class _Commands(click.Group):
    """The commands; what fails while they print is told apart here, before click takes it for drift (exit 1)."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with printing():  # --help and --version print here
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with printing():
            return super().invoke(ctx)


@click.group(
    cls=_Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="schema-sync")
@shared
def cli(_session: Session) -> None:
    """Keep Python TypedDict and Enum classes true to a Supabase (PostgreSQL) schema."""


_OUTPUT = click.option(
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    help="Write there, in the format of the file's ending, or FORMAT:FILE; may be repeated.",
)
_FORMATS = click.Choice(list(FORMATS))
_CONFIDENCE = click.option(
    "--confidence",
    type=click.Choice(["certain", "inferred"]),
    default="inferred",
    show_default=True,
    help="Leave out findings in queries that are less certain.",
)


@cli.command("check")
@click.option("--format", "chosen", type=_FORMATS, help="What goes to stdout.  [default: text]")
@_OUTPUT
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="low", show_default=True, help="Least severity that fails."
)
@click.option(
    "--notify", "notifies", is_flag=True, help="Tell the channels in SCHEMA_SYNC_NOTIFY_URLS what is new."
)
@click.option("--state", metavar="FILE", help="With --notify: the file that remembers what was told.")
@_CONFIDENCE
@shared
def check_command(
    session: Session,
    chosen: str | None,
    outputs: tuple[str, ...],
    fail_on: str,
    confidence: str,
    *,
    notifies: bool,
    state: str | None,
) -> int:
    """Compare the database with the code; exit 0 in sync, 1 drift."""
    from schema_sync.usecases import check

    if state is not None and not notifies:
        raise click.UsageError("--state goes with --notify")
    wanted = destinations(outputs, chosen, "text")
    project, outcome = _checked(session, confidence)
    report = outcome.report
    view = replace(
        check.view(project, outcome, threshold(fail_on)),
        folder=folder_in_repository(project.root),
        flags=session.flags,
        seen=session.path,
    )
    shown = FORMATS[chosen or "text"]
    if shown not in (each.format for each in wanted):
        click.echo(shown.render(view), nl=False)
    session.cover("not checked", report.not_checked)
    write(view, wanted)
    if notifies:
        notify.announce(project, report, state)
    if report.unreadable:
        return EXIT_UNREADABLE
    return EXIT_DRIFT if view.drifted else EXIT_INCOMPLETE if report.incomplete else 0


@cli.command("diff")
@_CONFIDENCE
@shared
def diff_command(session: Session, confidence: str) -> int:
    """Show every finding, and the diff that update would write. Each has its place and its reason."""
    from schema_sync.reports.formats import diff
    from schema_sync.usecases import check, update

    project, outcome = _checked(session, confidence)
    view = replace(check.view(project, outcome), seen=session.path)
    changed = check.changed(project, outcome)
    if view.report.unreadable:
        details = diff.details(view, "", (), changed, summed_up=session.flags)
    else:
        planned = update.plan(project, outcome)
        patch = diff.unified(planned.before, planned.code)
        details = diff.details(view, patch, planned.kept, changed, summed_up=session.flags)
    click.echo(f"{view.heading}\n\n{details}", nl=False)
    session.cover("not checked", view.report.not_checked)
    return EXIT_UNREADABLE if view.report.unreadable else 0


@cli.command("update")
@click.option("--dry-run", is_flag=True, help="Print a unified diff; write nothing.")
@click.option("--prune", is_flag=True, help="Also remove what is gone from the database.")
@click.option("--force", is_flag=True, help="With --prune: remove classes that the code still uses.")
@click.option(
    "--add", "added", metavar="NAME", multiple=True, help="Write a class for a table or enum, '*' for all."
)
@click.option("--rewrite-uses", is_flag=True, help="Also rename columns in queries, where a rename is proven.")
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
    project, outcome = _checked(session, added=added)
    planned = update.plan(project, outcome, prune=prune, force=force, rewrite_uses=rewrite_uses)
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


@cli.command("report")
@click.option("--format", "chosen", type=_FORMATS, help="Format of a file without ending.  [default: markdown]")
@_OUTPUT
@_CONFIDENCE
@shared
def report_command(session: Session, chosen: str | None, outputs: tuple[str, ...], confidence: str) -> int:
    """Write a drift report to files. By default schema_drift_report_YYYYMMDD_HHMMSS.md."""
    from schema_sync.usecases import check

    named = f"schema_drift_report_{datetime.now().astimezone():%Y%m%d_%H%M%S}"
    ending = FORMATS[chosen or "markdown"].endings[0]
    wanted = destinations(outputs or (f"{chosen or 'markdown'}:{named}{ending}",), chosen, "markdown")
    project, outcome = _checked(session, confidence)
    view = replace(check.view(project, outcome), folder=folder_in_repository(project.root), seen=session.path)
    write(view, wanted)
    for each in wanted:
        click.echo(f"✓ Report written to {printable(each.path)}")
    session.cover("not checked", outcome.report.not_checked)
    return EXIT_UNREADABLE if outcome.codebase.unreadable else 0


@cli.command("snapshot")
@click.option("--output", metavar="FILE", help="Write there instead of to stdout.")
@shared
def snapshot_command(session: Session, output: str | None) -> None:
    """Print the catalog as JSON, which --source snapshot:FILE reads."""
    from schema_sync.usecases import ask as asking

    writable(output)
    content, notes, unseen = asking.snapshot(session.project())
    session.say(*notes)
    deliver(content.decode(), output)
    if output is not None:
        session.say(f"✓ Snapshot written to {output}")
    session.cover("not shown", unseen)


@cli.command("demo")
def demo_command() -> int:
    """Run the whole loop on an example. In a temporary copy, on an embedded PostgreSQL."""
    from schema_sync.setup import demo

    return demo.run(click.echo)


_GROUPS = (github, describe, ask, migrations, notify, setup, rules, mcp)
for _command in (command for group in _GROUPS for command in group.COMMANDS):
    cli.add_command(_command)


def _checked(session: Session, confidence: str = "inferred", added: Sequence[str] = ()) -> tuple[Project, Outcome]:
    """Compare the database with the code, and tell what is not a part of the result."""
    from schema_sync.usecases import check

    project = session.project()
    outcome = check.check(project, added=added)
    if confidence == "certain":
        outcome = check.certain_only(outcome)
    report = outcome.report
    session.know(outcome)
    session.say(*outcome.notes)
    for each in report.unreadable:
        click.echo(printable(session.shown(f"could not read {each.at.exact}: {each.why}")), err=True)
    if not outcome.sources and report.requires_all:  # else every table would seem to be new
        looked = ", ".join(project.config.include)
        click.echo(printable(f"no Python file in {session.path('') or '.'}/ matches include: {looked}"), err=True)
    if report.without_class:
        click.echo(printable(_without_class(report)), err=True)
    if report.unmatched:
        names = ", ".join(name for name, _ in report.unmatched)
        count = len(report.unmatched)
        match = "class matches" if count == 1 else "classes match"
        of = " that the source shows" if unseen(outcome.fetched.catalog) else " (assumed to be application code)"
        session.say(f"{count} {match} no database object{of}: {names}")
    session.say(coverage_line(report))
    if session.verbose:
        for bound in report.bindings:
            declared = bound.declaration
            what = f"{declared.at.path}: {declared.name} = {bound.object} ({bound.role})"
            session.say(f"bound by {bound.how}: {what}")
    return project, outcome


# ---- entry points


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str], *, name: str = "schema-sync", start: Path | None = None, flags: bool = False) -> int:
    """Run the command with *arguments* and return its exit code; errors are told on stderr.

    The project is searched upwards from the folder *start*, by default the current one. *flags* says that a script
    is run, which takes commands as flags.
    """
    session = Session(start, flags=flags)
    try:
        open_streams()
        result = cli.main(arguments, prog_name=name, standalone_mode=False, obj=session)
        with printing():
            sys.stdout.flush()
    except click.ClickException as error:
        with complaining():
            error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        with complaining():
            click.echo("Interrupted.", err=True)
        return EXIT_INTERRUPTED
    except ReaderGoneError:
        return EXIT_PIPE
    except Exception as error:  # noqa: BLE001  # the last boundary: a defect must not exit as drift, nor show a password
        if (signal_code := _interrupted(error)) is not None:
            return signal_code
        if isinstance(error, SchemaSyncError):
            complain(error, session.shown)
            return error.exit_code
        with complaining():
            click.echo(mask(traceback.format_exc(), session.secrets()), err=True)
            click.echo("This is a defect of schema-sync; please report the lines above.", err=True)
        return EXIT_INTERNAL
    return result if isinstance(result, int) else 0


def _interrupted(error: BaseException | None) -> int | None:
    """Return the exit code of the signal that *error* comes from; some of Python's code makes another of it."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return EXIT_INTERRUPTED
        if isinstance(error, SystemExit) and isinstance(error.code, int):
            return error.code
        error = error.__cause__ or error.__context__
    return None


def complain(error: SchemaSyncError, shown: Callable[[str], str] = str) -> None:
    """Print what is wrong, and the next step; *shown* is as in ``Session``."""
    with complaining():
        click.echo(f"Error: {printable(shown(error.message), keep=chr(10))}", err=True)
        if error.hint:
            click.echo(f"Hint: {printable(shown(error.hint), keep=chr(10))}", err=True)


def _without_class(report: Report) -> str:
    """Return the line on what has no class and needs none, those that the code mentions first."""
    enums = sum(subject.kind == "enum" for subject in report.without_class)
    tables = len(report.without_class) - enums
    counts = [counted(tables, "table")] if tables else []
    counts += [counted(enums, "enum")] if enums else []
    first = report.without_class[0]
    has = "has" if len(report.without_class) == 1 else "have"
    return f"{' and '.join(counts)} {has} no class, and need none: `schema-sync update --add {first}` writes one"
