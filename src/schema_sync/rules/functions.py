"""Functions against the classes for their arguments and rows, and the aliases for their results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.declarations import PyType, ResultDeclaration, RowDeclaration
from schema_sync.model.edits import (
    AddItem,
    AddResult,
    AddRow,
    NewItem,
    RemoveDeclaration,
    RemoveItem,
    SetItemRequired,
    SetItemType,
    SetResultType,
)
from schema_sync.model.findings import Severity
from schema_sync.rules.findings import finding, named
from schema_sync.rules.new_classes import NOT_IN_TYPEDDICT, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import Item
    from schema_sync.model.edits import Edit
    from schema_sync.model.findings import Finding, Rule
    from schema_sync.model.pairs import ExpectedFunction, ExpectedItem, FunctionPair, ItemPair, NewPart

_REASONS = {
    "type": "which the argument does not take",
    "wide": "which admits more than the argument takes",
    "required": "but NotRequired, and the argument has no default",
}
_RESULT_SEVERITIES = {"narrow": Severity.MEDIUM, "wide": Severity.LOW}


def undeclared(rule: Rule, pair: FunctionPair) -> Iterator[Finding]:
    """Yield the finding where the arguments, the rows or the result of the function have no class."""
    expected, target = pair.expected, pair.target
    if expected is None or not expected.missing:
        return
    names = tuple(part.class_name for part in expected.missing)
    yield finding(
        rule,
        pair,
        change="modified" if pair.parts else "added",
        facts=(("signature", target.marker.partition(": ")[2]), ("missing", names)),
        message=f"Nothing declares {', '.join(names)} of {named(target)}.",
        detail=f"Undeclared: {', '.join(names)}",
        impact="none",
        edits=tuple(_new_part(expected, part) for part in expected.missing),
    )


def _new_part(expected: ExpectedFunction, part: NewPart) -> AddRow | AddResult:
    path, name, marker = expected.target.path, part.class_name, part.marker
    if part.role == "result":
        return AddResult(path=path, declaration=name, marker=marker, type=expected.result.type.written)
    if part.role == "rows":
        items = [NewItem(key=column.key, type=written(column)) for column in expected.columns]
    else:
        items = [NewItem(key=each.key, type=_argument(each)) for each in expected.arguments]
    return AddRow(path=path, declaration=name, marker=marker, items=tuple(items))


def removed(rule: Rule, pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each class of a function that is gone."""
    for part in pair.parts if pair.expected is None else ():
        declared = part.declared
        yield finding(
            rule,
            pair,
            declared,
            change="removed",
            facts=(("class", declared.name),),
            message=f"{declared.name} maps to {named(pair.target)}, which is not in the database.",
            impact="both",
            edits=(RemoveDeclaration(path=declared.at.path, declaration=declared.name),),
        )


def result_mismatch(rule: Rule, pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each alias whose type does not fit the result."""
    if pair.expected is None:
        return
    expected = pair.expected.result
    for part in pair.parts:
        declared = part.declared
        if not isinstance(declared, ResultDeclaration) or part.fit == "same":
            continue
        was, becomes = str(declared.type.without_none), str(expected.type.written)
        yield finding(
            rule,
            pair,
            declared,
            severity=_RESULT_SEVERITIES.get(part.fit, rule.severity),
            change="modified",
            facts=(
                ("declared", was),
                ("expected", becomes),
                ("fit", part.fit),
                ("database_type", expected.database_type),
            ),
            message=(
                f"{declared.name} is {was}, but {named(pair.target)} returns {expected.database_type}:"
                f" expected {becomes}."
            ),
            detail=f"Result: {was} → {becomes}",
            impact="none" if part.fit == "wide" else "reads",
            edits=(SetResultType(path=declared.at.path, declaration=declared.name, type=expected.type.written),),
        )


def argument_undeclared(rule: Rule, pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each argument without an item."""
    for declared, items in _arguments(pair):
        before: str | None = None
        for each in items:
            if each.expected is not None:
                if each.declared is None:
                    yield _undeclared_argument(rule, pair, declared, each.expected, before)
                before = each.expected.key


def _undeclared_argument(
    rule: Rule, pair: FunctionPair, declared: RowDeclaration, expected: ExpectedItem, before: str | None
) -> Finding:
    annotation = _argument(expected)
    writable = declared.form == "functional" or expected.in_class
    edit = AddItem(
        path=declared.at.path, declaration=declared.name, key=expected.key, type=annotation, after=before
    )
    message = f"{declared.name} does not declare argument {expected.key} ({expected.database_type})."
    return finding(
        rule,
        pair,
        declared,
        argument=expected.key,
        severity=rule.severity if expected.writes.required else Severity.LOW,
        change="added",
        facts=(
            ("type", str(annotation)),
            ("database_type", expected.database_type),
            ("required", expected.writes.required),
        ),
        message=message if writable else message + NOT_IN_TYPEDDICT,
        impact="writes" if expected.writes.required else "none",
        edits=(edit,) if writable else (),
    )


def argument_removed(rule: Rule, pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each item without an argument."""
    for part in pair.parts:
        declared = part.declared
        for each in part.items:
            item = each.declared
            if item is None or each.expected is not None:
                continue
            yield finding(
                rule,
                pair,
                declared,
                argument=item.key,
                change="removed",
                facts=(("type", str(item.type)),),
                message=f"{declared.name} declares {item.key}, but {named(pair.target)} has no such argument.",
                impact="writes",
                item=item,
                edits=(RemoveItem(path=declared.at.path, declaration=declared.name, key=item.key),),
            )


def argument_mismatch(rule: Rule, pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each fault of an item."""
    for declared, items in _arguments(pair):
        for each in items:
            if each.declared is not None and each.expected is not None:
                for fault in _faults(declared, each, each.declared, each.expected):
                    yield _mismatch(rule, pair, declared, each.declared, each.expected, fault)


def _faults(declared: RowDeclaration, each: ItemPair, item: Item, expected: ExpectedItem) -> Iterator[str]:
    if each.fit in {"disjoint", "wide"}:
        yield "type" if each.fit == "disjoint" else "wide"
    if declared.total and expected.writes.required and item.qualifier == "not_required":
        yield "required"


def _mismatch(
    rule: Rule, pair: FunctionPair, declared: RowDeclaration, item: Item, expected: ExpectedItem, fault: str
) -> Finding:
    was, becomes = str(item.type.without_none), str(expected.type.written)
    path, name = declared.at.path, declared.name
    edit: Edit = SetItemType(path=path, declaration=name, key=item.key, type=expected.type.written)
    if fault == "required":
        edit = SetItemRequired(path=path, declaration=name, key=item.key)
    return finding(
        rule,
        pair,
        declared,
        argument=expected.key,
        severity=Severity.LOW if fault == "wide" else rule.severity,
        change="modified",
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
        impact="writes",
        item=item,
        edits=(edit,),
    )


def _arguments(pair: FunctionPair) -> Iterator[tuple[RowDeclaration, tuple[ItemPair, ...]]]:
    """Yield the classes for the function's arguments, each with its items."""
    for part in pair.parts:
        if isinstance(part.declared, RowDeclaration):
            yield part.declared, part.items


def _argument(item: ExpectedItem) -> PyType:
    """Return the annotation for an argument: NotRequired where it has a default."""
    type_ = item.type.written
    return type_ if item.writes.required else PyType(name="typing.NotRequired", args=(type_,))
