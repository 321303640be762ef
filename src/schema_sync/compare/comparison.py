"""The comparison as a whole: catalog, codebase and the last sync's lock to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.compare.binding import Bindings, bind
from schema_sync.compare.expected import Expectations, spelled
from schema_sync.compare.pairing import pair
from schema_sync.compare.renames import renamed_columns
from schema_sync.model.base import Value
from schema_sync.model.catalog import VIEW_KINDS, QName
from schema_sync.model.declarations import TYPEDDICTS, RowDeclaration
from schema_sync.model.findings import Bound, EnumRule, Finding, Moved, Note, Report, RowRule, WholeRule
from schema_sync.model.snapshot import fingerprint
from schema_sync.rules.registry import drift_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.compare.binding import Binding
    from schema_sync.compare.options import Options
    from schema_sync.compare.pairing import Pairs
    from schema_sync.compare.policy import Policy
    from schema_sync.model.catalog import Catalog
    from schema_sync.model.declarations import Codebase
    from schema_sync.model.snapshot import Lock


class Comparison(Value, frozen=True, kw_only=True):
    """A report, and what the next lock has to remember of it."""

    report: Report
    bindings: dict[str, str]
    removed: dict[str, str]


def compare(
    catalog: Catalog,
    codebase: Codebase,
    *,
    options: Options,
    policy: Policy,
    lock: Lock | None,
    source: tuple[str, str],
) -> Comparison:
    """Compare *catalog* with *codebase*; *source* is the source's kind and its description.

    Raises:
        BindingError: if a class could stand for two objects.
        ConfigError: if the configuration binds a class to what is no object's name.
    """
    expectations = Expectations(catalog, options)
    locked = {**lock.bindings, **lock.removed} if lock else {}
    bindings = bind(expectations, codebase, locked)
    renames = renamed_columns(catalog, lock)
    pairs = pair(expectations, codebase, bindings, renames)
    findings = _check(pairs, source[0])
    db_hash = lock.db_hash if lock is not None and catalog is lock.catalog else fingerprint(catalog)
    if lock is not None and findings:
        same = lock.db_hash == db_hash
        base = findings if same else _base_findings(lock, codebase, bindings, options, source[0])
        findings = _with_moves(findings, base, lock)
    judged = tuple(sorted(policy.judged(findings), key=lambda f: f.order))
    report = Report(
        findings=judged,
        bindings=tuple(_bound(bindings)),
        unmatched=tuple((d.name, d.at) for d in bindings.unmatched),
        unreadable=codebase.unreadable,
        not_checked=tuple(_not_checked(codebase, bindings)),
        suppressed=len(findings) - len(judged),
        tables=sum(r.kind not in VIEW_KINDS and not expectations.is_excluded(r.name) for r in catalog.relations),
        enums=sum(not expectations.is_excluded(n, enum=True) for n in expectations.enum_names),
        source_kind=source[0],
        source=source[1],
        db_hash=db_hash,
    )
    return Comparison(
        report=report,
        bindings={b.declaration.id: spelled(b.object) for b in bindings.bound if b.exists},
        removed={b.declaration.id: spelled(b.object) for b in bindings.bound if not b.exists},
    )


def _check(pairs: Pairs, source_kind: str) -> tuple[Finding, ...]:
    found: list[Finding] = []
    dropped: set[str] = set()
    for rule in drift_rules().values():
        match rule:
            case RowRule():
                found += [finding for each in pairs.rows for finding in rule.check(each)]
            case EnumRule():
                found += [finding for each in pairs.enums for finding in rule.check(each)]
            case WholeRule():
                whole = list(rule.check(pairs.rows)) if rule.source == source_kind else []
                found += whole
                dropped.update(rule.supersedes if whole else ())
    return tuple(f for f in found if f.rule not in dropped)


def _base_findings(
    lock: Lock, codebase: Codebase, bindings: Bindings, options: Options, source_kind: str
) -> tuple[Finding, ...]:
    """Return what the last sync's catalog would find in today's code, bound as today."""
    base = Expectations(lock.catalog, options)
    known = {True: set(base.enum_names), False: set(base.row_names)}
    bound = tuple(replace(b, exists=b.object in known[b.kind == "enum"]) for b in bindings.bound)
    pairs = pair(base, codebase, Bindings(bound=bound, unmatched=bindings.unmatched), {})
    return _check(pairs, source_kind)


def _with_moves(findings: tuple[Finding, ...], base: tuple[Finding, ...], lock: Lock) -> tuple[Finding, ...]:
    same = {f.fingerprint for f in base}
    subjects = {f.subject for f in base}
    waiting = set(lock.removed.values())

    def moved(finding: Finding) -> Moved:
        if spelled(QName(schema=finding.subject.schema, name=finding.subject.name)) in waiting:
            return "database"
        if finding.fingerprint in same:
            return "code"
        return "both" if finding.subject in subjects else "database"

    return tuple(replace(f, moved=moved(f)) for f in findings)


def _bound(bindings: Bindings) -> Iterator[Bound]:
    for b in bindings.bound:
        special = {"enum": "enum", "composite": "composite"}.get(b.kind)
        yield Bound(
            declaration=b.declaration.name,
            path=b.declaration.at.path,
            object=str(b.object),
            shape=special or b.shape,  # type: ignore[arg-type]
            how=b.how,
        )


def _not_checked(codebase: Codebase, bindings: Bindings) -> Iterator[Note]:
    for b in bindings.bound:
        if b.shape != "row" and b.exists:
            yield Note(
                what=f"{b.declaration.at}: types and nullability of {b.declaration.name}",
                why=f"classes for {b.shape}s are checked for removed columns only",
            )
        if isinstance(b.declaration, RowDeclaration) and b.declaration.unknown and b.exists:
            yield Note(
                what=f"{b.declaration.at}: {b.declaration.name}, which stands for {b.object}",
                why=b.declaration.unknown,
            )
    for declaration, name in bindings.outside:
        yield Note(
            what=f"{declaration.at}: {declaration.name}, which stands for {name}",
            why=f"schema {name.schema} is not among those compared",
        )
    for class_name, why in bindings.unused:
        yield Note(what=f"bindings.{class_name}", why=why)
    opaque = codebase.opaque + sum(map(_count_opaque, bindings.bound))
    if opaque:
        yield Note(what=f"{opaque} annotations", why="their names come from modules that were not scanned")


def _count_opaque(binding: Binding) -> int:
    """Return how many annotations of a bound model or dataclass cannot be resolved."""
    declared = binding.declaration
    if not isinstance(declared, RowDeclaration) or declared.form in TYPEDDICTS:
        return 0
    own = (item for item in declared.items if not item.inherited and item.field and not item.field.trusted)
    return sum(item.type.is_opaque for item in own)
