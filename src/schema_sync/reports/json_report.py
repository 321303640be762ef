"""The JSON report as structs: a contract for scripts and agents. Its JSON Schema is derived from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schema_sync.model.base import Value
from schema_sync.model.catalog import ObjectKind
from schema_sync.model.findings import (
    Fact,
    Finding,
    How,
    Impact,
    Moved,
    Note,
    Proposal,
    QueryUse,
    Report,
    Role,
    Severity,
    Word,
)

Count = Annotated[int, Meta(ge=0)]
Line = Annotated[int, Meta(ge=1)]


class Source(Value, frozen=True, kw_only=True):
    """Where the schema was read."""

    kind: str
    describe: Annotated[str, Meta(description="Credentials are left out.")]


class Severities(Value, frozen=True, kw_only=True):
    """How many there are of each severity."""

    critical: Count
    high: Count
    medium: Count
    low: Count


class Summary(Severities, frozen=True, kw_only=True):
    """The findings by severity, and what was compared."""

    tables: Count
    enums: Count


class Object(Value, frozen=True, kw_only=True):
    """The database object that a finding is about, down to its part."""

    kind: ObjectKind | Literal["schema"]
    schema: str
    name: str
    column: str | UnsetType = UNSET
    label: str | UnsetType = UNSET
    argument: str | UnsetType = UNSET
    target: str | UnsetType = UNSET


class Declaration(Value, frozen=True, kw_only=True):
    """The class concerned."""

    name: str
    path: str
    line: Line


class UseObject(Value, frozen=True, kw_only=True):
    """The place where a query mentions the object."""

    path: str
    line: Line
    column: Line
    end_line: Line
    end_column: Line
    call: str
    function: str
    confidence: Literal["certain", "inferred"]


class Migrations(Value, frozen=True, kw_only=True):
    """The migrations of the repository beside those that the database records as applied."""

    folder: str
    files: Count
    known: Annotated[bool, Meta(description="False if it cannot be told which are applied; `why` then states it.")]
    pending: Annotated[tuple[str, ...], Meta(description="Files that the database does not record, in order.")]
    unknown: Annotated[tuple[str, ...], Meta(description="Versions that the database records and no file has.")]
    why: str
    late: Annotated[
        bool, Meta(description="Whether a pending file is older than one applied: `db push` needs --include-all.")
    ]


class FindingObject(Value, frozen=True, kw_only=True):
    """One difference."""

    rule: Annotated[str, Meta(pattern="^[a-z]+(-[a-z]+)+$")]
    severity: Word
    impact: Impact
    moved: Moved
    object: Object
    declaration: Declaration | None
    use: UseObject | None
    uses: Annotated[tuple[UseObject, ...], Meta(description="Where queries mention what the code declares.")]
    message: str
    facts: dict[str, Fact]
    migration: Annotated[
        str | UnsetType, Meta(description="A file that names the object and is not applied to the database yet.")
    ] = UNSET
    fixable: bool
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{12}$")]


class BindingObject(Value, frozen=True, kw_only=True):
    """A class and the database object that it maps to."""

    declaration: str
    path: str
    object: str
    shape: Role
    how: How


class ProposalObject(Value, frozen=True, kw_only=True):
    """A class that maps to nothing, and whose fields look like a table's columns. Nothing is bound by it."""

    declaration: str
    path: str
    line: Line
    objects: Annotated[
        tuple[str, ...], Meta(description="The table or view; several where the class fits them equally well.")
    ]
    columns: Annotated[Count, Meta(description="How many of its fields are columns there.")]
    fields: Count
    key: Annotated[str, Meta(description="What the configuration calls the class under `bindings`.")]
    values: Annotated[
        tuple[str, ...],
        Meta(description="What binds it to each of `objects`; an empty text silences the proposal."),
    ]


class Unmatched(Value, frozen=True, kw_only=True):
    """A class that maps to nothing in the database."""

    declaration: str
    path: str
    line: Line


class Queries(Value, frozen=True, kw_only=True):
    """Calls of Supabase by how they name their table or function."""

    certain: Count
    inferred: Annotated[Count, Meta(description="The name reaches the call through variables or functions.")]
    dynamic: Annotated[Count, Meta(description="The name is computed at run time, so nothing is checked.")]


