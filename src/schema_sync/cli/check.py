"""The commands that compare and report: ``check`` and ``report``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from schema_sync.cli.outputs import FAIL_ON, destinations, folder_in_repository, threshold, write
from schema_sync.cli.session import Session, completes, shared
from schema_sync.cli.streams import look
from schema_sync.model.base import grouped
from schema_sync.model.overlay import unseen
from schema_sync.reports.base import counted, coverage_line, migration_lines, written
from schema_sync.reports.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schema_sync.model.findings import Report
    from schema_sync.reports.base import View
    from schema_sync.reports.formats import Format
    from schema_sync.usecases.check import Outcome
    from schema_sync.usecases.inputs import Inputs
    from schema_sync.usecases.project import Project
    from schema_sync.usecases.unchanged import Printed

EXIT_DRIFT = 1
EXIT_UNREADABLE = 2
EXIT_INCOMPLETE = 3
_OUTPUT = click.option(
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    shell_complete=completes("file"),
    help="Write there, in the format of the file's ending, or FORMAT:FILE; may be repeated.",
)
_FORMATS = click.Choice(list(FORMATS))
CONFIDENCE = click.option(
    "--confidence",
    type=click.Choice(["certain", "inferred"]),
    default="inferred",
    show_default=True,
    help="Leave out findings in queries that are less certain.",
)


@click.command("check")
@click.option("--format", "chosen", type=_FORMATS, help="What goes to stdout.  [default: text]")
@_OUTPUT
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="low", show_default=True, help="Least severity that fails."
)
@click.option(
    "--notify", "notifies", is_flag=True, help="Tell the channels in SCHEMA_SYNC_NOTIFY_URLS what is new."
)
@click.option(
    "--state",
    metavar="FILE",
    shell_complete=completes("file"),
    help="With --notify: the file that remembers what was told.",
)
@CONFIDENCE
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
    from schema_sync.usecases import unchanged

    if state is not None and not notifies:
        raise click.UsageError("--state goes with --notify")
    wanted = destinations(outputs, chosen, "text")
    shown = FORMATS[chosen or "text"]
    whole = shown.whole or any(each.format.whole for each in wanted)
    project, folder = session.project(), folder_in_repository(session.root)
    called = (chosen, fail_on, confidence, session.verbose, session.quiet, session.flags, session.path(""), folder)
    known = None if wanted or notifies else unchanged.look(project, called)
    if known is not None and known.printed is not None:
        return _print_again(session, known.printed)
    from schema_sync.usecases import check

    outcome = _checked(session, project, confidence, known.inputs if known else None, proposing=whole)
    report = outcome.report
    view = replace(
        check.view(project, outcome, threshold(fail_on)),
        folder=folder,
        flags=session.flags,
        seen=session.path,
    )
    session.watch("Writing the report")
    view = _with_code(project, outcome, view, [shown, *(each.format for each in wanted)])
    if shown not in (each.format for each in wanted):
        _show(session, shown, view)
    session.cover("not checked", report.not_checked)
    write(view, wanted)
    if notifies:
        from schema_sync.cli import notify

        session.watch("Sending the message")
        notify.announce(session, project, report, state)
    if report.unreadable:
        return EXIT_UNREADABLE
    code = EXIT_DRIFT if view.drifted else EXIT_INCOMPLETE if report.incomplete else 0
    if known is not None:
        unchanged.keep(project, known, called, outcome, session.printed, code)
    return code


def _show(session: Session, chosen: Format, view: View) -> None:
    if chosen.name != "text":
        session.print(chosen.render(view))
        return
    from schema_sync.reports.formats import text

    counts = [text.count_line(view)] if view.report.findings and look().width else []
    session.show([*text.document(view), *counts])


def _with_code(project: Project, outcome: Outcome, view: View, formats: Sequence[Format]) -> View:
    """Return *view* with what one of *formats* shows of the code."""
    if not any(each.shows_code for each in formats):
        return view
    from schema_sync.usecases import shown_code

    return shown_code.with_code(project, outcome, view)


def _print_again(session: Session, printed: Printed) -> int:
    for text, is_talk in printed.texts:
        session.print(text, err=is_talk)
    return printed.code


@click.command("report")
@click.option("--format", "chosen", type=_FORMATS, help="Format of a file without ending.  [default: markdown]")
@_OUTPUT
@CONFIDENCE
@shared
def report_command(session: Session, chosen: str | None, outputs: tuple[str, ...], confidence: str) -> int:
    """Write a drift report to files. By default schema_drift_report_YYYYMMDD_HHMMSS.md."""
    from datetime import datetime

    from schema_sync.usecases import check

    named = f"schema_drift_report_{datetime.now().astimezone():%Y%m%d_%H%M%S}"
    ending = FORMATS[chosen or "markdown"].endings[0]
    wanted = destinations(outputs or (f"{chosen or 'markdown'}:{named}{ending}",), chosen, "markdown")
    project, outcome = checked(session, confidence, proposing=any(each.format.whole for each in wanted))
    view = replace(check.view(project, outcome), folder=folder_in_repository(project.root), seen=session.path)
    session.watch("Writing the report")
    view = _with_code(project, outcome, view, [each.format for each in wanted])
    write(view, wanted)
    session.show(written("✓ Report written to ", each.path) for each in wanted)
    session.cover("not checked", outcome.report.not_checked)
    return EXIT_UNREADABLE if outcome.codebase.unreadable else 0


def checked(
    session: Session, confidence: str = "inferred", added: Sequence[str] = (), *, proposing: bool = False
) -> tuple[Project, Outcome]:
    """Compare the database with the code, and tell what is not a part of the result.

    What classes could be bound to is looked for if *proposing*, or verbose.
    """
    project = session.project()
    return project, _checked(session, project, confidence, added=added, proposing=proposing)


def _checked(
    session: Session,
    project: Project,
    confidence: str,
    inputs: Inputs | None = None,
    *,
    added: Sequence[str] = (),
    proposing: bool,
) -> Outcome:
    from schema_sync.usecases import check

    outcome = check.check(project, inputs, added=added)
    if proposing or session.verbose:
        outcome = check.with_proposals(project, outcome)
    if confidence == "certain":
        outcome = check.certain_only(outcome)
    report = outcome.report
    session.know(outcome)
    session.say(*outcome.notes)
    for each in report.unreadable:
        session.warn(f"could not read {each.at.exact}: {each.why}", each.at)
    if not outcome.sources and report.requires_all:  # else every table would seem to be new
        looked = ", ".join(project.config.include)
        session.warn(f"no Python file in {session.path('') or '.'}/ matches include: {looked}")
    if report.without_class:
        session.warn(_without_class(report))
    if report.unmatched:
        names = ", ".join(name for name, _ in report.unmatched)
        count = len(report.unmatched)
        match = "class matches" if count == 1 else "classes match"
        of = " that the source shows" if unseen(outcome.fetched.catalog) else " (assumed to be application code)"
        session.say(f"{count} {match} no database object{of}: {names}")
    session.say(coverage_line(report), *migration_lines(report))
    if session.verbose:
        session.say(*_bindings(report))
        session.propose(report.proposals, project.configured_by, project.config.schemas[0])
        session.say(*_moved(report))
    return outcome


def _bindings(report: Report) -> Iterator[str]:
    """Yield what each class was bound by."""
    for bound in report.bindings:
        declared = bound.declaration
        yield f"bound by {bound.how}: {declared.at.path}: {declared.name} = {bound.object} ({bound.role})"


def _moved(report: Report) -> Iterator[str]:
    """Yield which side of each finding moved."""
    for moved, named in grouped((f.moved, f"{f.subject} ({f.rule})") for f in report.findings).items():
        yield f"moved: {moved}: {', '.join(dict.fromkeys(named))}"


def _without_class(report: Report) -> str:
    """Return the line on what has no class and needs none, those that the code mentions first."""
    enums = sum(subject.kind == "enum" for subject in report.without_class)
    tables = len(report.without_class) - enums
    counts = [counted(tables, "table")] if tables else []
    counts += [counted(enums, "enum")] if enums else []
    first = report.without_class[0]
    lacking = "has no class, and needs" if len(report.without_class) == 1 else "have no class, and need"
    return f"{' and '.join(counts)} {lacking} none: `schema-sync update --add {first}` writes one"
