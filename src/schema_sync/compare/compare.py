"""The comparison as a whole: catalog, codebase and the last sync's lock to a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from schema_sync.compare import chosen_types
from schema_sync.compare.binding import Bindings, bind
from schema_sync.compare.changes import former_columns
from schema_sync.compare.class_names import class_names
from schema_sync.compare.comments import pair_comments
from schema_sync.compare.cycles import without_cycles
from schema_sync.compare.expected import Expected
from schema_sync.compare.function_binding import FunctionBindings, bind_functions
from schema_sync.compare.functions import FunctionPairing
from schema_sync.compare.markers import spelled
from schema_sync.compare.needed_declarations import needed_composites, with_aliases, without_unasked
from schema_sync.compare.objects import DatabaseObjects
from schema_sync.compare.pairs import Pairing
from schema_sync.compare.policy import judged
from schema_sync.compare.rebinding import followed
from schema_sync.compare.renames import Renames, find_renames
from schema_sync.compare.unseen import seen_bindings, unseen_notes, withhold
from schema_sync.compare.write_shapes import unseen
from schema_sync.model.catalog import VIEW_KINDS, Catalog, Facet, QName
from schema_sync.model.declarations import TYPEDDICTS, Codebase, Declared, RowDeclaration
from schema_sync.model.faults import QueryFault
from schema_sync.model.findings import Binding, Finding, Moved, Note, Report, Subject
from schema_sync.model.options import NameChange, Options, Reading
from schema_sync.model.overlay import schema_hash
from schema_sync.model.pairs import Pair, RowPair, RowPairs
from schema_sync.model.snapshot import Lock
from schema_sync.rules.new_classes import written
from schema_sync.rules.registry import COLUMN_TYPE, COMPOSITE_UNDECLARED, DRIFT_RULES

_MOST = 0.75  # of the tables


def compare(
    catalog: Catalog,
    codebase: Codebase,
    *,
    options: Options,
    lock: Lock | None,
    reading: Reading,
    may_lack_classes: bool = False,
    added: Collection[QName] = (),
) -> Report:
    """Compare *catalog* with *codebase*; what its *reading* leaves open is not checked.

    Where the options leave it open and the code *may_lack_classes*, only what a class declares is compared if no
    class declares rows. Objects *added* need a class anyway.

    Raises:
        BindingError: if a class could map to two objects.
        ConfigError: if the configuration binds a class to what is not an object's name.
    """
    objects = DatabaseObjects(catalog=catalog, options=options)
    db_hash, known = _as_hashed(catalog, lock)
    bindings, renames, doubtful = _bind(objects, codebase, known, reading.name_changes)
    kind = "" if reading.incomplete else reading.kind
    needed = None if _requires_all(objects, bindings, may_lack_classes=may_lack_classes) else added
    found = _find(objects, codebase, bindings, known, kind, needed, renames)
    if (findings := found.findings) and lock is not None:
        same = lock.db_hash == db_hash
        base = findings if same else _base_findings(lock, codebase, bindings, options, reading.kind, needed)
        findings = _with_moves(findings, base, lock, found.expected)
    findings = _with_whole_edits(findings, codebase, options)
    shown = tuple(sorted(judged(findings, options), key=lambda f: f.order))
    notes = (*_not_checked(found.expected, codebase, bindings, found.functions), *found.functions.notes)
    report = Report(
        findings=shown,
        bindings=(*bindings.bound, *found.functions.bound),
        unmatched=tuple((d.name, d.at) for d in bindings.unmatched),
        unreadable=codebase.unreadable,
        not_checked=(*notes, *doubtful, *unseen_notes(catalog, reading.kind), *reading.unseen),
        suppressed=len(findings) - len(shown),
        tables=sum(r.kind not in VIEW_KINDS and not objects.is_excluded(r.name) for r in catalog.relations),
        enums=sum(not objects.is_excluded(n, enum=True) for n in objects.enum_names),
        source_kind=reading.kind,
        source=reading.describe,
        db_hash=db_hash,
        unbound=bindings.unbound_rows,
        left_out=bindings.left_out,
        without_class=found.without_class,
        requires_all=needed is None,
    )
    return withhold(report, reading.incomplete) if reading.incomplete else report


def _as_hashed(catalog: Catalog, lock: Lock | None) -> tuple[str, Lock | None]:
    """Return the hash of *catalog*, and *lock* as far as the hash goes: unread where the hash is its own."""
    db_hash = schema_hash(catalog, lock)
    return db_hash, None if lock is None else lock.as_hashed(catalog, db_hash)


def _with_whole_edits(findings: tuple[Finding, ...], codebase: Codebase, options: Options) -> tuple[Finding, ...]:
    """Return *findings* with edits that an update can make, all that they need included."""
    findings = with_aliases(without_cycles(findings, codebase), codebase, options)
    return tuple(_left_for_review(finding, codebase) for finding in findings)


def _requires_all(objects: DatabaseObjects, bindings: Bindings, *, may_lack_classes: bool) -> bool:
    """Return whether every table and enum needs a class.

    Where the code may do without, row classes that it has for most of the tables show that it does not. SQLAlchemy
    classes show nothing: they are not what an update writes.
    """
    if objects.options.require is not None:
        return objects.options.require == "all"
    if not may_lack_classes:
        return True
    rows = (b for b in bindings.bound if b.exists and not b.partial and b.kind in {"table", "view"})
    own = (
        b.object for b in rows if isinstance(b.declaration, RowDeclaration) and b.declaration.form != "sqlalchemy"
    )
    declared = {*own}
    tables = sum(not r.is_view and not objects.is_excluded(r.name) for r in objects.catalog.relations)
    return bool(declared) and len(declared) >= tables * _MOST


def written_types(
    catalog: Catalog, codebase: Codebase, *, options: Options, lock: Lock | None, name: QName
) -> dict[str, str]:
    """Return what an update would write for the columns of the relation or composite *name*, by column.

    Raises:
        BindingError: as ``compare``.
        ConfigError: as ``compare``.
    """
    objects = DatabaseObjects(catalog=catalog, options=options)
    bindings, _, _ = _bind(objects, codebase, lock)
    expected = Expected(objects, class_names(objects, codebase, bindings))
    return {item.key: str(written(item, options.target)) for item in expected.row(name).items}


def bound_classes(
    catalog: Catalog, codebase: Codebase, *, options: Options, lock: Lock | None
) -> tuple[Binding, ...]:
    """Return which classes map to which relations and types of *catalog*, sorted by place.

    Raises:
        BindingError: as ``compare``.
        ConfigError: as ``compare``.
    """
    return _bind(DatabaseObjects(catalog=catalog, options=options), codebase, lock)[0].bound


def _bind(
    objects: DatabaseObjects, codebase: Codebase, lock: Lock | None, changes: Sequence[NameChange] = ()
) -> tuple[Bindings, Renames, tuple[Note, ...]]:
    renames = find_renames(objects.catalog, lock, changes)
    locked = {**lock.bindings, **lock.removed} if lock else {}
    bindings = followed(bind(objects, codebase, locked), objects, renames)
    seen, notes = seen_bindings(bindings, objects.catalog, lock)
    return seen, renames, notes


class _Found(NamedTuple):
    expected: Expected
    functions: FunctionBindings
    findings: tuple[Finding, ...]
    without_class: tuple[Subject, ...]


def _find(
    objects: DatabaseObjects,
    codebase: Codebase,
    bindings: Bindings,
    lock: Lock | None,
    source_kind: str,
    needed: Collection[QName] | None,
    renames: Renames,
) -> _Found:
    """Run the stages behind binding; *lock* tells of the last sync, *renames* of what has another name since then.

    Every object needs a class if *needed* is None; else there may be some without one.
    """
    expected = Expected(objects, class_names(objects, codebase, bindings))
    functions = bind_functions(objects, codebase)
    pairing = Pairing(expected, codebase, bindings, functions, renames.parts, former_columns(lock))
    pairs: list[Pair] = [*pairing.pairs()]
    if objects.options.comments:
        pairs += pair_comments(pairs, lock.catalog if lock else None)
    rows = tuple(pair for pair in pairs if isinstance(pair, RowPair))
    of_functions = FunctionPairing(functions, expected, pairing).pairs()
    findings = _check([*pairs, RowPairs(rows=rows, settled=pairing.settled), *of_functions], source_kind)
    without_class: tuple[Subject, ...] = ()
    if needed is not None:
        findings, without_class = without_unasked(findings, expected, needed)
    composites = needed_composites(findings, expected)
    undeclared = (finding for each in composites for finding in COMPOSITE_UNDECLARED.find(each))
    return _Found(expected, functions, (*findings, *undeclared), without_class)


def _check(pairs: Iterable[Pair], source_kind: str) -> tuple[Finding, ...]:
    given: dict[type[Pair | QueryFault], list[Pair]] = defaultdict(list)
    for pair in pairs:
        given[type(pair)].append(pair)
    found: list[Finding] = []
    dropped: set[str] = set()
    for rule in DRIFT_RULES.values():
        if rule.source in {"", source_kind}:
            new = [(pair, finding) for pair in given[rule.pairs] for finding in rule.find(pair)]
            found += (_reviewed(finding, getattr(pair, "declared", None)) for pair, finding in new)
            dropped.update(rule.supersedes if new else ())
    return tuple(f for f in found if f.rule not in dropped)


def _reviewed(finding: Finding, *declared: Declared | None) -> Finding:
    """Return *finding* without edits, and with why, if one of *declared* is not edited."""
    why = next((each.kept for each in declared if each is not None and each.kept), "") if finding.edits else ""
    return replace(finding, edits=(), message=f"{finding.message} {why}") if why else finding


def _left_for_review(finding: Finding, codebase: Codebase) -> Finding:
    """Return *finding* without edits if they concern any class that is not edited, such as an Enum in a module."""
    return _reviewed(finding, *(codebase.by_id.get(f"{e.path}:{e.declaration}") for e in finding.edits))


def _base_findings(
    lock: Lock,
    codebase: Codebase,
    bindings: Bindings,
    options: Options,
    source_kind: str,
    needed: Collection[QName] | None,
) -> tuple[Finding, ...]:
    """Return what the last sync's catalog would find in today's code, bound as today."""
    base = DatabaseObjects(catalog=lock.catalog, options=options)
    known = {True: set(base.enum_names), False: set(base.row_kinds)}
    formers = ((b, b.former or b.object) for b in bindings.bound)
    bound = tuple(
        replace(b, object=name, exists=name in known[b.kind == "enum"], former=None) for b, name in formers
    )
    return _find(base, codebase, replace(bindings, bound=bound), lock, source_kind, needed, Renames()).findings


def _with_moves(
    findings: tuple[Finding, ...], base: tuple[Finding, ...], lock: Lock, expected: Expected
) -> tuple[Finding, ...]:
    same = {f.fingerprint for f in base}
    subjects = {f.subject for f in base}
    waiting = set(lock.removed.values())

    def moved(finding: Finding) -> Moved:
        if spelled(QName(schema=finding.subject.schema, name=finding.subject.name)) in waiting:
            return "database"
        if _rests_on_check(finding, expected) and Facet.CHECKS not in lock.catalog.covers:
            return "unknown"
        if finding.fingerprint in same:
            return "code"
        return "both" if finding.subject in subjects else "database"

    return tuple(replace(f, moved=moved(f)) for f in findings)


def _rests_on_check(finding: Finding, expected: Expected) -> bool:
    """Whether a finding is about the type of a column whose values a check names."""
    subject = finding.subject
    name = QName(schema=subject.schema, name=subject.name)
    relation = expected.catalog.relations_by_name.get(name)
    if finding.rule != COLUMN_TYPE or relation is None:
        return False
    columns = (c for c in relation.columns if c.name == subject.column)
    return any(expected.literals.of_column(name, column) is not None for column in columns)


def _not_checked(
    expected: Expected, codebase: Codebase, bindings: Bindings, functions: FunctionBindings
) -> Iterator[Note]:
    writing = {b.object for b in bindings.bound if b.shape != "row" and not b.partial and b.exists}
    yield from unseen(expected.objects, writing)
    for b in (*bindings.bound, *functions.bound):
        if b.declaration.unknown and b.exists:
            what = f"{b.declaration.at}: {b.declaration.name}, which maps to {b.object}"
            yield Note(what=what, why=b.declaration.unknown)
    yield from bindings.notes
    for pattern in expected.unused_not_null():
        yield Note(what=f"not-null {pattern!r}", why="it matches no column of a view or a function")
    opaque = codebase.opaque + sum(map(_count_opaque, bindings.bound))
    if opaque:
        yield Note(what=f"{opaque} annotations", why="what they mean cannot be determined from the scanned files")
    yield from chosen_types.notes(expected.catalog, expected.overrides)
    if expected.literals.unknown:
        yield Note(what="check-literals", why="this source does not tell the text of checks; a live database does")


def _count_opaque(binding: Binding) -> int:
    """Return how many annotations of a bound model or dataclass cannot be resolved."""
    declared = binding.declaration
    if not isinstance(declared, RowDeclaration) or declared.form in {*TYPEDDICTS, "sqlalchemy"}:
        return 0
    own = (item for item in declared.items if not item.inherited and item.field and not item.field.trusted)
    return sum(item.type.is_opaque for item in own)
