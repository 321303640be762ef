"""The tools. Agents read their docstrings; none takes a path, so none leaves the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, cast, get_args

import msgspec
from mcp_types import CallToolResult
from pydantic import Field

from schema_sync.errors import UsageError
from schema_sync.exports.analysis import Analysis
from schema_sync.exports.markdown import without_secrets
from schema_sync.mcp_server import answers
from schema_sync.mcp_server.answers import told
from schema_sync.mcp_server.objects import Objects
from schema_sync.mcp_server.pages import Answer, paged
from schema_sync.mcp_server.state import Call, on_project, refusal, state_of
from schema_sync.model.catalog import QName
from schema_sync.model.findings import Severity, Word
from schema_sync.reports.base import by_severity
from schema_sync.reports.json_report import finding_object, summary
from schema_sync.rules import manual
from schema_sync.usecases import ask
from schema_sync.usecases import check as checks
from schema_sync.usecases import describe as describing
from schema_sync.usecases.project import Project

Cursor = Annotated[
    str | None, Field(description="next_cursor of the last page: reads on, whatever else is given.")
]
Name = Annotated[str, Field(description="Such as users, public.users, or the Python class that maps to it.")]
Kind = Literal[
    "tables", "views", "enums", "constraints", "indexes", "policies", "triggers", "functions", "extensions"
]
Section = Literal[
    "relations",
    "without_primary_key",
    "without_row_security",
    "without_policy",
    "foreign_keys_without_index",
    "unused_enums",
    "inexact_columns",
    "longest_chains",
    "cycles",
    "self_references",
    "unmentioned_relations",
    "unmentioned_columns",
    "unmentioned_functions",
]
_EXPRESSIONS = {"constraints": ("expression",), "indexes": ("columns", "predicate")}
COMPARING = "Comparing the database with the code"


async def check(
    call: Call,
    min_severity: Annotated[Word, Field(description="Leave out what is less.")] = "low",
    cursor: Cursor = None,
) -> Annotated[CallToolResult, answers.Checked]:
    """Return whether the project's Python is true to the database: every difference in a line, worst first.

    Changes nothing. in_sync is true only if all was read and nothing differs; not_checked is what nobody looked
    at. The tool diff tells the facts, propose_update what would mend it.
    """

    def look(project: Project) -> list[Answer]:
        outcome = checks.check(project)
        report = outcome.report
        head = {
            **answers.outcome_of(report),
            "summary": msgspec.structs.asdict(summary(report)),
            "notes": outcome.notes,
        }
        least = Severity[min_severity.upper()]
        found = [f for f in by_severity(checks.view(project, outcome)) if f.severity >= least]
        return paged(head, "findings", [answers.brief(f) for f in found])

    return await answer(call, "check", cursor, COMPARING, look)


async def diff(
    call: Call,
    name: Annotated[str | None, Field(description="Only of this table, view, enum or class.")] = None,
    cursor: Cursor = None,
) -> Annotated[CallToolResult, answers.Differences]:
    """Tell each difference in full: facts, whom it breaks, who moved, and where the code stands.

    Changes nothing.
    """

    def look(project: Project) -> list[Answer]:
        outcome = checks.check(project)
        report = outcome.report
        found = [f for f in report.findings if name in {None, str(f.subject), f.subject.name, f.declaration}]
        if name is not None and not found:
            Objects(project, outcome).find(name)
        return paged(
            answers.outcome_of(report), "findings", [msgspec.to_builtins(finding_object(f)) for f in found]
        )

    return await answer(call, "diff", cursor, COMPARING, look)


async def explain(
    rule: Annotated[str, Field(description="A finding's rule, such as column-undeclared.")],
) -> Annotated[CallToolResult, answers.Explained]:
    """Show the manual page of a rule: what it finds, why that matters, how to mend or to silence it."""
    try:
        page = manual.find(rule)
    except UsageError as error:
        raise refusal(error) from error
    return told({"rule": page.id, "severity": page.severity, "page": page.text})


async def describe(call: Call, name: Name, cursor: Cursor = None) -> Annotated[CallToolResult, answers.Described]:
    """Describe a table, view, enum, composite type, domain or function, and the Python that maps to it.

    Read it before you write code that touches the object. What looks like a secret in defaults and conditions is
    left out.
    """

    def look(project: Project) -> list[Answer]:
        objects = Objects(project, checks.check(project, details=True))
        return paged(*objects.description(objects.find(name)))

    return await answer(call, "describe", cursor, "Reading the database", look)


async def list_objects(
    call: Call,
    what: Kind = "tables",
    match: Annotated[str | None, Field(description="Only rows in which some text holds this.")] = None,
    cursor: Cursor = None,
) -> Annotated[CallToolResult, answers.Listed]:
    """List the objects of a kind, in the compared schemas. What looks like a secret in conditions is left out."""

    def look(project: Project) -> list[Answer]:
        found = ask.listing(project, what)
        listed = found.told()
        columns, wanted = list(listed.columns), (match or "").lower()
        expressions = [column in _EXPRESSIONS.get(what, ()) for column in columns]
        told = ([_shown(c) if e else c for e, c in zip(expressions, row, strict=True)] for row in listed.rows)
        rows = [row for row in told if any(wanted in str(cell).lower() for cell in row)]
        head = {"what": what, "total": len(rows), "columns": columns, "not_shown": [*map(str, found.unseen)]}
        return paged(head, "rows", rows)

    return await answer(call, "list", cursor, "Reading the database", look)


async def analyze(
    call: Call,
    section: Annotated[Section, Field(description="Whose entries to tell; counts has the number of each.")] = (
        "relations"
    ),
    cursor: Cursor = None,
) -> Annotated[CallToolResult, answers.Analyzed]:
    """Tell the schema in figures, and what in it is worth a look: no keys, no row level security, no index."""

    def look(project: Project) -> list[Answer]:
        analysis, _ = describing.figures(project)
        entries = {each: _entries(analysis, each) for each in get_args(Section)}
        head = {
            "section": section,
            "totals": msgspec.to_builtins(analysis.totals),
            "counts": {each: None if found is None else len(found) for each, found in entries.items()},
            "not_shown": [*map(str, analysis.not_shown)],
        }
        return paged(head, "entries", entries[section] or ())

    return await answer(call, "analyze", cursor, "Reading the database", look)


async def answer(
    call: Call, tool: str, cursor: str | None, what: str, look: Callable[[Project], list[Answer]]
) -> CallToolResult:
    """Return the page that *cursor* names, else the first of those that *look* makes of the project."""
    pages = state_of(call).pages
    if cursor is not None:
        return told(pages.further(tool, cursor))
    return told(pages.first(tool, await on_project(call, what, look)))


def _shown(expression: object) -> object:
    """Return an expression, or a list of them, without what looks like a secret."""
    if isinstance(expression, list):
        return [_shown(each) for each in cast("list[object]", expression)]
    return without_secrets(expression, frozenset()) if isinstance(expression, str) else expression


def _entries(analysis: Analysis, section: str) -> list[object] | None:
    """Return the entries of a section, names as ``schema.name``; None where the source does not tell."""
    found = getattr(analysis, section)
    return None if found is None else [_plain(each) for each in found]


def _plain(value: object) -> object:
    if isinstance(value, QName):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in cast("tuple[object, ...]", value)]
    if isinstance(value, msgspec.Struct):
        fields = {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        return {name: each for name, each in fields.items() if each is not None}
    return value
