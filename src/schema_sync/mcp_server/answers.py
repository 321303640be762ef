"""What the tools answer: the shapes that are published as their output schemas, and findings in them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

import msgspec
from mcp_types import CallToolResult, TextContent
from pydantic import Field
from typing_extensions import TypedDict

from schema_sync.mcp_server.pages import encoded
from schema_sync.model.findings import Finding, Report, Word
from schema_sync.reports.json_report import coverage

Cursor = Annotated[str, Field(description="Pass it to the same tool to read on.")]
Notes = Annotated[list[str], Field(description="Where the schema was read from, and other talk.")]
NotChecked = Annotated[
    list[str], Field(description="What could not be looked at, and why: unknown, not in order.")
]
Kept = Annotated[list[str], Field(description="Findings that an update leaves to a person.")]


class BriefFinding(TypedDict):
    """A difference in a line."""

    rule: str
    severity: Word
    object: str
    message: str
    at: Annotated[str, Field(description="path:line in the project.")]
    fixable: Annotated[bool, Field(description="Whether an update mends it, prune included.")]


class WholeFinding(TypedDict):
    """A difference with its facts, as in the JSON report."""

    rule: str
    severity: Word
    impact: Annotated[str, Field(description="Whose code breaks: reads, writes, both or none.")]
    moved: Annotated[str, Field(description="Who moved since the last sync: database, code, both or unknown.")]
    object: dict[str, str]
    declaration: dict[str, Any] | None
    use: Annotated[dict[str, Any] | None, Field(description="Where a query mentions the object; else null.")]
    uses: Annotated[list[dict[str, Any]], Field(description="Where queries mention what the class declares.")]
    message: str
    facts: dict[str, Any]
    fixable: bool
    fingerprint: str


class Covered(TypedDict):
    """What was compared, and what was not, as in the JSON report."""

    tables: int
    enums: int
    classes: int
    models_not_compared: Annotated[int, Field(description="Models and dataclasses that map to nothing.")]
    queries: Annotated[dict[str, int], Field(description="certain, inferred, and dynamic: not checked.")]
    sql_not_checked: Annotated[int, Field(description="SQL literals that no server has judged.")]


class Checked(TypedDict):
    """Whether the code is true to the database."""

    in_sync: bool
    summary: Annotated[dict[str, int], Field(description="Findings by severity; tables and enums compared.")]
    findings: Annotated[list[BriefFinding], Field(description="Worst first.")]
    unreadable: Annotated[list[str], Field(description="Files that do not parse: what they declare is unknown.")]
    not_checked: NotChecked
    coverage: Covered
    notes: Notes
    next_cursor: NotRequired[Cursor]


class Differences(TypedDict):
    """The findings in full."""

    in_sync: Annotated[bool, Field(description="Of the whole project, whatever name was given.")]
    findings: list[WholeFinding]
    unreadable: list[str]
    not_checked: NotChecked
    coverage: Covered
    next_cursor: NotRequired[Cursor]


class UsedName(TypedDict):
    """A place where a query uses a name."""

    name: str
    exists: Annotated[bool, Field(description="Whether the database has it.")]
    at: Annotated[str, Field(description="path:line:column in the project.")]
    call: Annotated[str, Field(description="The method; empty for a key that is read from a row.")]
    function: str
    confidence: Literal["certain", "inferred"]


class Used(TypedDict):
    """Where queries use a name."""

    total: int
    uses: list[UsedName]
    not_checked: NotChecked
    notes: Notes
    next_cursor: NotRequired[Cursor]


class QueryFinding(TypedDict):
    """What is wrong with a name in a query; line and column are those of the given code."""

    rule: str
    severity: Word
    message: str
    line: int
    column: int


class QueryChecked(TypedDict):
    """Whether the queries of a piece of code are right."""

    right: bool
    queries: Annotated[int, Field(description="How many were seen.")]
    findings: list[QueryFinding]
    not_checked: NotChecked
    notes: Notes
    next_cursor: NotRequired[Cursor]


class Explained(TypedDict):
    """A rule's page."""

    rule: str
    severity: Annotated[str, Field(description="The default.")]
    page: Annotated[str, Field(description="The manual page, in Markdown.")]


class DescribedColumn(TypedDict):
    """A column, or an attribute of a composite type."""

    name: str
    type: str
    python: Annotated[str, Field(description="What an update writes for it.")]
    declared: NotRequired[
        Annotated[dict[str, str], Field(description="The type that each class has for it; ? is not known.")]
    ]
    nullable: bool
    default: NotRequired[str]
    comment: NotRequired[str]


class Described(TypedDict):
    """One object of the database, and what maps to it in the code."""

    name: str
    kind: str
    comment: NotRequired[str]
    classes: Annotated[list[str], Field(description="Python classes that map to it: Name (shape) path:line.")]
    differences: Annotated[int, Field(description="Findings about it; the tool diff tells them.")]
    columns: NotRequired[list[DescribedColumn]]
    labels: NotRequired[list[str]]
    declared: NotRequired[
        Annotated[dict[str, list[str]], Field(description="The labels that each class has; ? is not known.")]
    ]
    overloads: NotRequired[list[str]]
    base: NotRequired[Annotated[str, Field(description="A domain's base type.")]]
    constraints: NotRequired[list[str]]
    referenced_by: NotRequired[list[str]]
    indexes: NotRequired[list[str]]
    row_security: NotRequired[bool]
    policies: NotRequired[list[str]]
    triggers: NotRequired[list[str]]
    not_shown: Annotated[list[str], Field(description="What the source does not tell.")]
    next_cursor: NotRequired[Cursor]


class Listed(TypedDict):
    """Objects of one kind, a row each."""

    what: str
    total: int
    columns: list[str]
    rows: list[list[Any]]
    not_shown: list[str]
    next_cursor: NotRequired[Cursor]


class Analyzed(TypedDict):
    """Figures of the schema."""

    section: str
    totals: dict[str, int | None]
    counts: Annotated[dict[str, int | None], Field(description="Entries by section; null where not known.")]
    entries: list[Any]
    not_shown: list[str]
    next_cursor: NotRequired[Cursor]


class Proposed(TypedDict):
    """What an update would write."""

    plan: Annotated[str, Field(description="Names this very plan; pass it to update, which then writes no other.")]
    files: list[str]
    kept: Kept
    patch: Annotated[str, Field(description="Unified diff; join the parts of all pages.")]
    next_cursor: NotRequired[Cursor]


class Updated(TypedDict):
    """What an update did."""

    status: Literal["written", "nothing to write", "declined"]
    files: Annotated[list[str], Field(description="Those that were written, less the records of the sync.")]
    kept: Kept


def told(answer: dict[str, Any]) -> CallToolResult:
    """Return an answer as structured content, and as compact JSON for clients that know only text."""
    return CallToolResult(content=[TextContent(type="text", text=encoded(answer))], structured_content=answer)


def brief(finding: Finding) -> dict[str, Any]:
    """Return a ``BriefFinding``."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "object": ".".join([str(finding.subject), *(finding.subject.part or ())[1:]]),
        "message": finding.message,
        "at": str(finding.at),
        "fixable": bool(finding.edits),
    }


def outcome_of(report: Report) -> dict[str, Any]:
    """Return what every comparison tells: whether all was looked at, and is well."""
    return {
        "in_sync": report.in_sync,
        "unreadable": [f"{each.at.exact}: {each.why}" for each in report.unreadable],
        "not_checked": [*map(str, report.not_checked)],
        "coverage": msgspec.to_builtins(coverage(report)),
    }
