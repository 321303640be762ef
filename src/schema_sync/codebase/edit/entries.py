"""Statements of a body, or elements between brackets, as entries that can be inserted, removed and moved.

An entry owns its text and what belongs to it: the comments right above, the comment behind. The rest (blank
lines, dividers, separators, line endings) belongs to the place. What no edit touches is rendered as it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from schema_sync.codebase.source_file import NEWLINE, Splice

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
_BLANK_START = re.compile(r"[ \t\f]*(?:\r\n|\r|\n)")
_PLACED = re.compile(
    r"\#\s*(?:(?P<rule>[-=*~#_+])(?P=rule){2}|(?:end)?region\b|fmt:|isort:|ruff:|!|-\*-|.*\bcoding[:=])",
    re.IGNORECASE,
)
_MARKER = re.compile(r"\#\s*(?:Table|View|Enum|Database|Composite|Type|Function|Result)\s*:", re.IGNORECASE)


@dataclass(kw_only=True)
class Entry:
    """An entry in the order in which its parts are written.

    ``detached`` are the lines above that belong to the place, ``attached`` the comment lines that belong to
    the entry; ``separator`` is the comma or semicolon, ``comment`` the comment behind with the space before it,
    ``newline`` is empty where the next entry stands on the same line, ``below`` are lines that go on about it.

    ``key`` is what the entry declares (an item's key, a label), ``name`` an Enum member's name.
    """

    text: str
    key: str | None = None
    name: str | None = None
    after: str | None = None
    fresh: bool = False
    detached: str = ""
    attached: str = ""
    indent: str = ""
    separator: str = ""
    comment: str = ""
    newline: str = ""
    below: str = ""

    @property
    def declares(self) -> bool:
        """Whether it declares an item or a member."""
        return self.key is not None or self.name is not None


@dataclass(kw_only=True)
class EntryList:
    """The entries in the region from ``start`` to ``end`` of a text.

    ``lines`` tells a body from brackets; ``inline`` marks a body on the line of its header. ``indent`` is what
    a new line of its own starts with; ``singleton`` marks brackets that need a comma around one element.
    """

    start: int
    end: int
    lines: bool
    newline: str
    indent: str
    entries: list[Entry] = field(default_factory=list[Entry])
    head: str = ""
    foot: str = ""
    inline: bool = False
    unterminated: bool = False
    singleton: bool = False

    def splice(self) -> Splice:
        """Return the region as it now reads."""
        text = self.head
        for entry in self.entries:
            above = entry.detached + entry.attached
            if above and not (text.endswith(("\n", "\r")) or (self.lines and not text)):
                text += self.newline
            text += above + entry.indent + entry.text + entry.separator + entry.comment
            text += entry.newline or (self.newline if "#" in entry.comment or entry.below else "")
            text += entry.below
        text += self.foot
        if self.unterminated:
            text = text.removesuffix("\n").removesuffix("\r")
        return Splice(self.start, self.end, text)

    def index(self, key: str | None) -> int | None:
        """Return the index of the last entry with *key*."""
        from_the_end = reversed(range(len(self.entries)))  # new entries mostly go behind one near it
        return None if key is None else next((i for i in from_the_end if self.entries[i].key == key), None)

    def anchor(self, key: str | None) -> int | None:
        """Return the index of the last entry with *key*, else of the last that declares an item or a member."""
        index = self.index(key)
        if index is None:
            index = next((i for i in reversed(range(len(self.entries))) if self.entries[i].declares), None)
        return index

    def behind(self, anchor: int, after: str | None) -> int:
        """Return where an entry goes that follows *anchor*, and those that were put there before it."""
        index = anchor + 1
        chain = {after}
        while index < len(self.entries) and self.entries[index].fresh and self.entries[index].after in chain:
            chain.add(self.entries[index].key)
            index += 1
        return index

    def last_on_line(self, index: int) -> int:
        """Return the last of the statements on the line of entry *index*, so that the line need not be parted."""
        while self.lines and not self.inline and not self.entries[index].newline:
            index += 1
        return index

    def insert(self, index: int, entry: Entry, *, before: bool = False) -> None:
        """Put *entry* at *index*, laid out as its neighbours are; *before* takes the place of the next one."""
        entry.fresh = True
        if self.lines:
            self._part(index)
        if not self.entries:
            self._insert_only(entry)
        elif index == 0 or before:
            self._insert_before(index, entry)
        else:
            self._insert_behind(index - 1, entry)
        self.entries.insert(index, entry)

    def add_label(self, entry: Entry) -> None:
        """Insert a label behind the one that it follows: in front of all if it follows none."""
        if entry.after is None:
            first = next(index for index, each in enumerate(self.entries) if each.declares)
            index = self.behind(first - 1, None)
            self.insert(index, entry, before=index == first)
            return
        self.insert(self.behind(self.anchor(entry.after) or 0, entry.after), entry)

    def _insert_only(self, entry: Entry) -> None:
        entry.separator = "," if self.singleton else ""
        if not NEWLINE.search(self.foot):
            return
        entry.separator, entry.newline, entry.indent = ",", self.newline, self.indent
        first, *others = LINE.findall(self.foot)
        self.head, entry.detached = first, "".join(others)
        self.foot = self.foot[len(first) + len(entry.detached) :]

    def _insert_before(self, index: int, entry: Entry) -> None:
        first = self.entries[index]
        entry.detached, first.detached = first.detached, ""
        entry.indent = first.indent
        entry.separator = "" if self.lines else ","
        if self.lines or first.attached or (self._starts_line(index) and first.newline):
            entry.newline = first.newline or self.newline
        else:
            first.indent = " "

    def _insert_behind(self, anchor: int, entry: Entry) -> None:
        previous = self.entries[anchor]
        last = anchor == len(self.entries) - 1
        starts = self._starts_line(anchor)
        if previous.newline or (last and starts):
            following = "" if last else self.entries[anchor + 1].indent
            entry.indent = previous.indent if starts else following or self.indent
            entry.newline = previous.newline
            previous.newline = previous.newline or self.newline
        else:
            entry.indent = " "
        if self.lines:
            return
        alone = self.singleton and len(self.entries) == 1 and not entry.newline
        entry.separator = "," if not last or (previous.separator and not alone) else ""
        previous.separator = previous.separator or ","

    def remove(self, index: int) -> None:
        """Remove the entry at *index* with what belongs to it; a body that gets empty becomes ``pass``."""
        entry = self.entries.pop(index)
        previous = self.entries[index - 1] if index else None
        following = self.entries[index] if index < len(self.entries) else None
        if following and not entry.newline:
            if not previous or previous.newline:
                following.detached, following.attached = entry.detached, entry.attached
                following.indent = entry.indent
        elif previous and not previous.newline:
            previous.newline, previous.comment, previous.below = entry.newline, entry.comment, entry.below
            previous.separator = entry.separator if self.lines else previous.separator
        else:
            self._close_gap(entry, previous, following)
        if previous and not following and not self.lines:
            previous.separator = entry.separator and previous.separator
        if self.singleton and len(self.entries) == 1:
            self.entries[0].separator = self.entries[0].separator or ","
        if self.lines and not self.entries:
            self.foot = ""
            self.entries.append(
                Entry(text="pass", detached=entry.detached, indent=entry.indent, newline=entry.newline)
            )

    def remove_all(self, keys: Collection[str]) -> None:
        """Remove every entry with one of *keys*."""
        index = 0
        while index < len(self.entries):
            if self.entries[index].key in keys:
                self.remove(index)
            else:
                index += 1

    def drop(self, index: int) -> None:
        """Remove the entry at *index*, but leave its comments, on lines of their own where they stood on such."""
        entry = self.entries[index]
        alone = self._alone(index)
        behind = f"{entry.indent}{entry.comment.strip()}{self.newline}" if "#" in entry.comment else ""
        lines = entry.attached + behind + entry.below
        self.remove(index)
        if alone and lines:
            following = self.entries[index] if index < len(self.entries) else None
            if following:
                following.detached = lines + following.detached
            else:
                self.foot = lines + self.foot
                self.entries[-1].newline = self.entries[-1].newline or self.newline

    def _close_gap(self, entry: Entry, previous: Entry | None, following: Entry | None) -> None:
        """Hand the lines above a removed entry on, without leaving two gaps where there was one."""
        if following:
            gap = _BLANK_START.match(following.detached)
            kept = _without_gap(entry.detached) if gap else entry.detached
            following.detached = kept + following.detached
            return
        self.foot = _without_gap(entry.detached) + self.foot
        if previous and not entry.newline and not previous.comment:
            previous.newline = ""

    def reorder(self, slots: list[int], order: list[int]) -> None:
        """Put the entries *order* into the places *slots* of the same entries."""
        moving = [slot for slot, source in zip(slots, order, strict=True) if slot != source]
        if self.lines:
            for slot in moving:
                self.start_line(slot)
        alone = all(self._alone(slot) for slot in moving)
        parts = ("text", "key", "name", *(("attached", "comment", "below") if alone else ()))
        moved = [replace(self.entries[source]) for source in order]
        for slot, entry in zip(slots, moved, strict=True):
            for part in parts:
                setattr(self.entries[slot], part, getattr(entry, part))

    def _alone(self, index: int) -> bool:
        return self._starts_line(index) and (bool(self.entries[index].newline) or index == len(self.entries) - 1)

    def _starts_line(self, index: int) -> bool:
        if index == 0:
            return (self.lines and not self.inline) or self.head.endswith(("\n", "\r"))
        return bool(self.entries[index - 1].newline)

    def start_line(self, index: int) -> None:
        """Make sure that a body's entry *index* has a line of its own."""
        self._part(index)
        self._part(index + 1)

    def _part(self, index: int) -> None:
        """Make sure that a body's entry *index* starts a line."""
        if self.inline:
            self.unfold()
        if 0 < index < len(self.entries) and not self.entries[index - 1].newline:
            previous = self.entries[index - 1]
            previous.separator, previous.newline = "", self.newline
            self.entries[index].indent = self.indent

    def unfold(self) -> None:
        """Turn a body on its header's line into a block."""
        self.inline = False
        last = self.entries[-1]
        self.head = last.comment + self.newline
        last.comment = ""
        for entry in self.entries:
            entry.indent, entry.separator, entry.newline = self.indent, "", self.newline


def split_above(lines: str, *, markers: bool = False) -> tuple[str, str]:
    """Split the blank and comment *lines* above an entry: those of the place, and those of the entry.

    The entry's are the comments that touch it, up to a blank line, a divider or a switch for a tool; with
    *markers* also up to a line such as ``# Table: public.users``, which is the whole class's.
    """
    parts = LINE.findall(lines)
    cut = len(parts)
    while cut and (bare := parts[cut - 1].strip()) and not _PLACED.match(bare):
        if markers and _MARKER.match(bare):
            break
        cut -= 1
    return "".join(parts[:cut]), "".join(parts[cut:])


def _without_gap(lines: str) -> str:
    parts = LINE.findall(lines)
    while parts and not parts[-1].strip():
        parts.pop()
    return "".join(parts)


def split_deeper(lines: str, indent: str, *, gaps: bool) -> tuple[str, str]:
    """Split off the leading comment *lines* that are indented beyond *indent*: they go on with what is above.

    With *gaps*, as behind a class's body, blank lines may stand before and between them.
    """
    parts = LINE.findall(lines)
    cut = 0
    for index, part in enumerate(parts):
        if part.strip() and _column(part) > _column(indent + "x"):
            cut = index + 1
        elif part.strip() or not gaps:
            break
    return "".join(parts[:cut]), "".join(parts[cut:])


def _column(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip(" \f"))
