"""What Python code asks of Supabase: calls such as ``client.table("orders").select("id, total")``.

A query is what one chain of calls asks, also where it is split over statements. All of it is as the code has it:
whether the names exist is for a comparison with a catalog to find out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from schema_sync.model.base import Value
from schema_sync.model.declarations import Unreadable

Verb = Literal["select", "insert", "upsert", "update", "delete", "rpc", "sql"]
Placeholders = Literal["percent", "colon", "dollar"]
DEFAULT_SCHEMA = "public"
"""The schema of a client that names none."""
Scalar = str | int | float | bool | None
"""A literal of the code that JSON can hold."""


class Span(Value, frozen=True, kw_only=True):
    """A part of a file: lines and columns counted from 1, columns in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Text(Value, frozen=True, kw_only=True):
    """A string whose value is known, and where it is written.

    Attributes:
        value: the string.
        span: the expression that gives it, in the file where the call is.
        literal: whether that expression is a string literal, so that a part of the value has a place of its own.
    """

    value: str
    span: Span
    literal: bool = True


class Given(Value, frozen=True, kw_only=True):
    """A literal value of the code."""

    value: Scalar


class Key(Value, frozen=True, kw_only=True):
    """A key of a dict that is written: its name, its place, and its value where that is a literal."""

    name: str
    span: Span
    value: Given | None = None


class Row(Value, frozen=True, kw_only=True):
    """A row that is written. It is complete if it has no other keys (no ``**``, no key that is not literal)."""

    keys: tuple[Key, ...]
    span: Span
    complete: bool


class Part(Value, frozen=True, kw_only=True, tag=True):
    """What one call of a chain mentions.

    Attributes:
        call: the method's name, such as ``eq``.
        span: the place of the call's arguments that matter.
        certain: False where the call reaches the chain through a variable or a function.
    """

    call: str
    span: Span
    certain: bool = True


class Select(Part, frozen=True, kw_only=True):
    """A select list; several arguments are joined by commas."""

    columns: tuple[Text, ...]


class Filter(Part, frozen=True, kw_only=True):
    """A condition on a column.

    ``values`` are those that it is compared with, None where they are not literals; ``value_span`` is their place.
    ``operator`` is PostgREST's; empty where it is not a literal; ``operator_text`` is where the code has it.
    ``column`` may have a path before it (``author.name``) and a JSON path behind it (``data->>kind``).
    """

    column: Text
    operator: str
    operator_text: Text | None = None
    values: tuple[Scalar, ...] | None = None
    value_span: Span | None = None


class Logic(Part, frozen=True, kw_only=True):
    """Filters as text: the argument of ``or_``; ``of`` names an embedded table.

    ``in_brackets`` states that the text has the brackets that supabase-py puts around it.
    """

    text: Text
    of: Text | None = None
    in_brackets: bool = False


class Order(Part, frozen=True, kw_only=True):
    """What rows are ordered by, as it is sent (``total.desc``); ``of`` names an embedded table."""

    column: Text
    of: Text | None = None


class Embedded(Part, frozen=True, kw_only=True):
    """A call that concerns the rows of an embedded table alone, such as ``limit(3, foreign_table="notes")``."""

    of: Text


class Payload(Part, frozen=True, kw_only=True):
    """The rows of an insert, upsert or update. ``many`` states that they are given as a list.

    ``fills_defaults`` states that a key that only other rows of the list have gets the column's default, not null.
    """

    rows: tuple[Row, ...]
    many: bool = False
    fills_defaults: bool = False


class Conflict(Part, frozen=True, kw_only=True):
    """The columns of ``on_conflict``, with commas between them."""

    columns: Text


class Arguments(Part, frozen=True, kw_only=True):
    """The arguments of a function that is called."""

    row: Row


class ResultKey(Part, frozen=True, kw_only=True):
    """A key that the code reads from a row of the result: ``row["author"]["name"]`` is the path author, name.

    ``call`` is empty, or ``get``, which finds nothing wrong with a key that is not there.
    """

    path: tuple[str, ...]


class Sql(Part, frozen=True, kw_only=True):
    """SQL that is sent to PostgreSQL.

    Attributes:
        text: as the code has it.
        placeholders: how it writes its parameters: ``%s`` and ``%(name)s``, ``:name``, or ``$1``.
        sets_path: whether the file mentions ``search_path``.
    """

    text: Text
    placeholders: Placeholders
    sets_path: bool = False


class Dynamic(Part, frozen=True, kw_only=True):
    """An argument whose value is not known before the code runs, and why."""

    why: str


AnyPart = Select | Filter | Logic | Order | Embedded | Payload | Conflict | Arguments | ResultKey | Sql | Dynamic


class Query(Value, frozen=True, kw_only=True):
    """What one chain of calls asks.

    Attributes:
        path: the file, relative to the project.
        span: the chain from its first character to the last bracket.
        function: the qualified name of the function or class around it (``Repo.load``); empty at a module's top.
        verb: None where the chain names a table and the rest of it is not seen; ``sql`` for SQL, without a name.
        name: the table, view or function; None where it is dynamic.
        schema: the schema that the chain or its client names; None for the API's default.
        schema_known: False where the schema is named and is not a literal.
        certain: whether the name is a literal or a constant in this one chain.
        parts: what its calls mention, in their order.
    """

    path: str
    span: Span
    function: str = ""
    verb: Verb | None = None
    name: Text | None = None
    schema: str | None = None
    schema_known: bool = True
    certain: bool = True
    parts: tuple[AnyPart, ...] = ()

    @property
    def naming(self) -> Literal["certain", "inferred", "dynamic"]:
        """How the code names the table or function: dynamic where it or its schema is computed at run time."""
        if self.name is None or not self.schema_known:
            return "dynamic"
        return "certain" if self.certain else "inferred"


class QueryFiles(Value, frozen=True, kw_only=True):
    """The queries of a project, the lines of the files that were parsed for them, and those that could not be.

    ``ignores`` are the comments that turn rules off, by file: a line, and the rule (``*`` for all).
    """

    queries: tuple[Query, ...] = ()
    lines: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    unreadable: tuple[Unreadable, ...] = ()
    ignores: dict[str, tuple[tuple[int, str], ...]] = msgspec.field(default_factory=dict)
