"""Findings grouped by database object, as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from schema_sync.model.base import Value
from schema_sync.model.declarations import Location
from schema_sync.model.findings import Change, Finding, QueryUse, Report, Severity, Subject
from schema_sync.reports.base import Part, Styled, styled
from schema_sync.rules.findings import label_text, name_text

_RANKS = {"enum": 0, "function": 2, "schema": 3}  # relations are 1
_WORDS = {"added": "Added", "removed": "Removed", "modified": "Changed"}
_CHANGES: tuple[Change, ...] = ("modified", "added", "removed")


class Block(Value, frozen=True, kw_only=True):
    """All findings on one object. ``lines`` are label and text, such as "Added columns: a, b".

    Of queries that mention the object (``is_query``) the lines name the places too.
    """

    subject: Subject
    name: str
    change: Change
    severity: Severity
    lines: tuple[Styled, ...]
    findings: tuple[Finding, ...]
    is_query: bool = False


def blocks(report: Report, first_schema: str) -> tuple[Block, ...]:
    """Return the blocks: enums, relations, functions, queries; each modified, added, removed; then by name.

    An object of *first_schema* goes by its bare name, others by schema.name.
    """

    def of_object(finding: Finding) -> tuple[bool, str, str, str]:
        s = finding.subject
        return finding.use is not None, s.kind, s.schema, s.name

    ordered = sorted(report.findings, key=of_object)
    made = [_block(tuple(group), first_schema) for _, group in groupby(ordered, of_object)]
    made.sort(key=lambda b: (b.is_query, _RANKS.get(b.subject.kind, 1), _CHANGES.index(b.change), b.name))
    return tuple(made)


def _block(findings: tuple[Finding, ...], first_schema: str) -> Block:
    s, is_query = findings[0].subject, findings[0].use is not None
    whole = [] if is_query else [f for f in findings if f.subject.part is None]
    change: Change = "modified"
    for finding in whole:
        change = finding.change if finding.change != "modified" else change
    return Block(
        subject=Subject(kind=s.kind, schema=s.schema, name=s.name),
        name=s.name if s.schema == first_schema else str(s),
        change=change,
        severity=max(f.severity for f in findings),
        lines=tuple(_query_lines(findings) if is_query else _lines(findings, whole)),
        findings=findings,
        is_query=is_query,
    )


def _lines(findings: tuple[Finding, ...], whole: list[Finding]) -> Iterator[Styled]:
    yield from map(styled, _listed(findings, "label", "values"))
    yield from map(styled, _listed(findings, "column", "columns"))
    yield from map(styled, _listed(findings, "argument", "arguments"))
    yield from map(styled, dict.fromkeys(f.detail for f in whole if f.detail))
    yield from places_of_uses(findings)


def _query_lines(findings: tuple[Finding, ...]) -> Iterator[Styled]:
    """Yield for each rule what it finds, and the places by file."""
    by_rule = sorted(findings, key=lambda each: each.rule)
    for rule, group in groupby(by_rule, lambda each: each.rule):
        found = sorted(group, key=lambda each: each.at)
        names = list(dict.fromkeys(name for each in found for name in _wrong_names(each)))
        title = rule.replace("-", " ").capitalize().replace("sql", "SQL")
        plural = "s" if len(names) > 1 and not title.endswith("SQL") else ""
        yield styled(f"{title}{plural}: {', '.join(names)}" if names else f"{title}{_suggestion(found[0])}")
        yield from map(styled, _places(each.at for each in found))


def places_of_uses(findings: tuple[Finding, ...]) -> Iterator[Styled]:
    """Yield the places of queries that break, as what they name is gone or has another name."""
    gone = [finding for finding in findings if finding.change == "removed" or finding.fact("renamed_from")]
    yield from (styled("Used in ", place) for place in _places(use for finding in gone for use in finding.uses))


def _places(found: Iterable[Location | QueryUse]) -> Iterator[Part]:
    """Yield for each file its path and the lines: ``billing/checkout.py:159, 170``."""
    for path, there in groupby(sorted(found, key=lambda each: (each.path, each.line)), lambda each: each.path):
        yield Part(f"{path}:{', '.join(dict.fromkeys(str(each.line) for each in there))}", path=path)


def _wrong_names(finding: Finding) -> tuple[str, ...]:
    """Return the names that a finding in a query is about; none if it is about the object itself."""
    if finding.subject.part is not None:
        return (f"{name_text(finding.detail)}{_suggestion(finding)}",)
    names = finding.fact("names")
    return tuple(map(name_text, names)) if isinstance(names, tuple) else ()


def _suggestion(finding: Finding) -> str:
    nearest = finding.fact("nearest")
    return f" (did you mean {name_text(nearest)}?)" if isinstance(nearest, str) else ""


def _listed(findings: tuple[Finding, ...], grain: str, plural: str) -> Iterator[str]:
    for change, word in _WORDS.items():
        named: dict[str, list[str]] = {}
        for finding in findings:
            name = getattr(finding.subject, grain)
            if name is not None and finding.change == change:
                details = named.setdefault(label_text(name) if grain == "label" else name_text(name), [])
                details += [finding.detail] if finding.detail and finding.detail not in details else []
        if named:
            shown = [f"{name} ({', '.join(details)})" if details else name for name, details in named.items()]
            yield f"{word} {plural}: {', '.join(shown)}"
