"""What the tool ``list_tables`` of Supabase's MCP server tells, completed by what it does not tell.

It gives names, columns and comments of the tables of a schema, in one answer without pages. The kind of a table,
which are partitions or of an extension, and foreign tables come from ``sql/listings/kinds.sql``. Authority: the
server's ``database-operation-tools`` and ``pg-meta/tables.sql``, version 0.13.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from schema_sync.errors import SourceError
from schema_sync.model.base import Value
from schema_sync.model.catalog import QName
from schema_sync.model.findings import Note
from schema_sync.postgres.read_only_query import Rows

TOOL = "list_tables"
MOST = 200
"""At most this many tables are asked for: the time grows with their square, 13 s for 300 and 52 s for 1,000."""
COLUMNS = ("schema", "name", "kind", "columns", "comment")


class UnfitToolError(SourceError):
    """The tool is not the way to list these tables; the catalog is."""


class _Table(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A table of the answer; its name is ``schema.name``, unquoted."""

    name: str
    columns: tuple[Any, ...]
    comment: str | None = None


class _Answer(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    tables: tuple[_Table, ...]


def listed(answers: Mapping[str, object], kinds: Rows) -> tuple[tuple[tuple[Any, ...], ...], tuple[Note, ...]]:
    """Return the rows of a list of tables, sorted, and notes on what is not known of them.

    *answers* are the tool's, by schema; *kinds* is what ``sql/listings/kinds.sql`` gives for these schemas.

    Raises:
        UnfitToolError: if an answer is not what the tool of the version above gives.
    """
    told = {name: table for schema, answer in answers.items() for name, table in _tables(schema, answer).items()}
    known = {QName(schema=row[0], name=row[1]): row[2:] for row in kinds.rows}
    rows: list[tuple[Any, ...]] = []
    for name in sorted({*told, *known}):
        kind, left_out, columns, comment = known.get(name, (None, False, None, None))
        if (table := told.get(name)) is not None:
            columns, comment = len(table.columns), table.comment
        if not left_out:
            rows.append((name.schema, name.name, kind, columns, comment))
    unknown = [f"{schema}.{name}" for schema, name, kind, columns, _ in rows if kind is None or columns is None]
    why = f"the tool {TOOL} and the database's catalog do not both show them"
    notes = (Note(what=f"kind, or columns and comment, of {', '.join(unknown)}", why=why),) if unknown else ()
    return tuple(rows), notes


def _tables(schema: str, answer: object) -> dict[QName, _Table]:
    strange = UnfitToolError(f"{TOOL} answers in a form that is not known here")
    try:
        found = msgspec.convert(answer, _Answer).tables
    except msgspec.ValidationError as error:
        raise strange from error
    start = f"{schema}."
    if not all(table.name.startswith(start) for table in found):
        raise strange
    return {QName(schema=schema, name=table.name.removeprefix(start)): table for table in found}
