"""Findings on the names that queries mention."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.compare.check_literals import LiteralChecks
from schema_sync.compare.missing_start import with_missing_start
from schema_sync.compare.policy import judged
from schema_sync.compare.query_names import Checked, check_names
from schema_sync.compare.query_uses import mentioned_first, placed, with_uses
from schema_sync.compare.unseen import settled
from schema_sync.model.findings import Calls, Finding, Note, Report
from schema_sync.model.name_facts import NO_FACTS, NameFacts
from schema_sync.model.snapshot import without_expressions
from schema_sync.rules.registry import QUERY_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schema_sync.model.catalog import Catalog
    from schema_sync.model.faults import QueryFault, Unchecked
    from schema_sync.model.options import Options, Reading
    from schema_sync.model.queries import QueryFiles
    from schema_sync.model.snapshot import Lock


def with_queries(
    report: Report, files: QueryFiles, catalog: Catalog, *, reading: Reading, options: Options, lock: Lock | None
) -> Report:
    """Return *report* and what is found in the queries of *files*, compared with *catalog*."""
    checked = _check(files, catalog, reading, options)
    found = [(fault, finding) for fault in checked.faults for finding in _findings(fault, files)]
    findings = _numbered(finding for _, finding in found)
    if lock is not None and findings:
        by_server = {finding.rule for fault, finding in found if fault.query.verb == "sql"}
        moved = _with_moves(findings, files, lock, reading, options)
        findings = tuple(old if old.rule in by_server else new for old, new in zip(findings, moved, strict=True))
    shown = judged(findings, options)
    notes = unchecked_notes(checked.unchecked)
    suppressed = len(found) - len(shown)
    if reading.incomplete is not None:
        shown, unsettled = settled(shown, reading.incomplete)
        notes += unsettled
    report = replace(
        report,
        findings=(*with_uses(report.findings, checked, files), *shown),
        without_class=mentioned_first(report.without_class, checked),
        not_checked=(*report.not_checked, *notes, *_unread(files, report)),
        suppressed=report.suppressed + suppressed,
        queries=_calls(files),
        sql_not_checked=sum(each.query.verb == "sql" for each in checked.unchecked),
    )
    return with_missing_start(report, checked.mentioned, options)


def _calls(files: QueryFiles) -> Calls:
    found = Counter(query.naming for query in files.queries if query.verb != "sql")
    return Calls(certain=found["certain"], inferred=found["inferred"], dynamic=found["dynamic"])


def _unread(files: QueryFiles, report: Report) -> Iterator[Note]:
    """Yield a note for each file that could not be searched, unless the report names it anyway."""
    known = {each.at.path for each in report.unreadable}
    for each in files.unreadable:
        if each.at.path not in known:
            yield Note(what=f"queries in {each.at.exact}", why=each.why)


def saved_facts(facts: NameFacts, catalog: Catalog, lock: Lock | None) -> NameFacts | None:
    """Return what the next lock keeps of *facts*: what the source does not show stays as the last one had it."""
    checks = LiteralChecks(catalog, wanted=True)
    found = {
        f"{relation.name}.{column.name}": values
        for relation in catalog.relations
        for column in relation.columns
        if (values := checks.of_column(relation.name, column)) is not None
    }
    last = (lock.facts if lock else None) or NO_FACTS
    named = last.named if facts.filled is None else facts.named
    if named is not None and named is not last.named:
        kept_facts = saved_facts(named.facts, named.catalog, None) or NO_FACTS
        named = replace(named, catalog=without_expressions(named.catalog), facts=kept_facts)
    kept = NameFacts(
        functions=last.functions if facts.functions is None else facts.functions,
        other_functions=last.other_functions if facts.functions is None else facts.other_functions,
        filled=last.filled if facts.filled is None else facts.filled,
        unique_indexes=last.unique_indexes if facts.unique_indexes is None else facts.unique_indexes,
        values=last.values if checks.unknown else found,
        named=named,
    )
    return kept if kept.functions is not None else None


def _check(files: QueryFiles, catalog: Catalog, reading: Reading, options: Options) -> Checked:
    filled = options.trigger_filled
    return check_names(files.queries, catalog, reading.facts, verdicts=reading.verdicts, trigger_filled=filled)


def _with_moves(
    findings: tuple[Finding, ...], files: QueryFiles, lock: Lock, reading: Reading, options: Options
) -> tuple[Finding, ...]:
    """Return *findings* with who moved: the code, where the last sync's database would have them too."""
    faults = _check(files, lock.catalog, reading, options).faults
    known = {each.fingerprint for each in _numbered(f for fault in faults for f in _findings(fault, files))}
    return tuple(replace(f, moved="code" if f.fingerprint in known else "database") for f in findings)


def _findings(fault: QueryFault, files: QueryFiles) -> Iterator[Finding]:
    for rule in QUERY_RULES:
        yield from rule.find(placed(fault, files))


def _numbered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *findings* by place, each numbered among those that differ from it by the place alone."""
    seen: Counter[str] = Counter()
    numbered: list[Finding] = []
    for finding in sorted(findings, key=lambda each: each.at):
        if finding.use is not None:
            seen[finding.fingerprint] += 1
            use = replace(finding.use, occurrence=seen[finding.fingerprint])
            numbered.append(replace(finding, use=use))
    return tuple(numbered)


def unchecked_notes(unchecked: Iterable[Unchecked]) -> tuple[Note, ...]:
    """Return a note for each reason why queries were not checked: how many, and where the first is."""
    by_reason: dict[tuple[bool, str], list[Unchecked]] = defaultdict(list)
    for each in unchecked:
        by_reason[each.query.verb == "sql", each.why].append(each)
    return tuple(
        Note(what=f"{_counted(found)}, the first in {found[0].query.path}:{found[0].query.span.line}", why=why)
        for (_, why), found in sorted(by_reason.items())
    )


def _counted(found: list[Unchecked]) -> str:
    if found[0].query.verb == "sql":
        return "1 SQL literal" if len(found) == 1 else f"{len(found)} SQL literals"
    return "1 mention in queries" if len(found) == 1 else f"{len(found)} mentions in queries"