class Coverage(Value, frozen=True, kw_only=True):
    """What was compared, and what was not."""

    tables: Annotated[Count, Meta(description="Tables that have or need a class; no views.")]
    enums: Annotated[Count, Meta(description="Enum types that have or need a class.")]
    classes: Count
    models_not_compared: Annotated[Count, Meta(description="Pydantic models and dataclasses that map to nothing.")]
    queries: Queries
    sql_not_checked: Annotated[Count, Meta(description="SQL literals that no server has judged.")]


class ReportDocument(Value, frozen=True, kw_only=True):
    """The document that `schema-sync check --format json` prints."""

    format_version: Literal[1]
    in_sync: Annotated[bool, Meta(description="True if all was read and nothing differs.")]
    source: Source
    db_hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    summary: Summary
    coverage: Coverage
    migrations: Annotated[
        Migrations | UnsetType, Meta(description="Where a database and the repository's migrations were read.")
    ] = UNSET
    findings: tuple[FindingObject, ...]
    bindings: tuple[BindingObject, ...]
    unmatched: tuple[Unmatched, ...]
    proposals: tuple[ProposalObject, ...]
    not_checked: tuple[Note, ...]
    suppressed: Count


def document(report: Report) -> ReportDocument:
    """Return the report as the contract has it."""
    return ReportDocument(
        format_version=1,
        in_sync=report.in_sync,
        source=Source(kind=report.source_kind, describe=report.source),
        db_hash=report.db_hash,
        summary=summary(report),
        coverage=coverage(report),
        migrations=_migrations(report),
        findings=tuple(map(finding_object, report.findings)),
        bindings=tuple(
            BindingObject(
                declaration=b.declaration.name,
                path=b.declaration.at.path,
                object=str(b.object),
                shape=b.role,
                how=b.how,
            )
            for b in report.bindings
        ),
        unmatched=tuple(Unmatched(declaration=n, path=at.path, line=at.line) for n, at in report.unmatched),
        proposals=tuple(map(_proposal, report.proposals)),
        not_checked=report.unchecked,
        suppressed=report.suppressed,
    )


def _proposal(proposal: Proposal) -> ProposalObject:
    declared = proposal.declaration
    return ProposalObject(
        declaration=declared.name,
        path=declared.at.path,
        line=declared.at.line,
        objects=tuple(map(str, proposal.objects)),
        columns=proposal.columns,
        fields=len(declared.items),
        key=proposal.key,
        values=proposal.stated,
    )


def summary(report: Report) -> Summary:
    """Return the number of findings by severity, and of what was compared."""
    return Summary(
        **{severity.word: report.count(severity) for severity in Severity},
        tables=report.tables,
        enums=report.enums,
    )


def _migrations(report: Report) -> Migrations | UnsetType:
    state = report.migrations
    return UNSET if state is None else Migrations(**msgspec.structs.asdict(state), known=not state.why)


def coverage(report: Report) -> Coverage:
    """Return what was compared, and what was not."""
    tables, enums, classes = report.compared
    return Coverage(
        tables=tables,
        enums=enums,
        classes=classes,
        models_not_compared=report.models_not_compared,
        queries=Queries(**msgspec.structs.asdict(report.queries)),
        sql_not_checked=report.sql_not_checked,
    )


def finding_object(finding: Finding) -> FindingObject:
    """Return a finding as it stands in the documents."""
    declaration = None
    if finding.declaration is not None:
        declaration = Declaration(name=finding.declaration, path=finding.at.path, line=finding.at.line)
    return FindingObject(
        rule=finding.rule,
        severity=finding.severity.word,
        impact=finding.impact,
        moved=finding.moved,
        object=Object(**msgspec.to_builtins(finding.subject)),
        declaration=declaration,
        use=_use(finding.use) if finding.use is not None else None,
        uses=tuple(map(_use, finding.uses)),
        message=finding.message,
        facts=dict(finding.facts),
        migration=finding.migration or UNSET,
        fixable=bool(finding.edits),
        fingerprint=finding.fingerprint,
    )


def _use(use: QueryUse) -> UseObject:
    return UseObject(**use_document(use))


def use_document(use: QueryUse) -> dict[str, Any]:
    """Return a use as it stands in documents."""
    stated = msgspec.structs.asdict(use)
    for internal in ("occurrence", "call_line", "call_end_line"):
        del stated[internal]
    return stated
