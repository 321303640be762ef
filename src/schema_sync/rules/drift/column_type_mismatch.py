"""An item's annotation does not fit the values of its column.

Judged by assignability, None apart: an annotation may be *disjoint* (it admits none of the values),
*narrow* (a value can come that it refuses) or *wide* (it admits what never comes, which is harmless).
`Any`, a TypedDict on a json column, a Literal with the same labels, the bound Enum class and
`Sequence[str]` for `text[]` fit: how a type is spelt does not matter. A pydantic model is judged by what it
validates (a UUID, a datetime or a Decimal from text fits), so it is never too wide for what is read.

In a class for inserts or updates the directions turn: *wide* lets a program write what the server refuses, and
*narrow* is the author's choice.

Default severity: high where disjoint, medium where narrow, low where wide, but medium in a class for writes.

Fix: `update` replaces the part of the annotation that differs. A type checker then shows the code that took the
value for something else. A Literal that lacks a label gets it where it is spelled, in a type alias too; so does an
Enum class that annotates a column of listed labels (an enum type, or a check with `check-literals`). Members that
no such column has are removed by `update --prune`. None for a model's field whose constraints (`max_length` …)
were made for its present type.

Facts: `declared` and `expected`, the annotations less None; `fit`; `database_type`.

Example:
    A migration turns text into a number:

        alter table projects alter column score type integer using score::integer;

    The class still says text:

        class ProjectRow(TypedDict):
            score: Optional[str]  # 0 to 100

    After `update`:

        class ProjectRow(TypedDict):
            score: Optional[int]  # 0 to 100

Silence it for a type or a column that you know better, in the configuration:

    [types]
    numeric = "decimal.Decimal"
    "public.organizations.settings" = "dict[str, str]"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.declarations import MODELS, PyType
from schema_sync.model.edits import AddMember, RemoveMember, SetItemType, SetResultType
from schema_sync.model.findings import Finding, RowRule, Severity
from schema_sync.rules.findings import subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import Item, RowDeclaration, Shape
    from schema_sync.model.edits import Edit
    from schema_sync.model.findings import Impact
    from schema_sync.model.pairs import ExpectedItem, Fit, ItemPair, Listed, RowPair

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


def check(pair: RowPair) -> Iterator[Finding]:
    """Yield a finding for each item whose value type does not fit."""
    declared = pair.declared
    if declared is None:
        return
    impacts = _impacts(pair.shape)
    for each in pair.items:
        item, column = each.declared, each.expected
        if item is None or column is None or not column.belongs(pair.shape):
            continue
        for fit, becomes, edits in _mended(each, item, column, declared):
            if fit in impacts:
                yield _finding(pair, item, column, fit, becomes, edits)


def _finding(
    pair: RowPair, item: Item, column: ExpectedItem, fit: Fit, becomes: str, edits: tuple[Edit, ...]
) -> Finding:
    impact, severity = _impacts(pair.shape)[fit]
    was, name = str(item.type.without_none), pair.declared.name if pair.declared else ""
    return Finding(
        rule=RULE.id,
        subject=subject(pair.target, column=column.key),
        change="modified",
        facts=(
            ("declared", was),
            ("expected", becomes),
            ("fit", fit),
            ("database_type", column.database_type),
        ),
        message=(
            f"{name}.{item.key} is {was}, which {_reason(fit, pair.shape)}"
            f" of column {column.key} ({column.database_type}): expected {becomes}."
        ),
        detail=f"{was} → {becomes}",
        impact=impact,
        severity=severity,
        declaration=name,
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
    path, name, expected = listed.declared.at.path, listed.declared.name, str(_literal(listed.labels))
    before = dict(zip(listed.labels, (None, *listed.labels), strict=False))
    if listed.missing:
        added = (AddMember(path=path, declaration=name, label=x, after=before[x]) for x in listed.missing)
        yield "narrow", expected, tuple(added)
    if listed.surplus:
        yield "wide", expected, tuple(RemoveMember(path=path, declaration=name, label=x) for x in listed.surplus)


def _literal(labels: tuple[str, ...]) -> PyType:
    return PyType(name="Literal", literals=labels)


def _replacement(column: ExpectedItem, item: Item, declared: RowDeclaration) -> PyType:
    """Return the type to write: a model converts to a richer one, a strict one makes no member of an Enum."""
    if declared.form not in MODELS:
        return column.type
    if item.field and item.field.strict:
        return column.loose if column.loose is not None and ":" in column.type.name else column.type
    return column.rich or column.type


def _impacts(shape: Shape) -> dict[Fit, tuple[Impact, Severity]]:
    return _IMPACTS if shape == "row" else _IMPACTS_ON_WRITES


def _reason(fit: Fit, shape: Shape) -> str:
    return _REASONS[fit] if shape == "row" or fit == "disjoint" else "admits values beyond those"


RULE = RowRule(id="column-type-mismatch", severity=Severity.HIGH, check=check)
