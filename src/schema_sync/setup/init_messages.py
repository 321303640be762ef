"""What ``init`` says: what it found, the first check in a line, what to do next, and what agents need."""

from __future__ import annotations

import json
from pathlib import Path

from schema_sync.model.findings import Severity
from schema_sync.reports.base import counted
from schema_sync.repository_files import SETTINGS_BYTES, read_bytes
from schema_sync.setup import find_migrations, find_queries, init_files, installed, pre_commit
from schema_sync.setup.survey import Survey
from schema_sync.usecases import check

_FOR_AGENTS = {
    ".mcp.json": """\
{
  "mcpServers": {
    "schema-sync": {"command": "schema-sync", "args": ARGUMENTS}
  }
}""",
    "AGENTS.md": """\
- Before each commit run `schema-sync check`WHERE: exit code 0 means that code and database agree.
- Do not guess names of tables and columns: ask the MCP server schema-sync, or run `schema-sync list tables`.""",
}


def found(survey: Survey) -> list[str]:
    """Return what classes, SQL and calls there are, counted as ``doctor`` counts them."""
    code, layout = check.read_code(survey.project), survey.layout
    if code.rows or code.enums:
        where = ", ".join(layout.include)
        lines = [f"found row classes: {len(code.rows)}, Enum classes: {len(code.enums)}; in {where}"]
    else:
        where = f"{layout.paths.entities} and {layout.paths.enums}"
        lines = [f"found no row or Enum classes yet; new ones go to {where}"]
    why = find_migrations.reason(survey.places)
    reasons = [f": preferred, because {why}" if why else ""] + [""] * len(survey.places)
    part = ": left out, because it creates few of the tables that the code names"
    lines += [
        f"found SQL: {place.shown}{part if place.is_part else why}"
        for place, why in zip(survey.places, reasons, strict=False)
    ]
    if survey.queries.queries:
        counts = find_queries.counts(survey.queries.queries)
        sql = f" SQL literals: {counts['SQL literals']};" if counts["SQL literals"] else ""
        calls = f"found calls of Supabase: {counts['calls']}; files: {counts['files']};"
        lines.append(f"{calls}{sql} check compares the names in them")
    wrappers = survey.queries.wrappers.items()
    if wrappers:
        named = ", ".join(f"{each.call} ({counted(count, 'call')})" for each, count in wrappers)
        lines.append(f"found functions of your own that send queries: {named}; see [[query-wrappers]] and edit it")
    elsewhere = init_files.configured_by(survey.project.root)
    if elsewhere:
        lines.append(f"{elsewhere} configures schema-sync already: no {init_files.CONFIGURATION} is written")
    return lines


def first_check(survey: Survey) -> list[str]:
    """Return how the source was chosen, and what the first check found, by severity."""
    choice = survey.choice
    lines = [f"tried {failure}" for failure in choice.failures]
    if survey.jobs.failure:
        lines.append(f"pull requests are compared with the lock: {survey.jobs.failure}")
    if choice.outcome is None:
        return [*lines, "first check: not possible yet"]
    report = choice.outcome.report
    by = "" if choice.reads == survey.source else f" ({choice.reads})"
    first = ", the first that can be read" if lines else ""
    contents = f"{counted(report.tables, 'table')}, {counted(report.enums, 'enum')}"
    lines.append(f'source = "{survey.source}"{by}{first}: {contents}')
    counts = ", ".join(f"{report.count(each)} {each.word}" for each in reversed(Severity))
    said = [f"{counted(len(report.findings), 'finding')} ({counts})" if report.findings else "no findings"]
    said += [f"not checked: {len(report.unchecked)}"] if report.unchecked else []
    said += [report.incomplete] if report.incomplete else []
    return [*lines, f"first check: {'; '.join(said)}"]


def next_steps(survey: Survey) -> list[str]:
    """Return the things to do next."""
    outcome = survey.choice.outcome
    if outcome is None:
        broken = '; `on-migration-error = "continue"` leaves out what fails' if survey.specs != ("auto",) else ""
        how = find_migrations.of_alembic(survey.project.root)
        steps = (
            *([how] if how else []),
            f"`schema-sync doctor` shows what is missing, and how to get it{broken}",
            "`schema-sync check` compares, once a source can be read",
        )
    elif outcome.report.findings:
        in_classes = any(finding.use is None for finding in outcome.report.findings)
        update = "`schema-sync update` mends classes" if in_classes else "names in queries are mended by hand"
        steps = (
            f"`schema-sync check` shows the findings; {update}",
            "`schema-sync baseline` accepts what is left of them, so that only new ones fail",
        )
    else:
        steps = (
            "`schema-sync update` records the schema, so that later checks know what moved",
            "`schema-sync check` compares: run it before each commit, or install the git hook",
        )
    return ["next:", *(f"  {n}. {step}" for n, step in enumerate((*steps, "commit the files that init wrote"), 1))]


def hooks(survey: Survey, folder: str, *, is_new: bool) -> list[str]:
    """Return how to run the hook at each commit: by pre-commit where the repository uses that and lacks the hook.

    *folder* is as in ``for_agents``; *is_new* is whether the script of the hook was written now.
    """
    root = survey.project.root
    top = _top(root, folder)
    try:
        mentions = b"schema-sync" in read_bytes(top / pre_commit.FILE, SETTINGS_BYTES)
    except OSError:
        if not is_new or not (root / ".git").exists():
            return []
        return [f"to check each commit: ln -s ../../{init_files.HOOK} .git/hooks/pre-commit"]
    if mentions:
        return []
    return ["", f"to check each commit, to paste into {pre_commit.FILE}:", pre_commit.entry(survey, folder), ""]


def origin() -> list[str]:
    """Return what the workflow installs where that cannot be what runs here."""
    if not installed.is_from_a_folder():
        return []
    why = "as this copy was installed from a folder or a file"
    return [
        f"{init_files.WORKFLOW} installs the release {installed.RELEASE[2:]}, {why}: see SCHEMA_SYNC_VERSION in it"
    ]


def for_agents(root: Path, folder: str) -> list[str]:
    """Return what to paste into files at the top of the repository that do not mention the tool yet.

    *folder* is that of the project *root* in the repository, empty for its top.
    """
    top = _top(root, folder)
    arguments = json.dumps(["mcp", "--directory", folder] if folder else ["mcp"], ensure_ascii=False)
    where = f" in {folder}" if folder else ""
    lines: list[str] = []
    for name, text in _FOR_AGENTS.items():
        try:
            mentions = b"schema-sync" in read_bytes(top / name, SETTINGS_BYTES)
        except OSError:
            mentions = False
        if not mentions:
            said = text.replace("ARGUMENTS", arguments).replace("WHERE", where)
            lines += ["", f"for coding agents, to paste into {name}:", said]
    return lines


def _top(root: Path, folder: str) -> Path:
    """Return the top of the repository in which *folder* is the project *root*."""
    return root.parents[folder.count("/")] if folder else root
