"""The commits of the lock, as the page shows them."""

from __future__ import annotations

from schema_sync.compare.changes import ObjectChange
from schema_sync.explorer.contents import Remark, ShownChange, ShownCommit, ShownHistory, address
from schema_sync.exports.history import DIGITS, Entry, Figures, Timeline

MOST_COMMITS = 50
MOST_BYTES = 16 * 1024**2
"""Of the locks that are read for a page, which take about a second."""
MOST_CHANGES = 100
MOST_CHARACTERS = 200
"""Of a commit's subject and author, and of a change."""


def shown_history(timeline: Timeline, first_schema: str) -> ShownHistory:
    """Return the history; objects of *first_schema* go by their bare names."""
    return ShownHistory(
        lock=timeline.lock,
        commits=tuple(_commit(entry, first_schema) for entry in timeline.entries),
        older=timeline.more,
        not_known=tuple(Remark(what=note.what, why=note.why) for note in timeline.not_known),
    )


def _commit(entry: Entry, first_schema: str) -> ShownCommit:
    changes = entry.changes or ()
    return ShownCommit(
        commit=entry.commit[:DIGITS],
        date=entry.date[:DIGITS],
        author=_short(entry.author),
        subject=_short(entry.subject),
        figures=tuple(getattr(entry.figures, name, None) for name in Figures.__struct_fields__),
        changes=tuple(_change(each, first_schema) for each in changes[:MOST_CHANGES]),
        more=max(0, len(changes) - MOST_CHANGES),
        note=_note(entry),
    )


def _note(entry: Entry) -> str:
    if entry.figures is None:
        return "The lock was removed." if entry.content is None else "Not known: the lock cannot be read."
    if entry.changes is None:
        return "Not compared: no lock before it is known."
    return "" if entry.changes else "The schema did not change."


def _change(each: ObjectChange, first_schema: str) -> ShownChange:
    if each.name is None:
        return ShownChange(how=each.how, text=_short(each.text))
    name = each.name
    return ShownChange(
        how=each.how,
        text=_short(each.text),
        kind=each.kind,
        object=name.name if name.schema == first_schema else str(name),
        address=address(name.schema, name.name, each.part or None),
    )


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
