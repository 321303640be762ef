"""An item of an arguments class lets a call give what the function does not take.

The code writes arguments, so the direction is that of writing: an annotation that admits less than the argument
takes (a Literal of some labels, say) is fine. One that admits none of it fails at each call, one that admits more
at some. So does a call without an argument that has no default: NotRequired is wrong there. SQL takes null for any
argument, and a STRICT function then returns null: None is not written, but stays where it stands.

Default severity: high; low where the annotation is only too wide. Fix: `update` replaces the value type, or takes
NotRequired off.

Facts: `fault`: `type`, `wide` or `required`; `declared` and `expected`, the annotations less None;
`database_type`.

Example:
    A migration changes the type of an argument (`functions = ["score"]`):

        drop function score(text);
        create function score(word integer) returns integer language sql as $$ select 1 $$;

    The class still says text:

        class ScoreArgs(TypedDict):
            \"\"\"Function: public.score(text)\"\"\"

            word: NotRequired[str]

    After `update`:

        class ScoreArgs(TypedDict):
            \"\"\"Function: public.score(text)\"\"\"

            word: int
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.declarations import RowDeclaration
from schema_sync.model.edits import SetItemRequired, SetItemType
from schema_sync.model.findings import Finding, FunctionRule, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import Item
    from schema_sync.model.edits import Edit
    from schema_sync.model.pairs import ExpectedItem, FunctionPair, ItemPair

_REASONS = {
    "type": "which the argument does not take",
    "wide": "which admits more than the argument takes",
    "required": "but NotRequired, and the argument has no default",
}


def check(pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each fault of an item."""
    for part in pair.parts:
        declared = part.declared
        if isinstance(declared, RowDeclaration):
            for each in part.items:
                if each.declared is not None and each.expected is not None:
                    for fault in _faults(declared, each, each.declared, each.expected):
                        yield _finding(pair, declared, each.declared, each.expected, fault)


def _faults(declared: RowDeclaration, each: ItemPair, item: Item, expected: ExpectedItem) -> Iterator[str]:
    if each.fit in {"disjoint", "wide"}:
        yield "type" if each.fit == "disjoint" else "wide"
    if declared.total and expected.given and item.qualifier == "not_required":
        yield "required"


def _finding(
    pair: FunctionPair, declared: RowDeclaration, item: Item, expected: ExpectedItem, fault: str
) -> Finding:
    was, becomes = str(item.type.without_none), str(expected.type)
    path, name = declared.at.path, declared.name
    edit: Edit = SetItemType(path=path, declaration=name, key=item.key, type=expected.type)
    if fault == "required":
        edit = SetItemRequired(path=path, declaration=name, key=item.key)
    return Finding(
        rule=RULE.id,
        subject=subject(pair.target, argument=expected.key),
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
        severity=Severity.LOW if fault == "wide" else RULE.severity,
        declaration=name,
        at=item.at,
        edits=() if item.inherited else (edit,),
    )


RULE = FunctionRule(id="argument-mismatch", severity=Severity.HIGH, check=check)
