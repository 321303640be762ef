"""Tables, views and composite types against the classes that map to them, as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from schema_sync.model.catalog import ObjectKind
from schema_sync.model.declarations import Location
from schema_sync.model.edits import RemoveDeclaration
from schema_sync.model.findings import Finding, Rule, Subject
from schema_sync.model.pairs import EnumPair, FunctionPair, RowPair, RowPairs
from schema_sync.rules.findings import Fault, name_text, named
from schema_sync.rules.new_classes import new_class


def undeclared(kind: ObjectKind) -> Callable[[RowPair], Iterator[Fault]]:
    """Return the check for tables, views or composite types that no class declares."""

    def faults(pair: RowPair) -> Iterator[Fault]:
        target, expected = pair.target, pair.expected
        if target.kind == kind and pair.declared is None and expected is not None and pair.shape == "row":
            yield Fault(
                facts=(("columns", len(expected.items)), ("class_name", target.class_name)),
                message=f"No class declares {named(target)} ({len(expected.items)} columns).",
                detail=f"Columns: {len(expected.items)}",
                edits=(new_class(expected, "row"),),
            )

    return faults


def shape_undeclared(pair: RowPair) -> Iterator[Fault]:
    """Yield the fault of inserts or updates that no class describes."""
    if pair.declared is not None or pair.expected is None or pair.shape == "row":
        return
    target, items = pair.target, tuple(i for i in pair.expected.items if i.belongs(pair.shape))
    yield Fault(
        facts=(("shape", pair.shape), ("columns", len(items)), ("class_name", target.class_name)),
        message=f"No class declares {pair.shape}s of {named(target)}.",
        detail=f"No class for {pair.shape}s",
        edits=(new_class(pair.expected, pair.shape),),
    )


def removed(pair: RowPair | EnumPair | FunctionPair) -> Iterator[Fault]:
    """Yield the fault of a class whose table, view, enum type or function is not in the database."""
    declared, target = pair.declared, pair.target
    if pair.expected is not None or declared is None:
        return
    yield Fault(
        facts=(("class", declared.name),),
        message=f"{declared.name} maps to {named(target)}, which is not in the database. {pair.hint}".rstrip(),
        edits=(RemoveDeclaration(path=declared.at.path, declaration=declared.name),),
    )


def renamed(pair: RowPair | EnumPair) -> Iterator[Fault]:
    """Yield the fault of a class that has the former name of its table, view or type."""
    declared, target, rebound = pair.declared, pair.target, pair.rebound
    if declared is None or rebound is None or not (rebound.edits or rebound.by_hand):
        return
    here = rebound.former.schema == target.schema
    yield Fault(
        facts=(("renamed_from", str(rebound.former)),),
        message=f"{declared.name} maps to {rebound.former}, now {named(target)}. {rebound.by_hand}".rstrip(),
        detail=f"Renamed from: {name_text(rebound.former.name if here else str(rebound.former))}",
        edits=rebound.edits,
    )


def relation_not_writable(pair: RowPair) -> Iterator[Fault]:
    """Yield the fault of a class of inserts or updates that its relation does not take."""
    declared, expected = pair.declared, pair.expected
    if declared is None or expected is None or pair.partial or pair.shape in expected.shapes:
        return
    yield Fault(
        facts=(("shape", pair.shape),),
        message=f"{declared.name} describes {pair.shape}s, but {named(pair.target)} takes none.",
        detail=f"takes no {pair.shape}s",
    )


def initial_migration_missing(rule: Rule, pairs: RowPairs) -> Iterator[Finding]:
    """Yield the fault where over half of the declared tables are absent."""
    classes = [(pair, pair.declared) for pair in pairs.rows if pair.declared is not None]
    names = {(pair.target.schema, pair.target.name) for pair, _ in classes}
    names.update((name.schema, name.name) for name in pairs.settled)
    absent = {(pair.target.schema, pair.target.name): c for pair, c in classes if pair.expected is None}
    if len(absent) * 2 <= len(names):
        return
    (schema, _), first = next(iter(absent.items()))
    yield first_migration_missing(rule, schema, first.at, len(absent), len(names))


def first_migration_missing(rule: Rule, schema: str, at: Location, absent: int, named: int) -> Finding:
    """Return the finding that *absent* of *named* tables, the first of them used *at* a place, are not created."""
    return Finding(
        rule=rule.id,
        subject=Subject(kind="schema", schema=schema, name=schema),
        change=rule.change,
        facts=(("absent", absent), ("declared", named)),
        message=(
            f"{absent} of {named} tables that the code names are not created by the migrations: the first"
            " migration seems to be missing. Run supabase db pull, or read the live database."
        ),
        detail=f"Missing tables: {absent} of {named}",
        impact=rule.impact,
        severity=rule.severity,
        at=at,
    )
