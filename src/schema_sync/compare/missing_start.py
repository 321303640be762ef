"""Migrations that do not create most of the tables that the code names: one finding for all of these tables.

A project that began in the dashboard has such a folder. What its migrations do not create may well exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.compare.policy import judged
from schema_sync.model.findings import Finding, Note, Report
from schema_sync.rules.registry import INITIAL_MISSING
from schema_sync.rules.tables import first_migration_missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schema_sync.model.faults import Mentioned
    from schema_sync.model.options import Options

_FEWEST = 3  # tables: fewer may be wrong names as well
_OF_TABLES = frozenset({"table-removed", "unknown-table", "invalid-sql"})
_OF_FUNCTIONS = frozenset({"unknown-function", "invalid-sql"})


def with_missing_start(report: Report, mentioned: Iterable[Mentioned], options: Options) -> Report:
    """Return *report* with one finding in place of those on absent tables and functions, where most are absent.

    *mentioned* are the mentions in queries of what exists. Where statements of the migrations had no effect, it
    is a note: what they would have created is not known.
    """
    if report.source_kind != INITIAL_MISSING.source:
        return report
    absent = [f for f in report.findings if _is_absent(f, "table", _OF_TABLES)]
    missing = {(f.subject.schema, f.subject.name) for f in absent}
    known = {(each.schema, each.name) for each in mentioned if each.object_kind in {"table", "view"}}
    known |= {
        (b.object.schema, b.object.name) for b in report.bindings if b.exists and b.kind in {"table", "view"}
    }
    is_known = any(f.rule == INITIAL_MISSING.id for f in report.findings)
    if not is_known and (len(missing) < _FEWEST or len(missing) <= len(known)):
        return report
    functions = [f for f in report.findings if _is_absent(f, "function", _OF_FUNCTIONS)]
    kept = tuple(f for f in report.findings if f not in absent and f not in functions)
    if is_known:
        return replace(report, findings=kept)
    found = first_migration_missing(
        INITIAL_MISSING, absent[0].subject.schema, absent[0].at, len(missing), len(missing | known)
    )
    if report.incomplete:
        note = Note(what=found.message, why="statements of the migrations that had no effect may create them")
        return replace(report, findings=kept, not_checked=(*report.not_checked, note))
    return replace(report, findings=(*judged((found,), options), *kept))


def _is_absent(finding: Finding, kind: str, rules: frozenset[str]) -> bool:
    return finding.rule in rules and finding.subject.kind == kind and finding.subject.part is None
