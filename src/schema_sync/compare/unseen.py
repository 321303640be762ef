"""What a partial catalog, or a replay that was not finished, leaves open: unseen is not absent, and is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from schema_sync.compare.binding import Bindings
from schema_sync.mapping.types import is_open
from schema_sync.model.catalog import ALL_FACETS, Catalog, Facet
from schema_sync.model.findings import Finding, Incomplete, Note, Report
from schema_sync.model.overlay import unseen
from schema_sync.model.snapshot import Lock

_WORDS = {
    Facet.ENUMS: "enum types that no column shows",
    Facet.DEFAULTS: "some defaults, such as those of json columns and sequences",
    Facet.IDENTITY: "identity columns",
    Facet.GENERATED: "generated columns",
    Facet.DOMAINS: "domains, which look like the types below them, and modifiers such as those of numeric(10,2)",
    Facet.COMPOSITES: "composite types",
    Facet.CONSTRAINTS: "unique keys, foreign keys of several columns or to other schemas",
}
_WHY = "a statement that was not applied may concern it"
_FACET_OF_KIND = {"enum": Facet.ENUMS, "composite": Facet.COMPOSITES}


def seen_bindings(bindings: Bindings, catalog: Catalog, lock: Lock | None) -> tuple[Bindings, tuple[Note, ...]]:
    """Return *bindings* less those whose object may exist unseen, and a note on each of these.

    What a source that saw all of it found to be gone, as *lock* remembers, stays gone.
    """
    hidden = unseen(catalog)
    if not hidden:
        return bindings, ()
    gone = lock.removed if lock is not None else {}
    doubtful = [
        b
        for b in bindings.bound
        if not b.exists and _FACET_OF_KIND.get(b.kind) in hidden and b.declaration.id not in gone
    ]
    bound = tuple(b for b in bindings.bound if b not in doubtful)
    notes = (
        Note(
            what=f"{b.declaration.at}: {b.declaration.name}, which maps to {b.object}",
            why=f"the source does not show every {b.kind} type: it may exist",
        )
        for b in doubtful
    )
    return replace(bindings, bound=bound), tuple(notes)


def hidden(catalog: Catalog, source: str) -> tuple[Note, ...]:
    """Return a note for each part of a schema that *catalog*, shown as *source* gives it, leaves out."""
    why = f"the source {source} does not show all of them"
    parts = [f.value for f in ALL_FACETS if f not in catalog.covers and f is not Facet.FUNCTIONS]
    if not catalog.shows_modifiers:
        parts.append("type modifiers, such as those of numeric(10,2)")
    return tuple(Note(what=part, why=why) for part in parts)


def unseen_notes(catalog: Catalog, source: str) -> Iterator[Note]:
    """Yield a note for each part of a schema that *catalog* does not cover, and for types of an unknown kind."""
    hidden = unseen(catalog)
    if hidden:
        ordered = [*(facet for facet in _WORDS if facet in hidden), *(f for f in hidden if f not in _WORDS)]
        parts = [_WORDS.get(facet, facet.value) for facet in ordered]
        why = f"the source {source} does not show them; taken as at the last sync, if any"
        yield Note(what="; ".join(parts), why=why)
    if Facet.COMPOSITES in hidden:
        columns = (column for relation in catalog.relations for column in relation.columns)
        names = ", ".join(sorted({str(c.type.name) for c in columns if is_open(c.type, catalog)}))
        if names:
            why = "what it is made of is not shown: any annotation is accepted"
            yield Note(what=f"columns of type {names}", why=why)


def withhold(report: Report, incomplete: Incomplete) -> Report:
    """Return *report* less the findings that a statement without effect may have prevented.

    What a finding says to be absent, or to differ, is *not checked* where such a statement mentions it.
    """
    kept, notes = settled(report.findings, incomplete)
    notes = (*report.not_checked, *incomplete.failed, *notes)
    return replace(report, findings=kept, not_checked=notes, incomplete=incomplete.summary)


def settled(findings: tuple[Finding, ...], incomplete: Incomplete) -> tuple[tuple[Finding, ...], tuple[Note, ...]]:
    """Return those of *findings* that no statement without effect leaves open, and a note for each other name."""
    kept: list[Finding] = []
    open_: Counter[str] = Counter()
    for finding in findings:
        if _is_open(finding, incomplete):
            names = (str(finding.subject), *(finding.subject.part or ())[1:])
            open_[f"{'.'.join(names)} ({finding.rule})"] += 1
        else:
            kept.append(finding)
    several = {what: f"{what[:-1]}, {count} times)" if count > 1 else what for what, count in open_.items()}
    return tuple(kept), tuple(Note(what=what, why=_WHY) for what in several.values())


def _is_open(finding: Finding, incomplete: Incomplete) -> bool:
    subject, part = finding.subject, finding.subject.part
    if subject.kind == "function" and finding.change != "added":  # another version of it has other arguments
        return incomplete.unbounded or incomplete.leaves_open(subject.name)
    if finding.change == "removed":
        absent = part[1] if part else subject.name
        return incomplete.unbounded or incomplete.leaves_open(absent)
    former = finding.fact("renamed_from")
    names = [subject.name, *([part[1]] if part else ()), *([former] if isinstance(former, str) else ())]
    return finding.change == "modified" and incomplete.leaves_open(*names)
