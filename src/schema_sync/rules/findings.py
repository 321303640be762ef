"""What the rules share: faults that become findings, and names as they stand in lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from schema_sync.model.base import Value
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


class Fault(Value, frozen=True, kw_only=True):
    """What is wrong with a pair: what ``Finding`` has under the same names, before a rule makes one of it.

    ``column``, ``label`` or ``argument`` is the part of the pair's object that is concerned. Severity, change and
    impact are the rule's unless stated, and the place is that of ``item``, of the pair's class, or of a new class.
    An inherited ``item`` gets no edits, as other classes have it too.
    """

    message: str
    several: str = ""
    column: str | None = None
    label: str | None = None
    argument: str | None = None
    item: Item | None = None
    change: Change | None = None
    impact: Impact | None = None
    severity: Severity | None = None
    at: Location | None = None
    detail: str = ""
    facts: tuple[tuple[str, Fact], ...] = ()
    edits: tuple[Edit, ...] = ()


def check(faults: Callable[[Any], Iterator[Fault]]) -> Callable[[Rule, Any], Iterator[Finding]]:
    """Return the check of a rule that makes a finding of each fault that *faults* yields for a pair."""

    def found(rule: Rule, pair: RowPair | EnumPair | FunctionPair | CommentPair) -> Iterator[Finding]:
        return (_finding(rule, pair, fault) for fault in faults(pair))

    return found


def _finding(rule: Rule, pair: RowPair | EnumPair | FunctionPair | CommentPair, fault: Fault) -> Finding:
    target, declared, item = pair.target, pair.declared, fault.item
    holder = item or declared
    return Finding(
        rule=rule.id,
        subject=Subject(
            kind=target.kind,
            schema=target.schema,
            name=target.name,
            column=fault.column,
            label=fault.label,
            argument=fault.argument,
        ),
        declaration=declared.name if declared is not None else None,
        change=fault.change or rule.change,
        impact=fault.impact or rule.impact,
        severity=fault.severity or rule.severity,
        at=fault.at or (holder.at if holder is not None else target.home),
        message=fault.message,
        several=fault.several,
        detail=fault.detail,
        facts=fault.facts,
        edits=() if item is not None and item.inherited else fault.edits,
    )


def compared(pair: RowPair) -> Iterator[tuple[RowDeclaration, ItemPair, Item, ExpectedItem]]:
    """Yield the items of the pair's class that are columns, each with the class before and its column behind."""
    for each in pair.items:
        if pair.declared is not None and each.declared is not None and each.expected is not None:
            yield pair.declared, each, each.declared, each.expected


def surplus(pair: RowPair) -> Iterator[tuple[RowDeclaration, ItemPair, Item]]:
    """Yield the items of the pair's class that are no columns, each with the class before."""
    for each in pair.items:
        if pair.declared is not None and each.declared is not None and each.expected is None:
            yield pair.declared, each, each.declared


def named(target: Target) -> str:
    """Return the target in words, such as ``table public.users``."""
    return f"{target.kind} {target.schema}.{target.name}"


# What could be taken for no entry of a list, for two, or for one that is quoted.
_AMBIGUOUS = r"(?s)|\s.*|.*\s|['\"].*|.*[,;].*"


def listed(labels: Iterable[str]) -> str:
    """Return labels as a list in a line; one that could be misread is quoted as in SQL: ``''``, ``'a, b'``."""
    return ", ".join(label_text(label) for label in labels)


def label_text(label: str) -> str:
    """Return a label as it stands in a list: bare, or as an SQL string where it could be misread."""
    return _quoted(label, "'") if re.fullmatch(_AMBIGUOUS, label) else label


def name_text(name: str) -> str:
    """Return a column's or an argument's name as it stands in a list, where a remark in brackets may follow it.

    It is bare, or quoted as in SQL where it could be misread.
    """
    return _quoted(name, '"') if re.fullmatch(_AMBIGUOUS, name) or " (" in name else name


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote
