"""Tables, views and composite types against the classes that map to them, as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.edits import RemoveDeclaration
from schema_sync.model.findings import Finding, Rule, Subject
from schema_sync.model.pairs import EnumPair, FunctionPair, RowPair, RowPairs
from schema_sync.rules.findings import finding, named
from schema_sync.rules.new_classes import new_class


def table_undeclared(rule: Rule, pair: RowPair) -> Iterator[Finding]:
    """Yield the finding for a table that no class declares."""
    if pair.target.kind == "table":
        yield from _undeclared(rule, pair)


def view_undeclared(rule: Rule, pair: RowPair) -> Iterator[Finding]:
    """Yield the finding for a view that no class declares."""
    if pair.target.kind == "view":
        yield from _undeclared(rule, pair)


def composite_undeclared(rule: Rule, pair: RowPair) -> Iterator[Finding]:
    """Yield the finding for a composite type that new code names and no class declares."""
    if pair.target.kind == "composite":
        yield from _undeclared(rule, pair)


def _undeclared(rule: Rule, pair: RowPair) -> Iterator[Finding]:
    if pair.declared is not None or pair.expected is None or pair.shape != "row":
        return
    target, items = pair.target, pair.expected.items
    yield finding(
        rule,
        pair,
        facts=(("columns", len(items)), ("class_name", target.class_name)),
        message=f"No class declares {named(target)} ({len(items)} columns).",
        detail=f"Columns: {len(items)}",
        edits=(new_class(pair.expected, pair.shape),),
    )


def shape_undeclared(rule: Rule, pair: RowPair) -> Iterator[Finding]:
    """Yield the finding for inserts or updates that no class describes."""
    if pair.declared is not None or pair.expected is None or pair.shape == "row":
        return
    target, items = pair.target, tuple(i for i in pair.expected.items if i.belongs(pair.shape))
    yield finding(
        rule,
        pair,
        facts=(("shape", pair.shape), ("columns", len(items)), ("class_name", target.class_name)),
        message=f"No class declares {pair.shape}s of {named(target)}.",
        detail=f"No class for {pair.shape}s",
        edits=(new_class(pair.expected, pair.shape),),
    )


def removed(rule: Rule, pair: RowPair | EnumPair | FunctionPair) -> Iterator[Finding]:
    """Yield the finding for a class whose table, view, enum type or function is not in the database."""
    declared, target = pair.declared, pair.target
    if pair.expected is not None or declared is None:
        return
    yield finding(
        rule,
        pair,
        facts=(("class", declared.name),),
        message=f"{declared.name} maps to {named(target)}, which is not in the database. {pair.hint}".rstrip(),
        edits=(RemoveDeclaration(path=declared.at.path, declaration=declared.name),),
    )


def relation_not_writable(rule: Rule, pair: RowPair) -> Iterator[Finding]:
    """Yield the finding for a class of inserts or updates that its relation does not take."""
    declared, expected = pair.declared, pair.expected
    if declared is None or expected is None or pair.shape in expected.shapes:
        return
    yield finding(
        rule,
        pair,
        facts=(("shape", pair.shape),),
        message=f"{declared.name} describes {pair.shape}s, but {named(pair.target)} takes none.",
        detail=f"takes no {pair.shape}s",
    )


def initial_migration_missing(rule: Rule, pairs: RowPairs) -> Iterator[Finding]:
    """Yield the finding where over half of the declared tables are absent."""
    classes = [(pair, pair.declared) for pair in pairs.rows if pair.declared is not None]
    names = {(pair.target.schema, pair.target.name) for pair, _ in classes}
    absent = {(pair.target.schema, pair.target.name): c for pair, c in classes if pair.expected is None}
    if len(absent) * 2 <= len(names):
        return
    (schema, _), first = next(iter(absent.items()))
    yield Finding(
        rule=rule.id,
        subject=Subject(kind="schema", schema=schema, name=schema),
        change=rule.change,
        facts=(("absent", len(absent)), ("declared", len(names))),
        message=(
            f"{len(absent)} of {len(names)} declared tables are not made by the migrations: the first"
            " migration seems to be missing. Run supabase db pull, or read the live database."
        ),
        detail=f"Missing tables: {len(absent)} of {len(names)}",
        impact=rule.impact,
        severity=rule.severity,
        at=first.at,
    )
