"""Columns against the items of the classes that map to their table, view or composite type."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from schema_sync.model.declarations import Item
from schema_sync.model.edits import AddItem, RemoveItem, RenameItem, SetItemNullable, SetItemRequired
from schema_sync.model.findings import Impact, Severity
from schema_sync.model.pairs import ExpectedItem, Fit, RowPair
from schema_sync.rules.findings import Fault, compared, name_text, named, surplus
from schema_sync.rules.new_classes import added_item, missing_columns, why_by_hand, written

_PINNED = " A validator or serializer names the field: remove both by hand."
_PLACED = " Code calls the class by position: change the calls, and remove the field by hand."
_SHARED = " Other tables' classes inherit it too."
_BY_HAND = " Take its default away by hand."
_IMPACTS: dict[Fit, tuple[Impact, Severity]] = {
    "disjoint": ("both", Severity.HIGH),
    "narrow": ("reads", Severity.MEDIUM),
    "wide": ("none", Severity.LOW),
}
_IMPACTS_ON_WRITES: dict[Fit, tuple[Impact, Severity]] = {
    "disjoint": ("writes", Severity.HIGH),
    "wide": ("writes", Severity.MEDIUM),
}
_REASONS: dict[Fit, str] = {
    "disjoint": "admits none of the values",
    "narrow": "refuses values that can come",
    "wide": "admits values that never come",
}


def undeclared(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each column without an item, but for those that ``required_undeclared`` yields."""
    return _undeclared(pair, required=False) if pair.asked else iter(())


