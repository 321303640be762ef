"""What is wrong with a name that the code mentions: facts, before a rule makes a finding of them."""

from __future__ import annotations

from typing import Literal

from schema_sync.model.base import Value
from schema_sync.model.catalog import ObjectKind
from schema_sync.model.queries import Query, Span, Text

FaultKind = Literal[
    "no_table",
    "key_missing",
    "no_unique_constraint",
    "wrong_literal",
    "no_column",
    "no_function",
    "no_argument",
    "argument_missing",
    "no_relationship",
    "several_relationships",
    "not_writable",
    "no_label",
    "not_parsed",
    "key_not_selected",
    "unknown_to_server",
]


class Place(Value, frozen=True, kw_only=True):
    """Where a mention is: a span of the file, or the characters *start* to *end* of a string that is there."""

    span: Span
    text: Text | None = None
    start: int = 0
    end: int = 0


class Mentioned(Value, frozen=True, kw_only=True):
    """A mention of an object.

    Attributes:
        query: the query that mentions it, and ``call`` the method.
        place: where.
        certain: whether the mention is literal and in one chain.
        object_kind, schema, name: the object.
        part: the column, argument, label, target or key that is meant; empty where the object itself is.
    """

    query: Query
    call: str
    place: Place
    certain: bool
    object_kind: ObjectKind = "table"
    schema: str
    name: str
    part: str = ""


class QueryFault(Mentioned, frozen=True, kw_only=True):
    """A mention of something that does not exist, or not in this way.

    Attributes:
        kind: what is wrong.
        column: the column of a label.
        nearest: the existing name that is most like it; empty where none is.
        detail: what else a person has to know, such as the parser's words.
        names: several names, such as the columns that are missing.
    """

    kind: FaultKind
    column: str = ""
    nearest: str = ""
    detail: str = ""
    names: tuple[str, ...] = ()


class Unchecked(Value, frozen=True, kw_only=True):
    """A mention that could not be compared, and why."""

    query: Query
    what: str
    why: str
