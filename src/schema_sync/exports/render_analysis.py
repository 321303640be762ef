"""An analysis for people, with bars, and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from schema_sync.exports.analysis import Analysis
from schema_sync.exports.markdown import short
from schema_sync.model.catalog import QName
from schema_sync.reports.base import Part, Styled, styled
from schema_sync.reports.escaping import json_text as escaped
from schema_sync.reports.tables import Table

WIDTH = 16
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_KILO, _FEW = 1024, 10
_BAR = ""  # the heading above the bars
_UNITS = ("B", "kB", "MB", "GB", "TB")


def json_text(analysis: Analysis) -> str:
    """Return the analysis for a program; what would steer a terminal is escaped."""
    return escaped(analysis, indent=2) + "\n"


def bar(value: int, most: int) -> str:
    """Return a bar of up to ``WIDTH`` cells for *value*, of *most*; what is more than nothing shows."""
    eighths = 0 if most == 0 else max(round(value * WIDTH * 8 / most), value > 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def amount(number: int | None) -> str:
    """Return a number with its thousands apart, nothing for None."""
    return "" if number is None else f"{number:,}"


def bytes_text(size: int | None) -> str:
    """Return *size* in a unit that fits, nothing for None; a kB has 1024 bytes (PostgreSQL's pg_size_pretty)."""
    if size is None:
        return ""
    value, unit = float(size), 0
    while value >= _KILO and unit < len(_UNITS) - 1:
        value, unit = value / _KILO, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 or value >= _FEW else f"{value:.1f} {_UNITS[unit]}"


def document(analysis: Analysis, title: str, shown: Callable[[str], str]) -> Iterator[Styled | Table]:
    """Yield the lines of the analysis for a person, and its table.

    *shown* names the project's files in a text as they are seen from the current folder.
    """
    heading = styled(Part(f"{title} Schema Analysis".strip(), "title"))
    yield from (heading, styled(), styled(_summary(analysis)), styled(), _relations(analysis))
    for name, found in _hints(analysis, shown):
        yield from (styled(), styled(Part(name, "title")), *(styled("  ", each) for each in found))


def _summary(analysis: Analysis) -> str:
    totals = analysis.totals
    parts = [(name, getattr(totals, name)) for name in totals.__struct_fields__ if name not in {"rows", "size"}]
    words = [f"{value:,} {_counted(name, value)}" for name, value in parts if value is not None]
    stored = [] if totals.size is None else [f"about {totals.rows or 0:,} rows in {bytes_text(totals.size)}"]
    return ", ".join([*words, *stored])


def _counted(name: str, count: int) -> str:
    words = name.replace("_", " ")
    if count != 1:
        return words
    return {"indexes": "index", "policies": "policy"}.get(words, words.removesuffix("s"))


def _relations(analysis: Analysis) -> Table:
    relations = analysis.relations
    most = max((each.columns for each in relations), default=0)
    names = [short(QName(schema=each.schema, name=each.name), analysis.schemas) for each in relations]
    bars = [bar(each.columns, most) for each in relations]
    told = any(each.indexes is not None for each in relations)
    counts = ["columns", *(["constraints"] if analysis.totals.constraints is not None else [])]
    counts += ["indexes", "triggers", "policies"] if told else []
    columns = [[name, *(amount(getattr(each, name)) for each in relations)] for name in counts]
    if told:
        columns.append(["RLS", *({None: "", True: "on", False: "off"}[each.row_security] for each in relations)])
        columns.append(["rows, about", *(amount(each.rows) for each in relations)])
        columns.append(["size", *(bytes_text(each.size) for each in relations)])
    heading, *rows = zip(["relation", *names], [_BAR, *bars], *columns, strict=True)
    return Table(columns=heading, rows=tuple(rows), right=frozenset(heading[2:]), ornaments=frozenset([_BAR]))


def _hints(analysis: Analysis, shown: Callable[[str], str]) -> Iterator[tuple[str, list[str]]]:
    def named(names: Iterable[QName]) -> list[str]:
        return [short(name, analysis.schemas) for name in names]

    unindexed = [
        f"{short(key.table, analysis.schemas)} ({', '.join(key.columns)})"
        for key in analysis.foreign_keys_without_index or ()
    ]
    inexact = [
        f"{short(c.table, analysis.schemas)}.{c.column} ({c.type}): {c.reason}" for c in analysis.inexact_columns
    ]
    columns = [f"{short(c.table, analysis.schemas)}.{c.column}" for c in analysis.unmentioned_columns or ()]
    hints = (
        ("Tables without a primary key", named(analysis.without_primary_key or ())),
        ("RLS off: who may use the table sees all rows", named(analysis.without_row_security or ())),
        ("RLS on, no policy: nobody sees a row without the service key", named(analysis.without_policy or ())),
        ("Foreign keys without an index on their columns", unindexed),
        ("Enums that nothing uses", named(analysis.unused_enums or ())),
        ("Columns that JSON does not carry exactly", inexact),
        ("Longest chains of foreign keys", [" → ".join(named(chain)) for chain in analysis.longest_chains or ()]),
        ("Tables that refer to each other in a circle", [", ".join(named(group)) for group in analysis.cycles]),
        ("Tables that refer to themselves", named(analysis.self_references)),
        ("Tables and views that no Python code mentions", named(analysis.unmentioned_relations or ())),
        ("Columns that no Python code mentions", columns),
        ("Functions that no Python code mentions", named(analysis.unmentioned_functions or ())),
        ("Not shown", [shown(str(note)) for note in analysis.not_shown]),
    )
    yield from ((f"{heading} ({len(found)})", found) for heading, found in hints if found)
