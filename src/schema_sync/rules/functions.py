"""Functions against the classes for their arguments and rows, and the aliases for their results."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.declarations import Item, PyType, ResultDeclaration, RowDeclaration
from schema_sync.model.edits import Edit, RemoveItem, SetItemRequired, SetItemType, SetResultType
from schema_sync.model.findings import Finding, Rule, Severity
from schema_sync.model.pairs import ArgumentsPair, ExpectedItem, FunctionPair, ItemPair
from schema_sync.rules.findings import compared, finding, named
from schema_sync.rules.new_classes import added_item, missing_columns, why_by_hand

_REASONS = {
    "type": "which the argument does not take",
    "wide": "which admits more than the argument takes",
    "required": "but NotRequired, and the argument has no default",
}
_RESULT_SEVERITIES = {"narrow": Severity.MEDIUM, "wide": Severity.LOW}


def undeclared(rule: Rule, pair: FunctionPair) -> Iterator[Finding]:
    """Yield the finding where the arguments, the rows or the result of the function have no class."""
    if not pair.missing:
        return
    names = tuple(edit.declaration for edit in pair.missing)
    yield finding(
        rule,
        pair,
        change="modified" if pair.partly else "added",
        facts=(("signature", pair.target.marker.partition(": ")[2]), ("missing", names)),
        message=f"Nothing declares {', '.join(names)} of {named(pair.target)}.",
        detail=f"Undeclared: {', '.join(names)}",
        edits=pair.missing,
    )


def result_mismatch(rule: Rule, pair: FunctionPair) -> Iterator[Finding]:
    """Yield the finding for an alias whose type does not fit the result."""
    declared, expected = pair.declared, pair.expected
    if expected is None or not isinstance(declared, ResultDeclaration) or pair.fit == "same":
        return
    was, becomes = str(declared.type.without_none), str(expected.type.written)
    yield finding(
        rule,
        pair,
        severity=_RESULT_SEVERITIES.get(pair.fit, rule.severity),
        facts=(
            ("declared", was),
            ("expected", becomes),
            ("fit", pair.fit),
            ("database_type", expected.database_type),
        ),
        message=(
            f"{declared.name} is {was}, but {named(pair.target)} returns {expected.database_type}:"
            f" expected {becomes}."
        ),
        detail=f"Result: {was} → {becomes}",
        impact="none" if pair.fit == "wide" else "reads",
        edits=(SetResultType(path=declared.at.path, declaration=declared.name, type=expected.type.written),),
    )


def argument_undeclared(rule: Rule, pair: ArgumentsPair) -> Iterator[Finding]:
    """Yield a finding for each argument without an item."""
    for each, before in missing_columns(pair):
        declared, expected = pair.declared, each.expected
        if declared is None or expected is None:
            continue
        required = expected.writes.required
        annotation = expected.type.written
        if not required:
            annotation = PyType(name="typing.NotRequired", args=(annotation,))
        edit = added_item(pair, declared, each, before)
        message = f"{declared.name} does not declare argument {expected.key} ({expected.database_type})."
        yield finding(
            rule,
            pair,
            argument=expected.key,
            severity=rule.severity if required else Severity.LOW,
            facts=(
                ("type", str(annotation)),
                ("database_type", expected.database_type),
                ("required", required),
            ),
            message=message if edit else message + why_by_hand(declared, expected),
            impact="writes" if required else "none",
            edits=(edit,) if edit else (),
        )


def argument_removed(rule: Rule, pair: ArgumentsPair) -> Iterator[Finding]:
    """Yield a finding for each item without an argument."""
    for each in pair.items:
        declared, item = pair.declared, each.declared
        if declared is None or item is None or each.expected is not None:
            continue
        yield finding(
            rule,
            pair,
            argument=item.key,
            facts=(("type", str(item.type)),),
            message=f"{declared.name} declares {item.key}, but {named(pair.target)} has no such argument.",
            item=item,
            edits=(RemoveItem(path=declared.at.path, declaration=declared.name, key=item.name),),
        )


def argument_mismatch(rule: Rule, pair: ArgumentsPair) -> Iterator[Finding]:
    """Yield a finding for each fault of an item."""
    for declared, each, item, expected in compared(pair):
        for fault in _faults(declared, each, item, expected):
            yield _mismatch(rule, pair, declared, item, expected, fault)


def _faults(declared: RowDeclaration, each: ItemPair, item: Item, expected: ExpectedItem) -> Iterator[str]:
    if each.fit in {"disjoint", "wide"}:
        yield "type" if each.fit == "disjoint" else "wide"
    if declared.total and expected.writes.required and item.qualifier == "not_required":
        yield "required"


def _mismatch(
    rule: Rule, pair: ArgumentsPair, declared: RowDeclaration, item: Item, expected: ExpectedItem, fault: str
) -> Finding:
    was, becomes = str(item.type.without_none), str(expected.type.written)
    path, name = declared.at.path, declared.name
    edit: Edit = SetItemType(path=path, declaration=name, key=item.name, type=expected.type.written)
    if fault == "required":
        edit = SetItemRequired(path=path, declaration=name, key=item.name)
    return finding(
        rule,
        pair,
        argument=expected.key,
        severity=Severity.LOW if fault == "wide" else rule.severity,
        facts=(
            ("fault", fault),
            ("declared", was),
            ("expected", becomes),
            ("database_type", expected.database_type),
        ),
        message=(
            f"{name}.{item.key} is {was}, {_REASONS[fault]}: {expected.key} of {named(pair.target)}"
            f" is {expected.database_type}."
        ),
        detail="required" if fault == "required" else f"{was} → {becomes}",
        item=item,
        edits=(edit,),
    )
