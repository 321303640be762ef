"""What the rules share: findings with their place, and names as they stand in lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Required, TypedDict, Unpack

from schema_sync.model.declarations import Item, Location, RowDeclaration
from schema_sync.model.edits import Edit
from schema_sync.model.findings import Change, Fact, Finding, Impact, Rule, Severity, Subject
from schema_sync.model.pairs import (
    CommentPair,
    EnumPair,
    ExpectedItem,
    FunctionPair,
    ItemPair,
    RowPair,
    Target,
)


class Content(TypedDict, total=False):
    """What a rule itself states of a finding: the fields of ``Finding`` of the same names."""

    message: Required[str]
    change: Change
    impact: Impact
    detail: str
    facts: tuple[tuple[str, Fact], ...]
    severity: Severity
    at: Location
    edits: tuple[Edit, ...]


def finding(
    rule: Rule,
    pair: RowPair | EnumPair | FunctionPair | CommentPair,
    *,
    item: Item | None = None,
    column: str | None = None,
    label: str | None = None,
    argument: str | None = None,
    **content: Unpack[Content],
) -> Finding:
    """Return a finding of *rule* about the object of *pair*, or about a column, label or argument of it.

    Unless *content* has others, severity, change and impact are the rule's, and the place is that of *item*, of
    the pair's class, or of a new class. An inherited *item* has no edits, as other classes have it too.
    """
    target, declared = pair.target, pair.declared
    if item is not None and item.inherited:
        content["edits"] = ()
    holder = item or declared
    content.setdefault("at", holder.at if holder is not None else target.home)
    content.setdefault("severity", rule.severity)
    content.setdefault("change", rule.change)
    content.setdefault("impact", rule.impact)
    return Finding(
        rule=rule.id,
        subject=Subject(
            kind=target.kind, schema=target.schema, name=target.name, column=column, label=label, argument=argument
        ),
        declaration=declared.name if declared is not None else None,
        **content,
    )


def compared(pair: RowPair) -> Iterator[tuple[RowDeclaration, ItemPair, Item, ExpectedItem]]:
    """Yield the items of the pair's class that are columns, each with the class before and its column behind."""
    for each in pair.items:
        if pair.declared is not None and each.declared is not None and each.expected is not None:
            yield pair.declared, each, each.declared, each.expected


def named(target: Target) -> str:
    """Return the target in words, such as ``table public.users``."""
    return f"{target.kind} {target.schema}.{target.name}"


# What could be taken for no entry of a list, for two, or for one that is quoted.
_AMBIGUOUS = re.compile(r"|\s.*|.*\s|['\"].*|.*[,;].*", re.DOTALL)


def listed(labels: Iterable[str]) -> str:
    """Return labels as a list in a line; one that could be misread is quoted as in SQL: ``''``, ``'a, b'``."""
    return ", ".join(label_text(label) for label in labels)


def label_text(label: str) -> str:
    """Return a label as it stands in a list: bare, or as an SQL string where it could be misread."""
    return _quoted(label, "'") if _AMBIGUOUS.fullmatch(label) else label


def name_text(name: str) -> str:
    """Return a column's or an argument's name as it stands in a list, where a remark in brackets may follow it.

    It is bare, or quoted as in SQL where it could be misread.
    """
    return _quoted(name, '"') if _AMBIGUOUS.fullmatch(name) or " (" in name else name


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote
