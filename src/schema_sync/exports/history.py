"""How the schema grew, commit by commit: the document, and its text with sparklines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import asdict

from schema_sync.codebase.file_history import Change
from schema_sync.compare.changes import ObjectChange
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Facet
from schema_sync.model.findings import Note
from schema_sync.reports.base import Part, Styled, styled
from schema_sync.reports.escaping import json_text as escaped
from schema_sync.reports.json_report import Count

DIGITS = 10
"""Of a commit's id, and of a date."""
WIDTH, MOST_LINES = 60, 10
_LEVELS, _UNKNOWN = "▁▂▃▄▅▆▇█", "·"


class Figures(Value, frozen=True, kw_only=True):
    """How many objects a catalog has; null for what its source did not show."""

    tables: Count
    views: Count
    columns: Annotated[Count, Meta(description="Of tables and views.")]
    enums: Count | None


class Entry(Change, frozen=True, kw_only=True):
    """A commit that changed the lock.

    Attributes:
        figures: of the lock behind it; None where the lock was removed or cannot be read.
        compared_with: the commit of the last lock before that can be read.
        changes: what differs from that one; None where nothing is compared.
    """

    figures: Figures | None
    compared_with: str | None
    changes: tuple[ObjectChange, ...] | None


class Timeline(Value, frozen=True, kw_only=True):
    """The commits of the lock, the newest first; *more* is whether there are older ones."""

    lock: str
    entries: tuple[Entry, ...]
    more: bool
    not_known: tuple[Note, ...]


class Step(Change, frozen=True, kw_only=True):
    """A commit that changed the lock, and the lock behind it."""

    figures: Annotated[Figures | None, Meta(description="Null where the lock was removed or cannot be read.")]
    compared_with: Annotated[str | None, Meta(description="The commit of the last lock before that can be read.")]
    changes: Annotated[tuple[str, ...] | None, Meta(description="A line each; null where nothing is compared.")]


class History(Value, frozen=True, kw_only=True):
    """The document that `schema-sync history --format json` prints."""

    format_version: Literal[1]
    lock: Annotated[str, Meta(description="Where the lock is now, from the project.")]
    steps: Annotated[tuple[Step, ...], Meta(description="The newest first.")]
    more: Annotated[bool, Meta(description="Whether older commits are left out (--limit).")]
    not_known: tuple[Note, ...]


def document(timeline: Timeline, first_schema: str) -> History:
    """Return the document; in it objects of *first_schema* go by their bare names."""
    return History(
        format_version=1,
        lock=timeline.lock,
        steps=tuple(_step(entry, first_schema) for entry in timeline.entries),
        more=timeline.more,
        not_known=timeline.not_known,
    )


def _step(entry: Entry, first_schema: str) -> Step:
    fields = asdict(entry)
    if entry.changes is not None:
        fields["changes"] = tuple(each.line(first_schema) for each in entry.changes)
    return Step(**fields)


def figures(catalog: Catalog) -> Figures:
    """Return how many objects *catalog* has, counted as by `analyze`."""
    return Figures(
        tables=sum(not each.is_view for each in catalog.relations),
        views=sum(each.is_view for each in catalog.relations),
        columns=sum(len(each.columns) for each in catalog.relations),
        enums=sum(not each.external for each in catalog.enums) if Facet.ENUMS in catalog.covers else None,
    )


def sparkline(values: Sequence[int | None]) -> str:
    """Return a character for each value, between the least and the greatest; at most ``WIDTH``, evenly chosen."""
    known = [value for value in values if value is not None]
    low, top = min(known, default=0), max(known, default=0)
    if len(values) > WIDTH:
        values = [values[(i + 1) * len(values) // WIDTH - 1] for i in range(WIDTH)]
    steps = len(_LEVELS) - 1
    return "".join(_UNKNOWN if v is None else _LEVELS[(v - low) * steps // max(top - low, 1)] for v in values)


def json_text(history: History) -> str:
    """Return the history for a program; what would steer a terminal is escaped."""
    return escaped(history, indent=2) + "\n"


def lines(history: History, title: str) -> Iterator[Styled]:
    """Yield the lines of the history for a person."""
    yield from (styled(Part(f"{title} Schema History".strip(), "title")), styled())
    yield from map(styled, _over_time(history.steps))
    for step, before in zip(history.steps, (*history.steps[1:], None), strict=True):
        subject = f": {step.subject}" if step.subject else ""
        commit = Part(f"{step.date[:DIGITS]} {step.commit[:DIGITS]}", "title")
        yield from (styled(), styled(commit, f" {step.author}{subject}"))
        yield from (styled("  ", line) for line in _details(step, before))


def _over_time(steps: Sequence[Step]) -> Iterator[str]:
    for name in Figures.__struct_fields__:
        values = [getattr(step.figures, name, None) for step in reversed(steps)]
        known = [value for value in values if value is not None]
        if any(known):
            ends = f"{known[-1]:,}" if known[0] == known[-1] else f"{known[0]:,} → {known[-1]:,}"
            yield f"{name:<7}  {sparkline(values)}  {ends}"


def _details(step: Step, before: Step | None) -> Iterator[str]:
    if step.renamed_from is not None:
        yield f"the lock was renamed from {step.renamed_from}"
    if step.figures is None:
        yield "the lock was removed" if step.content is None else "not known: the lock cannot be read"
        return
    counts = [(getattr(step.figures, name), name) for name in Figures.__struct_fields__]
    yield ", ".join(f"{count:,} {name[:-1] if count == 1 else name}" for count, name in counts if count) or "empty"
    if step.changes is None:
        yield "not compared: no lock before it is known"
        return
    if step.compared_with and before and step.compared_with != before.commit:
        yield f"compared with {step.compared_with[:DIGITS]}:"
    yield from step.changes[:MOST_LINES] or ("the schema did not change",)
    if (rest := len(step.changes) - MOST_LINES) > 0:
        yield f"… and {rest:,} more (--format json has all)"
