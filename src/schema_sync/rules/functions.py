"""Functions against the classes for their arguments and rows, and the aliases for their results."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.declarations import PyType, ResultDeclaration
from schema_sync.model.edits import Edit, RemoveItem, SetItemRequired, SetItemType, SetResultType
from schema_sync.model.findings import Severity
from schema_sync.model.pairs import ArgumentsPair, FunctionPair
from schema_sync.rules.findings import Fault, compared, named, surplus
from schema_sync.rules.new_classes import added_item, missing_columns, why_by_hand

_REASONS = {
    "type": "which the argument does not take",
    "wide": "which admits more than the argument takes",
    "required": "but NotRequired, and the argument has no default",
}
_RESULT_SEVERITIES = {"narrow": Severity.MEDIUM, "wide": Severity.LOW}


def undeclared(pair: FunctionPair) -> Iterator[Fault]:
    """Yield the fault where the arguments, the rows or the result of the function have no class."""
    if not pair.missing:
        return
    names = tuple(edit.declaration for edit in pair.missing)
    yield Fault(
        change="modified" if pair.partly else "added",
        facts=(("signature", pair.target.marker.partition(": ")[2]), ("missing", names)),
        message=f"Nothing declares {', '.join(names)} of {named(pair.target)}.",
        detail=f"Undeclared: {', '.join(names)}",
        edits=pair.missing,
    )


def result_mismatch(pair: FunctionPair) -> Iterator[Fault]:
    """Yield the fault of an alias whose type does not fit the result."""
    declared, expected = pair.declared, pair.expected
    if expected is None or not isinstance(declared, ResultDeclaration) or pair.fit == "same":
        return
    was, becomes = str(declared.type.without_none), str(expected.type.written)
    yield Fault(
        severity=_RESULT_SEVERITIES.get(pair.fit),
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


def argument_undeclared(pair: ArgumentsPair) -> Iterator[Fault]:
    """Yield a fault for each argument without an item."""
    for declared, each, expected, before in missing_columns(pair):
        required = expected.writes.required
        annotation = expected.type.written
        if not required:
            annotation = PyType(name="typing.NotRequired", args=(annotation,))
        edit = added_item(declared, each, expected, before, pair.shape)
        message = f"{declared.name} does not declare argument {expected.key} ({expected.database_type})."
        yield Fault(
            argument=expected.key,
            severity=None if required else Severity.LOW,
            facts=(
                ("type", str(annotation)),
                ("database_type", expected.database_type),
                ("required", required),
            ),
            message=message if edit else message + why_by_hand(declared, expected),
            impact=None if required else "none",
            edits=(edit,) if edit else (),
        )


def argument_removed(pair: ArgumentsPair) -> Iterator[Fault]:
    """Yield a fault for each item without an argument."""
    for declared, _, item in surplus(pair):
        yield Fault(
            argument=item.key,
            facts=(("type", str(item.type)),),
            message=f"{declared.name} declares {item.key}, but {named(pair.target)} has no such argument.",
            item=item,
            edits=(RemoveItem(path=declared.at.path, declaration=declared.name, key=item.name),),
        )


def argument_mismatch(pair: ArgumentsPair) -> Iterator[Fault]:
    """Yield a fault for each way in which an item differs from its argument."""
    for declared, each, item, expected in compared(pair):
        path, name, was = declared.at.path, declared.name, str(item.type.without_none)
        becomes = expected.type.written
        edits: dict[str, Edit] = {}
        if each.fit in {"disjoint", "wide"}:
            fault = "type" if each.fit == "disjoint" else "wide"
            edits[fault] = SetItemType(path=path, declaration=name, key=item.name, type=becomes)
        if declared.total and expected.writes.required and item.qualifier == "not_required":
            edits["required"] = SetItemRequired(path=path, declaration=name, key=item.name)
        for fault, edit in edits.items():
            yield Fault(
                argument=expected.key,
                severity=Severity.LOW if fault == "wide" else None,
                facts=(
                    ("fault", fault),
                    ("declared", was),
                    ("expected", str(becomes)),
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