def required_undeclared(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each column that the class's inserts cannot leave out."""
    return _undeclared(pair, required=True)


def _undeclared(pair: RowPair, *, required: bool) -> Iterator[Fault]:
    row = pair.shape == "row"
    for declared, each, column, before in missing_columns(pair):
        if required != (not row and column.demanded(pair.shape)):
            continue
        edit = added_item(declared, each, column, before, pair.shape)
        severity = None if row or required else Severity.LOW
        impact: Impact = "writes" if column.writes.required and pair.shape != "update" else "none"
        message = f"{declared.name} does not declare column {column.key} ({column.database_type})"
        message += f", which an {pair.shape} has to give." if required else "."
        if row and declared.closed:
            severity, impact = Severity.HIGH, "both" if column.writes.required else "reads"
            message += " It forbids extra keys: every row that has the column is refused."
        annotation = edit.type if edit else written(column)
        yield Fault(
            column=column.key,
            severity=severity,
            facts=(("type", str(annotation)), ("database_type", column.database_type)),
            message=message if edit else message + why_by_hand(declared, column),
            several=f"are not declared by {declared.name}." if edit and row and not declared.closed else "",
            impact=impact,
            edits=(edit,) if edit else (),
        )


def removed(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each item without a column."""
    for declared, each, item in surplus(pair):
        field = item.field
        reasons = {
            _PINNED: field is not None and field.pinned,
            _PLACED: field is not None and not field.keyword and declared.made.placed,
            _SHARED: each.shared,
        }
        why = "".join(reason for reason, holds in reasons.items() if holds)
        edit = RemoveItem(path=item.at.path, declaration=item.owner, key=item.name)
        yield Fault(
            column=item.key,
            facts=(("type", str(item.type)),),
            message=f"{declared.name} declares {item.key}, but {named(pair.target)} has no such column.{why}",
            several="" if why else f"are declared by {declared.name}, but no columns of {named(pair.target)}.",
            at=item.at,
            edits=() if why else (edit,),
        )


def renamed(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each item that has its column's former name."""
    for declared, each, item, column in compared(pair):
        former = each.renamed_from
        if former is None:
            continue
        edit = _renaming(item, column.key, each.new)
        writable = not each.shared and (declared.form != "class" or column.in_class)
        yield Fault(
            column=column.key,
            facts=(("renamed_from", former),),
            message=f"{declared.name} declares {former}, which {named(pair.target)} now calls {column.key}.",
            detail=f"renamed from {name_text(former)}",
            at=item.at,
            edits=(edit,) if writable and edit else (),
        )


def _renaming(item: Item, column: str, new: AddItem | None) -> RenameItem | None:
    edit = RenameItem(path=item.at.path, declaration=item.owner, key=item.name, new_key=item.name, alias=column)
    if item.field is None:
        return replace(edit, new_key=column, alias=None)
    if item.field.aliased:
        return replace(edit, former=item.key)
    if new is None or item.field.pinned:
        return edit if new else None
    return replace(edit, new_key=new.key, alias=new.alias)


def not_required(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each NotRequired item of a total class."""
    for declared, _, item, column in compared(pair) if pair.shape == "row" and not pair.partial else ():
        if not declared.total or item.qualifier != "not_required":
            continue
        edit = SetItemRequired(path=declared.at.path, declaration=declared.name, key=item.name)
        yield Fault(
            column=column.key,
            message=f"{declared.name}.{item.key} is NotRequired, but every row of {named(pair.target)} has it.",
            several=f"are NotRequired in {declared.name}, but every row of {named(pair.target)} has them.",
            detail="always present",
            item=item,
            edits=(edit,),
        )


def required_optional(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each item that may be missing where its column may not."""
    for declared, _, item, column in compared(pair) if pair.shape != "row" else ():
        given = item.field is not None and item.field.default == "value"  # which the class then gives
        if item.required or given or not column.demanded(pair.shape):
            continue
        edit = SetItemRequired(
            path=declared.at.path, declaration=declared.name, key=item.name, marked=not declared.total
        )
        yield Fault(
            column=column.key,
            message=(
                f"{declared.name}.{item.key} may be left out, but an insert into {named(pair.target)} has to give"
                f" column {column.key} ({column.database_type}).{_BY_HAND if item.field is not None else ''}"
            ),
            detail="required on insert",
            item=item,
            edits=() if item.field else (edit,),
        )


def not_writable(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each item whose column the server alone fills."""
    if pair.partial or pair.expected is None or pair.shape not in pair.expected.shapes:
        return
    for declared, _, item, column in compared(pair):
        if column.belongs(pair.shape):
            continue
        edit = RemoveItem(path=declared.at.path, declaration=declared.name, key=item.name)
        pinned = item.field is not None and item.field.pinned
        yield Fault(
            column=column.key,
            facts=(("type", str(item.type)), ("shape", pair.shape)),
            message=(
                f"{declared.name} declares {item.key}, but {named(pair.target)} takes no value for it:"
                f" the database computes it.{_PINNED if pinned else ''}"
            ),
            detail=f"takes no value on {pair.shape}",
            item=item,
            edits=() if pinned else (edit,),
        )


# ---- types


def type_mismatch(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each item whose value type does not fit."""
    impacts = _IMPACTS if pair.shape == "row" else _IMPACTS_ON_WRITES
    for declared, each, item, column in compared(pair):
        if not (pair.partial or column.belongs(pair.shape)):
            continue
        for mend in each.mends:
            fit, was, becomes = mend.fit, str(item.type.without_none), str(mend.becomes)
            if fit not in impacts:
                continue
            impact, severity = impacts[fit]
            reads = pair.shape == "row" or fit == "disjoint"
            reason = _REASONS[fit] if reads else "admits values beyond those"
            yield Fault(
                column=column.key,
                severity=severity,
                facts=(
                    ("declared", was),
                    ("expected", becomes),
                    ("fit", fit),
                    ("database_type", column.database_type),
                ),
                message=(
                    f"{declared.name}.{item.key} is {was}, which {reason}"
                    f" of column {column.key} ({column.database_type}): expected {becomes}."
                ),
                detail=f"{was} → {becomes}",
                impact=impact,
                at=item.at,
                edits=mend.edits,
            )


# ---- nullability


def nullability_mismatch(pair: RowPair) -> Iterator[Fault]:
    """Yield a fault for each item whose None does not fit the column."""
    writes = pair.shape != "row"
    for declared, each, item, column in compared(pair):
        if not column.belongs(pair.shape):
            continue
        missing = column.nullable and not each.admits_none and not writes
        missing = missing and not (pair.partial and column.writes.filled)  # null only where somebody writes it
        meant = item.field is not None and item.field.default == "none"
        surplus = not column.nullable and column.null_free and each.says_none and not meant
        surplus = surplus and not pair.partial and not (writes and column.writes.supplied)
        if not missing and not surplus:
            continue
        edit = SetItemNullable(
            path=declared.at.path, declaration=declared.name, key=item.name, nullable=column.nullable
        )
        reason = (
            "can be null, but the annotation refuses None" if missing else "is never null, but None is admitted"
        )
        several = f"can be null, but {declared.name} refuses None."
        yield Fault(
            column=column.key,
            severity=_severity_of_null(column, missing=missing, writes=writes),
            facts=(("nullable", column.nullable), ("database_type", column.database_type)),
            message=f"{declared.name}.{item.key}: column {column.key} ({column.database_type}) {reason}.",
            several=several if missing else f"are never null, but {declared.name} admits None.",
            detail="null possible" if missing else "never null",
            impact="reads" if missing else "writes",
            item=item,
            edits=(edit,),
        )


def _severity_of_null(column: ExpectedItem, *, missing: bool, writes: bool) -> Severity:
    """Return how bad it is: a default that is not null makes nulls rare."""
    if writes:
        return Severity.HIGH
    if missing:
        return Severity.MEDIUM if column.writes.filled else Severity.HIGH
    return Severity.LOW
