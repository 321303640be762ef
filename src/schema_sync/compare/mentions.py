"""A part of a query and what is found to be wrong with the names in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict, Unpack

from schema_sync.model.faults import FaultKind, Mentioned, Place, QueryFault, Unchecked
from schema_sync.model.queries import Dynamic
from schema_sync.queries.select_lists import Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schema_sync.model.catalog import ObjectKind, Relation
    from schema_sync.model.queries import AnyPart, Query, Text

Found = Mentioned | Unchecked


class Details(TypedDict, total=False):
    """Fields of ``QueryFault`` of the same names."""

    part: str
    column: str
    nearest: str
    detail: str
    names: tuple[str, ...]


class _Fields(TypedDict):
    query: Query
    call: str
    place: Place
    certain: bool
    object_kind: ObjectKind
    schema: str
    name: str


class Mention(NamedTuple):
    """A part of a query.

    Attributes:
        query: the query.
        part: the part.
        found: where what is wrong is noted.
        text: the text in which its names are; None where each has a place of its own.
        sources: for each character that is sent, and for the end, the string that it is from and its place there;
            None where *text* is sent as it is.
    """

    query: Query
    part: AnyPart
    found: list[Found]
    text: Text | None = None
    sources: Sequence[tuple[Text, int]] | None = None

    def report(self, kind: FaultKind, relation: Relation, at: Name | Place, **details: Unpack[Details]) -> None:
        """Note a fault of a name, which is *at* a place, in what belongs to *relation*."""
        self.found.append(QueryFault(kind=kind, **self._of(relation, at), **details))

    def note(self, relation: Relation, at: Name | Place, part: str = "") -> None:
        """Note that a name, which is *at* a place, is *relation* or its column *part*."""
        self.found.append(Mentioned(**self._of(relation, at), part=part))

    def _of(self, relation: Relation, at: Name | Place) -> _Fields:
        return {
            "query": self.query,
            "call": self.part.call,
            "place": at if isinstance(at, Place) else self.place_of(at),
            "certain": self.query.certain and self.part.certain,
            "object_kind": "view" if relation.is_view else "table",
            "schema": relation.name.schema,
            "name": relation.name.name,
        }

    def report_unparsed(self, relation: Relation | None, offset: int, why: str) -> None:
        """Note that the text cannot be parsed, from the character *offset* of what is sent on."""
        fault = QueryFault(
            kind="not_parsed",
            query=self.query,
            call=self.part.call,
            place=self.place_of(Name("", offset, offset + 1)),
            certain=self.query.certain and self.part.certain,
            schema=relation.name.schema if relation else "",
            name=relation.name.name if relation else "",
            detail=why,
        )
        self.found.append(fault)

    def report_unchecked(self, what: str, why: str) -> None:
        """Note that something could not be compared."""
        self.found.append(Unchecked(query=self.query, what=what, why=why))

    def place_of(self, name: Name) -> Place:
        """Return the place of *name*, which is in the text."""
        _, start, end = name
        if self.sources is not None:
            first, start = self.sources[min(start, len(self.sources) - 1)]
            last, end = self.sources[min(end, len(self.sources)) - 1]
            return place_in(first, start, end + 1) if first is last else Place(span=first.span)
        return Place(span=self.part.span) if self.text is None else place_in(self.text, start, end)


def place_in(text: Text, start: int, end: int) -> Place:
    """Return the place of the characters *start* to *end* of *text*."""
    return Place(span=text.span, text=text, start=start, end=end) if text.literal else Place(span=text.span)


def unknown_parts(query: Query) -> tuple[Unchecked, ...]:
    """Return what of a query is not known before the code runs: its name or its schema, else its arguments."""
    if query.name is None and query.verb != "sql":
        what = "a function" if query.verb == "rpc" else "a table"
        return (Unchecked(query=query, what=what, why="its name is not a literal"),)
    if query.name is not None and not query.schema_known:
        return (Unchecked(query=query, what=query.name.value, why="its schema is not a literal"),)
    return tuple(unchecked_part(query, part) for part in query.parts if isinstance(part, Dynamic))


def unchecked_part(query: Query, part: Dynamic) -> Unchecked:
    """Return the note that an argument is not known."""
    return Unchecked(query=query, what=f"{part.call}()", why=part.why)
