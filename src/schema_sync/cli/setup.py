"""The commands for a first hour: ``init``, ``doctor`` and ``demo``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schema_sync.cli.outputs import folder_in_repository
from schema_sync.cli.session import Session, shared
from schema_sync.cli.streams import current_folder, look
from schema_sync.reports.base import lines_of, marked, styled, written
from schema_sync.reports.escaping import printable

if TYPE_CHECKING:
    from schema_sync.setup.init_files import Planned
    from schema_sync.setup.survey import Survey

MOST_QUESTIONS = 4  # beyond that one question is for all of them
EXIT_KEPT = EXIT_CANNOT_CHECK = 2


@click.command("init")
@click.option("--dry-run", is_flag=True, help="List what would be written; write nothing.")
@click.option("--force", is_flag=True, help="Overwrite files that have other content, without asking.")
@click.pass_context
def init_command(context: click.Context, *, dry_run: bool, force: bool) -> int:
    """Set up this repository. Writes a configuration that fits, scripts, a hook, a test file and a workflow."""
    from schema_sync import config
    from schema_sync.setup import init_files, init_messages, survey

    session = context.ensure_object(Session)
    root = current_folder()
    session.watch("Looking at the repository")
    found = _survey(session, root, anew=force)
    session.say(*init_messages.found(found))
    if not dry_run:
        session.watch("Making the first check")
        found = survey.with_first_check(found)
        session.clear()
        found = survey.with_bindings(found, _accepted(found))
    folder = folder_in_repository(root)
    planned = init_files.plan(root, found, is_top=not folder)
    if dry_run:
        words = {"new": "write", "same": "leave", "other": "overwrite" if force else "keep"}
        reasons = {"new": "", "same": " (it is as it should be)", "other": " (it has other content)"}
        session.show(styled(f"Would {words[each.state]} {each.path}{reasons[each.state]}") for each in planned)
        return 0
    chosen = [
        file for file in planned if file.state == "new" or (file.state == "other" and _may(file, force=force))
    ]
    init_files.write(root, chosen)
    kept = [file for file in planned if file.state == "other" and file not in chosen]
    lines = [written("✓ Wrote ", file.path) for file in chosen]
    lines += [written("⚠️  Kept ", file.path, ": it has other content (--force overwrites it)") for file in kept]
    session.show(lines or [marked("✓ Nothing to do: all files are in place")])
    is_new = any(file.path == init_files.HOOK for file in chosen)
    session.say(*init_messages.hooks(found, folder, is_new=is_new), style="plain")
    if folder:
        session.say(f"{init_files.WORKFLOW} belongs at the repository's top, not in {folder}: none is written")
    if any(file.path == init_files.WORKFLOW for file in chosen):
        session.say(*init_messages.origin(), style="plain")
    session.say(*init_messages.first_check(found), style="plain")
    session.propose(found.proposals, config.load(root).path or "", found.project.config.schemas[0])
    session.say(*init_messages.next_steps(found), style="plain")
    session.say(*init_messages.for_agents(root, folder), style="plain", verbatim=True)
    return EXIT_KEPT if kept and not _on_terminal() else 0


@click.command("doctor")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared
def doctor_command(session: Session, format_name: str) -> int:
    """Tell what is missing, and how to get it. Also what is configured, and what can be reached."""
    from schema_sync.setup import diagnosis, doctor

    found = doctor.examine(session.project)
    if format_name == "json":
        session.print(diagnosis.json(found))
    else:
        session.show(diagnosis.document(found, session.shown))
    return 0 if found.can_check else EXIT_CANNOT_CHECK


@click.command("demo")
def demo_command() -> int:
    """Run the whole loop on an example. In a temporary copy, on an embedded PostgreSQL."""
    from schema_sync.setup import demo

    session = Session()
    return demo.run(lambda text: session.show(lines_of(text)), inherits=look().width is not None)


def _survey(session: Session, root: Path, *, anew: bool) -> Survey:
    """Look at the repository in *root*; *anew* also where there is a configuration that may be overwritten."""
    from schema_sync import config
    from schema_sync.setup import init_files, survey
    from schema_sync.usecases import project as projects

    project = projects.open_project(
        root,
        source=session.source,
        project_id=session.project_id,
        progress=session.progress,
        cached=session.cached,
    )
    stands = config.load(root).path
    anew = stands is None or (anew and stands == init_files.CONFIGURATION)
    return survey.look(project, given=session.source, anew=anew)


def _accepted(survey: Survey) -> dict[str, str]:
    """Ask which proposals go into the configuration to be written, as its ``bindings``.

    A class that a person refuses maps to nothing there. Nobody is asked without a terminal, or where a
    configuration stands: the proposals are only shown.
    """
    from schema_sync.reports import proposals

    asked = {binding: each for each in survey.proposals if (binding := each.binding) is not None}
    if not asked or not survey.is_new or not _on_terminal():
        return {}
    schema = survey.project.config.schemas[0]
    if len(asked) > MOST_QUESTIONS:
        for line in proposals.listed([*asked.values()], schema):
            click.echo(printable(line), err=True)
        words = click.Choice(["all", "each", "none"])
        answer = click.prompt(f"Bind these {len(asked)} classes?", type=words, default="all", err=True)
        if answer != "each":
            return dict(asked.keys()) if answer == "all" else {}
    accepted: dict[str, str] = {}
    for (key, value), each in asked.items():
        question = printable(f"{each.declaration.at}: {proposals.looks_like(each, schema)}")
        accepted[key] = value if click.confirm(question.rstrip("?"), default=True, err=True) else ""
    return accepted


def _may(file: Planned, *, force: bool) -> bool:
    """Tell whether a file with other content may be overwritten: by option, or because a person says so."""
    if force or not _on_terminal():
        return force
    return click.confirm(f"{printable(file.path)} has other content. Overwrite it?", err=True)


def _on_terminal() -> bool:
    return sys.stdin.isatty()
