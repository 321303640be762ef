"""The types of columns against the annotations of their items, None apart."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.declarations import MODELS, Item, PyType, RowDeclaration
from schema_sync.model.edits import AddMember, Edit, RemoveMember, SetItemType, SetResultType
from schema_sync.model.findings import Finding, Impact, Rule, Severity
from schema_sync.model.pairs import ExpectedItem, Fit, ItemPair, Listed, RowPair
from schema_sync.rules.findings import compared, finding

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


def mismatch(rule: Rule, pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each item whose value type does not fit."""
    impacts = _IMPACTS if pair.shape == "row" else _IMPACTS_ON_WRITES
    for declared, each, item, column in compared(pair):
        if not column.belongs(pair.shape):
            continue
        for fit, becomes, edits in _mended(each, item, column, declared):
            if fit not in impacts:
                continue
            impact, severity = impacts[fit]
            was, name = str(item.type.without_none), declared.name
            reads = pair.shape == "row" or fit == "disjoint"
            reason = _REASONS[fit] if reads else "admits values beyond those"
            yield finding(
                rule,
                pair,
                column=column.key,
                severity=severity,
                facts=(
                    ("declared", was),
                    ("expected", becomes),
                    ("fit", fit),
                    ("database_type", column.database_type),
                ),
                message=(
                    f"{name}.{item.key} is {was}, which {reason}"
                    f" of column {column.key} ({column.database_type}): expected {becomes}."
                ),
                detail=f"{was} → {becomes}",
                impact=impact,
                at=item.at,
                edits=edits,
            )


def _mended(
    each: ItemPair, item: Item, column: ExpectedItem, declared: RowDeclaration
) -> Iterator[tuple[Fit, str, tuple[Edit, ...]]]:
    """Yield how an item misses its column, what is expected, and the edits that mend it."""
    if each.listed is not None:
        yield from _labels(each.listed)
        return
    if each.literal is not None and each.alias:
        path, _, alias = each.alias.rpartition(":")
        yield each.fit, str(each.literal), (SetResultType(path=path, declaration=alias, type=each.literal),)
        return
    type_ = each.literal or _replacement(column, item, declared)
    edit = SetItemType(path=declared.at.path, declaration=declared.name, key=item.name, type=type_)
    fixed = not (item.inherited or (item.field and item.field.constrained))
    yield each.fit, str(type_), (edit,) if fixed else ()


def _labels(listed: Listed) -> Iterator[tuple[Fit, str, tuple[Edit, ...]]]:
    """Yield what an Enum class or Literal alias lacks of the column's labels, and what it has beyond them."""
    path, name = listed.declared.at.path, listed.declared.name
    expected = str(PyType(name="Literal", literals=listed.labels))
    before = dict(zip(listed.labels, (None, *listed.labels), strict=False))
    if listed.missing:
        added = (AddMember(path=path, declaration=name, label=x, after=before[x]) for x in listed.missing)
        yield "narrow", expected, tuple(added)
    if listed.surplus:
        yield "wide", expected, tuple(RemoveMember(path=path, declaration=name, label=x) for x in listed.surplus)


def _replacement(column: ExpectedItem, item: Item, declared: RowDeclaration) -> PyType:
    """Return the type to write: a model converts to a richer one, a strict one makes no member of an Enum."""
    type_ = column.type
    if item.field and item.field.strict and declared.form in MODELS:
        return type_.loose if type_.loose is not None and ":" in type_.written.name else type_.written
    return type_.of(model=declared.form in MODELS)
