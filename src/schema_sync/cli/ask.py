"""The commands that answer a question (``list``, ``sql``, ``uses``, ``snapshot``), and ``baseline``."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from schema_sync.cli.outputs import deliver, writable
from schema_sync.cli.session import Session, completes, require_text, shared
from schema_sync.errors import UsageError
from schema_sync.nearest import nearest
from schema_sync.reports import base
from schema_sync.reports.base import Part, Styled, styled

if TYPE_CHECKING:
    from schema_sync.postgres.read_only_query import Rows
    from schema_sync.usecases.ask import Listing

_KINDS = ("tables", "views", "enums", "constraints", "indexes", "policies", "triggers", "functions", "extensions")


class _Kind(click.Choice[str]):
    """One of the kinds of objects; a misspelt one is answered with the nearest."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in _KINDS and (near := nearest(value, _KINDS)):
            self.fail(f"{value!r} is no kind of object. Did you mean {near}?", param, ctx)
        return super().convert(value, param, ctx)


_FORMAT = click.option(
    "--format", "format_name", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)


@click.command("list")
@click.argument("what", type=_Kind(_KINDS), metavar="WHAT")
@_FORMAT
@shared
def list_command(session: Session, what: str, format_name: str) -> None:
    """List tables, views, enums or other objects.

    WHAT may also be constraints, indexes, policies, triggers, functions or extensions.
    """
    from schema_sync.usecases import ask

    found = ask.listing(session.project(), what)
    session.say(*found.notes)
    rows = found.told()
    records = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
    parts = {"list": what, "source": found.source, "rows": records, "not_shown": found.unseen}
    _print(session, _with_links(found, session) if format_name == "table" else rows, parts, format_name)
    session.cover("not shown", found.unseen)


@click.command("sql")
@click.argument("query")
@_FORMAT
@click.option(
    "--max-rows", type=click.IntRange(min=0), default=1000, show_default=True, help="Maximum number of rows."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True, max=86400),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Give up when the server takes longer.",
)
@shared
def sql_command(session: Session, query: str, format_name: str, max_rows: int, timeout: float) -> None:
    """Run one SELECT that changes nothing. The server sees to that; - as QUERY reads it from stdin."""
    from schema_sync.postgres.read_only_query import Limits
    from schema_sync.usecases import ask

    if math.isnan(timeout):
        raise click.BadParameter("not a number of seconds", param_hint="--timeout")
    text = _from_stdin() if query == "-" else query
    require_text(text, "QUERY")
    rows, notes = ask.answer(session.project(), text, Limits(rows=max_rows, seconds=timeout))
    session.say(*notes)
    parts = {"columns": rows.columns, "rows": rows.rows, "truncated": rows.truncated}
    _print(session, rows, parts, format_name)
    if rows.truncated:
        session.warn(f"there are more rows than the {max_rows} shown (--max-rows)")


@click.command("uses")
@click.argument("name", shell_complete=completes("columns"))
@_FORMAT
@shared
def uses_command(session: Session, name: str, format_name: str) -> int:
    """Show which lines of Python use a name.

    NAME is table, table.column or schema.table.column, or a function and its argument likewise.
    """
    from schema_sync.postgres.read_only_query import Rows
    from schema_sync.reports import json_report
    from schema_sync.usecases import uses

    require_text(name, "NAME")
    found = uses.find_uses(session.project(), name)
    session.say(*found.notes)
    shown = [{"name": e.name, "exists": e.exists, **json_report.use_document(e.use)} for e in found.uses]
    at = [styled(_place(session, e.use.path, f":{e.use.line}:{e.use.column}")) for e in found.uses]
    rest = [(e.name, e.use.call, e.use.function, e.use.confidence) for e in found.uses]
    lines = tuple((place, *others) for place, others in zip(at, rest, strict=True))
    rows = Rows(columns=("place", "name", "call", "function", "confidence"), rows=lines)
    _print(session, rows, {"name": name, "uses": shown}, format_name)
    if not lines and format_name != "json":
        session.show([styled(f"no query uses {name}")], err=True)
    session.cover("not checked", found.not_checked)
    return 0


@click.command("baseline")
@click.option("--reason", default="", metavar="TEXT", help="Why these findings are accepted.")
@click.option("--prune", is_flag=True, help="Drop what is no longer found.")
@shared
def baseline_command(session: Session, reason: str, *, prune: bool) -> int:
    """Accept the findings of today: only new ones count from now on."""
    from schema_sync.usecases import baseline

    require_text(reason, "--reason")
    written = baseline.write_baseline(session.project(), reason, prune=prune)
    session.know(written.outcome)
    session.say(*written.outcome.notes)
    figures = f"{written.accepted} accepted, {written.new} of them new, {written.dropped} dropped"
    session.show([base.written("✓ ", session.path(written.path), f": {figures}")])
    session.cover("not checked", written.outcome.report.not_checked)
    return 0


@click.command("snapshot")
@click.option(
    "--output", metavar="FILE", shell_complete=completes("file"), help="Write there instead of to stdout."
)
@shared
def snapshot_command(session: Session, output: str | None) -> None:
    """Print the catalog as JSON, which --source snapshot:FILE reads."""
    from schema_sync.usecases import ask as asking

    writable(output)
    content, notes, unseen = asking.snapshot(session.project())
    session.say(*notes)
    if output is None:
        session.print(content.decode())
    else:
        deliver(content.decode(), output)
        session.say(f"✓ Snapshot written to {output}")
    session.cover("not shown", unseen)


def _with_links(found: Listing, session: Session) -> Rows:
    """Return the rows of *found* with the places of classes as they are seen from the current folder."""
    if found.classes is None:
        return found.rows
    cells: list[Styled | None] = []
    for classes in found.classes:
        parts = [
            part for name, at in classes for part in (", ", f"{name} ", _place(session, at.path, f":{at.line}"))
        ]
        cells.append(styled(*parts[1:]) if parts else None)
    rows = tuple((*row, cell) for row, cell in zip(found.rows.rows, cells, strict=True))
    return replace(found.rows, columns=(*found.rows.columns, "class"), rows=rows)


def _place(session: Session, path: str, behind: str) -> Part:
    seen = session.path(path)
    return Part(f"{seen}{behind}", path=seen)


def _print(session: Session, rows: Rows, document: Mapping[str, object], format_name: str) -> None:
    """Print *rows* as a table or CSV, or *document* as JSON."""
    from schema_sync.reports import tables

    if format_name == "json":
        session.print(tables.document(document))
    elif format_name == "csv":
        session.print(tables.comma_separated(rows.columns, rows.rows, to_terminal=sys.stdout.isatty()))
    else:
        session.show([tables.Table(columns=rows.columns, rows=rows.rows)])


def _from_stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise UsageError("the query is not UTF-8") from error
