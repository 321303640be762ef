"""The comparison as a whole: catalog, codebase and the last sync's lock to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.compare import chosen
from schema_sync.compare.binding import Bindings, bind
from schema_sync.compare.comments import pair_comments
from schema_sync.compare.completing import completed
from schema_sync.compare.composites import needed_composites
from schema_sync.compare.coverage import seen_bindings, unseen_notes
from schema_sync.compare.cycles import without_cycles
from schema_sync.compare.expected import Expectations, spelled
from schema_sync.compare.functions import Functions, pair_functions
from schema_sync.compare.incompleteness import withhold
from schema_sync.compare.naming import Naming
from schema_sync.compare.pairing import pair
from schema_sync.compare.renames import renamed_columns
from schema_sync.model.base import Value
from schema_sync.model.catalog import VIEW_KINDS, Facet, LeftOut, QName
from schema_sync.model.declarations import TYPEDDICTS, PyType, RowDeclaration, union
from schema_sync.model.findings import Bound, Finding, Moved, Note, Report
from schema_sync.model.overlay import schema_hash
from schema_sync.model.pairs import CommentPair, EnumPair, FunctionPair, RowPair, RowPairs
from schema_sync.rules.registry import COLUMN_TYPE, DRIFT_RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.compare.binding import Binding
    from schema_sync.compare.options import Options, Reading
    from schema_sync.compare.pairing import Pairs
    from schema_sync.compare.policy import Policy
    from schema_sync.model.catalog import Catalog
    from schema_sync.model.declarations import Codebase, Declaration
    from schema_sync.model.pairs import Pair
    from schema_sync.model.snapshot import Lock


class Comparison(Value, frozen=True, kw_only=True):
    """A report, and what the next lock has to remember of it: of what is left out only what the code names."""

    report: Report
    bindings: dict[str, str]
    removed: dict[str, str]
    left_out: frozenset[LeftOut] = frozenset()


def compare(
    catalog: Catalog,
    codebase: Codebase,
    *,
    options: Options,
    policy: Policy,
    lock: Lock | None,
    reading: Reading,
) -> Comparison:
    """Compare *catalog* with *codebase*; what its *reading* leaves open is not checked.

    Raises:
        BindingError: if a class could stand for two objects.
        ConfigError: if the configuration binds a class to what is no object's name.
    """
    expectations = Expectations(catalog, options)
    bindings, doubtful = _bind(expectations, codebase, lock)
    pairs = pair(expectations, codebase, bindings, renamed_columns(catalog, lock))
    functions = pair_functions(expectations, codebase, bindings)
    comments = pair_comments(expectations, pairs, lock.catalog if lock else None)
    findings = _check(pairs, functions, comments, "" if reading.incomplete else reading.kind, expectations)
    db_hash = schema_hash(catalog, lock)
    if lock is not None and findings:
        moved = lock.db_hash != db_hash
        base = _base_findings(lock, codebase, bindings, options, reading.kind) if moved else findings
        findings = _with_moves(findings, base, lock, expectations)
    findings = completed(without_cycles(findings, codebase), codebase, options)
    findings = tuple(_left_for_review(finding, codebase) for finding in findings)
    judged = tuple(sorted(policy.judged(findings), key=lambda f: f.order))
    notes = (*_not_checked(expectations, codebase, bindings), *_not_heeded(expectations), *functions.notes)
    report = Report(
        findings=judged,
        bindings=(*_bound(bindings), *functions.bound),
        unmatched=tuple((d.name, d.at) for d in bindings.unmatched),
        unreadable=codebase.unreadable,
        not_checked=(*notes, *doubtful, *unseen_notes(catalog, reading.kind), *reading.unseen),
        suppressed=len(findings) - len(judged),
        tables=sum(r.kind not in VIEW_KINDS and not expectations.is_excluded(r.name) for r in catalog.relations),
        enums=sum(not expectations.is_excluded(n, enum=True) for n in expectations.enum_names),
        source_kind=reading.kind,
        source=reading.describe,
        db_hash=db_hash,
    )
    return Comparison(
        report=withhold(report, reading.incomplete) if reading.incomplete else report,
        bindings={b.declaration.id: spelled(b.object) for b in bindings.bound[::-1] if b.exists},  # the first
        removed={b.declaration.id: spelled(b.object) for b in bindings.bound if not b.exists},
        left_out=bindings.left_out,
    )


def written_types(
    catalog: Catalog, codebase: Codebase, *, options: Options, lock: Lock | None, name: QName
) -> dict[str, str]:
    """Return what an update would write for the columns of the relation or composite *name*, by column.

    Raises:
        BindingError: as ``compare``.
        ConfigError: as ``compare``.
    """
    expectations = Expectations(catalog, options)
    bindings, _ = _bind(expectations, codebase, lock)
    expectations.naming = Naming(expectations, codebase, bindings)
    modelled = options.target == "pydantic"
    none = PyType(name="None")
    written = {item.key: (item.rich if modelled else None) or item.type for item in expectations.row(name).items}
    nullable = {item.key for item in expectations.row(name).items if item.nullable}
    return {key: str(union(type_, none) if key in nullable else type_) for key, type_ in written.items()}


def _bind(expectations: Expectations, codebase: Codebase, lock: Lock | None) -> tuple[Bindings, tuple[Note, ...]]:
    locked = {**lock.bindings, **lock.removed} if lock else {}
    return seen_bindings(bind(expectations, codebase, locked), expectations.catalog, lock)


def _check(
    pairs: Pairs,
    functions: Functions,
    comments: tuple[CommentPair, ...],
    source_kind: str,
    expectations: Expectations,
) -> tuple[Finding, ...]:
    rows = (*pairs.rows, *functions.rows)
    given: dict[type[Pair], tuple[Pair, ...]] = {
        RowPair: rows,
        RowPairs: (RowPairs(rows=pairs.rows),),
        EnumPair: pairs.enums,
        FunctionPair: functions.pairs,
        CommentPair: comments,
    }
    found: list[Finding] = []
    dropped: set[str] = set()
    for rule in DRIFT_RULES.values():
        if rule.source in {"", source_kind}:
            new = [(each, f) for each in given[rule.pairs] for f in rule.find(each)]
            found += (_reviewed(f, getattr(each, "declared", None)) for each, f in new)
            dropped.update(rule.supersedes if new else ())
    for each in tuple(needed_composites(found, expectations)):
        found += [f for rule in DRIFT_RULES.values() if rule.pairs is RowPair for f in rule.find(each)]
    return tuple(f for f in found if f.rule not in dropped)


def _reviewed(finding: Finding, *declared: Declaration | None) -> Finding:
    """Return *finding* without edits, and with why, if one of *declared* is not edited."""
    why = next((each.kept for each in declared if each is not None and each.kept), "") if finding.edits else ""
    return replace(finding, edits=(), message=f"{finding.message} {why}") if why else finding


def _left_for_review(finding: Finding, codebase: Codebase) -> Finding:
    """Return *finding* without edits if they concern any class that is not edited, such as an Enum in a module."""
    return _reviewed(finding, *(codebase.by_id.get(f"{e.path}:{e.declaration}") for e in finding.edits))


def _base_findings(
    lock: Lock, codebase: Codebase, bindings: Bindings, options: Options, source_kind: str
) -> tuple[Finding, ...]:
    """Return what the last sync's catalog would find in today's code, bound as today."""
    base = Expectations(lock.catalog, options)
    known = {True: set(base.enum_names), False: set(base.row_names)}
    bound = tuple(replace(b, exists=b.object in known[b.kind == "enum"]) for b in bindings.bound)
    then = Bindings(bound=bound, unmatched=bindings.unmatched)
    pairs = pair(base, codebase, then, {})
    functions = pair_functions(base, codebase, then)
    return _check(pairs, functions, pair_comments(base, pairs, lock.catalog), source_kind, base)


def _with_moves(
    findings: tuple[Finding, ...], base: tuple[Finding, ...], lock: Lock, expectations: Expectations
) -> tuple[Finding, ...]:
    same = {f.fingerprint for f in base}
    subjects = {f.subject for f in base}
    waiting = set(lock.removed.values())

    def moved(finding: Finding) -> Moved:
        if spelled(QName(schema=finding.subject.schema, name=finding.subject.name)) in waiting:
            return "database"
        if _rests_on_check(finding, expectations) and Facet.CHECKS not in lock.catalog.covers:
            return "unknown"
        if finding.fingerprint in same:
            return "code"
        return "both" if finding.subject in subjects else "database"

    return tuple(replace(f, moved=moved(f)) for f in findings)


def _rests_on_check(finding: Finding, expectations: Expectations) -> bool:
    """Whether a finding is about the type of a column whose values a check names."""
    subject = finding.subject
    name = QName(schema=subject.schema, name=subject.name)
    relation = expectations.catalog.relations_by_name.get(name)
    if finding.rule != COLUMN_TYPE or relation is None:
        return False
    columns = (c for c in relation.columns if c.name == subject.column)
    return any(expectations.literals.of_column(name, column) is not None for column in columns)


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


def _not_checked(expectations: Expectations, codebase: Codebase, bindings: Bindings) -> Iterator[Note]:
    for what, why in expectations.writes.unseen([b for b in bindings.bound if b.shape != "row" and b.exists]):
        yield Note(what=what, why=why)
    for b in bindings.bound:
        if b.declaration.unknown and b.exists:
            yield Note(
                what=f"{b.declaration.at}: {b.declaration.name}, which stands for {b.object}",
                why=b.declaration.unknown,
            )
    yield from bindings.notes
    for pattern in expectations.unused_not_null():
        yield Note(what=f"not-null {pattern!r}", why="it matches no column of a view or a function")
    opaque = codebase.opaque + sum(map(_count_opaque, bindings.bound))
    if opaque:
        yield Note(what=f"{opaque} annotations", why="what they stand for cannot be told from the scanned files")


def _not_heeded(expectations: Expectations) -> Iterator[Note]:
    yield from chosen.notes(expectations.catalog, expectations.overrides)
    if expectations.literals.unknown:
        yield Note(what="check-literals", why="this source does not tell the text of checks; a live database does")


def _count_opaque(binding: Binding) -> int:
    """Return how many annotations of a bound model or dataclass cannot be resolved."""
    declared = binding.declaration
    if not isinstance(declared, RowDeclaration) or declared.form in {*TYPEDDICTS, "sqlalchemy"}:
        return 0
    own = (item for item in declared.items if not item.inherited and item.field and not item.field.trusted)
    return sum(item.type.is_opaque for item in own)
