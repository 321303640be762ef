"""The rules on names that queries mention: each makes findings of one kind of fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from schema_sync.model.declarations import Location
from schema_sync.model.faults import FaultKind, Mentioned, QueryFault
from schema_sync.model.findings import Fact, Finding, QueryUse, Rule, Subject
from schema_sync.rules.findings import listed

_PARTS: dict[FaultKind, str] = {
    "no_column": "column",
    "not_writable": "column",
    "key_not_selected": "column",
    "wrong_literal": "column",
    "no_argument": "argument",
    "argument_missing": "argument",
    "no_label": "label",
    "no_relationship": "target",
    "several_relationships": "target",
}
"""What the part of a fault is of its object."""


def of(kind: FaultKind) -> Callable[[Rule, QueryFault], Iterator[Finding]]:
    """Return the check of a rule that finds faults of *kind*."""

    def check(rule: Rule, fault: QueryFault) -> Iterator[Finding]:
        if fault.kind == kind:
            yield _finding(rule, fault)

    return check


def _finding(rule: Rule, fault: QueryFault) -> Finding:
    query, span = fault.query, fault.place.span
    parts = {_PARTS[fault.kind]: fault.part} if fault.kind in _PARTS else {}
    if fault.column:
        parts["column"] = fault.column
    facts: dict[str, Fact] = {"names": fault.names, "nearest": fault.nearest, "why": fault.detail}
    suggestion = f" Did you mean {fault.nearest}?" if fault.nearest else ""
    return Finding(
        rule=rule.id,
        subject=Subject(kind=fault.object_kind, schema=fault.schema, name=fault.name, **parts),
        change=rule.change,
        impact="reads" if query.verb == "select" and rule.impact == "both" else rule.impact,
        severity=rule.severity,
        facts=tuple((name, value) for name, value in facts.items() if value),
        message=f"{_MESSAGES[fault.kind](fault)}.{suggestion}",
        detail=fault.part or listed(fault.names),
        at=Location(path=query.path, line=span.line, column=span.column),
        use=use_of(fault),
    )


def use_of(found: Mentioned) -> QueryUse:
    """Return the place and the circumstances of a mention, as reports have them."""
    span = found.place.span
    return QueryUse(
        path=found.query.path,
        line=span.line,
        column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
        call=found.call,
        function=found.query.function,
        confidence="certain" if found.certain else "inferred",
        call_line=found.query.span.line,
        call_end_line=found.query.span.end_line,
    )


def _object(fault: QueryFault) -> str:
    return f"{fault.object_kind} {fault.schema}.{fault.name}"


def _no_label(fault: QueryFault) -> str:
    return f"'{fault.part}' is not a value of {_object(fault)}.{fault.column}: {listed(fault.names)}"


def _several(fault: QueryFault) -> str:
    ways = listed(fault.names)
    return f"several relationships join {_object(fault)} and {fault.part} ({ways}): name one, as {fault.part}!name"


_MESSAGES: dict[FaultKind, Callable[[QueryFault], str]] = {
    "no_table": lambda fault: fault.detail or f"{_object(fault)} does not exist",
    "no_column": lambda fault: f"{_object(fault)} has no column {fault.part}",
    "no_function": lambda fault: fault.detail or f"{_object(fault)} does not exist",
    "no_argument": lambda fault: f"{_object(fault)} has no argument {fault.part}",
    "argument_missing": lambda fault: f"{_object(fault)} requires the argument {fault.part}",
    "no_relationship": lambda fault: f"no foreign key joins {_object(fault)} and {fault.part}",
    "several_relationships": _several,
    "not_writable": lambda fault: f"{_object(fault)}.{fault.part} {fault.detail}: it cannot be written",
    "no_label": _no_label,
    "key_missing": lambda fault: f"a row of {_object(fault)} requires {listed(fault.names)}",
    "no_unique_constraint": lambda fault: f"nothing makes {listed(fault.names)} unique in {_object(fault)}",
    "wrong_literal": lambda fault: f"{_object(fault)}.{fault.part}: {fault.detail}",
    "not_parsed": lambda fault: f"PostgREST cannot parse this query of {_object(fault)}: {fault.detail}",
    "unknown_to_server": lambda fault: f"PostgreSQL reports: {fault.detail}",
    "key_not_selected": lambda fault: f"the query of {_object(fault)} does not select {fault.part}",
}
