"""A schema, its classes and the queries on it as one HTML page. How it is put together is in ``explorer``."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from schema_sync.codebase import chosen_files
from schema_sync.codebase.queries.files import without_ignored
from schema_sync.compare.query_names import check_names
from schema_sync.compare.query_uses import placed, uses_in
from schema_sync.errors import SourceError, UsageError, WriteError
from schema_sync.explorer import growth, page
from schema_sync.explorer.collect import Key, Material, collect, key_of
from schema_sync.explorer.contents import ShownHistory, UsePlace
from schema_sync.model.base import Value, grouped
from schema_sync.model.declarations import Codebase
from schema_sync.model.faults import Mentioned
from schema_sync.model.findings import Note
from schema_sync.model.queries import Filter, Logic, Payload
from schema_sync.queries import filters
from schema_sync.queries.select_lists import GrammarError
from schema_sync.rules.queries import use_of
from schema_sync.usecases import check
from schema_sync.usecases.check import Outcome
from schema_sync.usecases.describe import documented
from schema_sync.usecases.history import read_timeline
from schema_sync.usecases.project import Project


class Explorer(Value, frozen=True, kw_only=True):
    """The page, notes on the source, and what the page does not show."""

    text: str
    notes: tuple[str, ...]
    not_shown: tuple[Note, ...]


def explore(project: Project, folder: Path) -> Explorer:
    """Return the page, which is to be put into *folder*: its links to the code start there.

    Raises:
        SchemaSyncError: as ``check.check``.
    """
    outcome = check.check(project, details=True)
    shown = documented(project, folder, outcome)
    read = _read_all(project, outcome)
    class_uses, member_uses = _code_uses(read, outcome)
    unread = [Note(what=f"uses in {each.at.path}", why=each.why) for each in read.unreadable]
    material = Material(
        documented=shown,
        report=outcome.report,
        uses=_query_uses(outcome, shown.labels),
        class_uses=class_uses,
        member_uses=member_uses,
        history=_history(project),
        queries=project.config.queries != "off",
        unread=tuple(unread),
    )
    return Explorer(
        text=page.render(collect(material)),
        notes=outcome.notes,
        not_shown=(*shown.not_shown, *outcome.report.not_checked, *unread),
    )


def _history(project: Project) -> ShownHistory:
    """Return the newest commits of the lock, or why there is nothing to show; what is read is bounded."""
    try:
        timeline = read_timeline(project, growth.MOST_COMMITS, growth.MOST_BYTES)
    except (SourceError, UsageError) as error:
        why = error.message.partition(": ")[0]  # what git says behind it can name folders of this machine
        return ShownHistory(lock=project.config.paths.lock, why_not=why)
    return growth.shown_history(timeline, project.config.schemas[0])


def require_ours(path: Path) -> None:
    """Refuse to replace a file that ``explore`` has not written.

    Raises:
        WriteError: if *path* is one, or cannot be read.
    """
    if path.exists() and not path.is_file():
        return  # a device, such as /dev/stdout
    try:
        with path.open("rb") as file:
            begin = file.read(len(page.BEGIN))
    except FileNotFoundError:
        return
    except OSError as error:
        raise WriteError(f"{path}: cannot be read: {error.strerror}") from error
    if begin and begin != page.BEGIN.encode():
        raise WriteError(
            f"{path}: not written by schema-sync explore",
            hint="Name another file with --output, or move this one. Nothing was changed.",
        )


def _query_uses(outcome: Outcome, labels: frozenset[str]) -> dict[tuple[Key, str], list[UsePlace]]:
    """Return where queries use an object or its column, by the object and the column, in the order of the code."""
    files = outcome.queries
    checked = check_names(files.queries, outcome.fetched.catalog, outcome.fetched.facts)
    found: dict[tuple[Key, str, UsePlace], None] = {}
    for each in uses_in(checked):
        use = use_of(placed(each, files))
        place = UsePlace(
            path=use.path,
            line=use.line,
            column=use.column,
            call=use.call or "row[…]",
            function=use.function,
            inferred=use.confidence == "inferred",
            values=tuple(dict.fromkeys(value for value in _values(each) if value in labels)),
        )
        found[key_of(each.object_kind, each.schema, each.name), each.part, place] = None
    ordered = sorted(found, key=lambda use: (*use[:2], use[2].path, use[2].line, use[2].column))
    return grouped(((key, part), place) for key, part, place in ordered)


def _values(mention: Mentioned) -> Iterator[str]:
    """Yield the strings that the mentioned column is compared with, or set to."""
    for part in mention.query.parts:
        match part:
            case Filter() if part.column == mention.place.text or part.span == mention.place.span:
                yield from (value for value in part.values or () if isinstance(value, str))
            case Logic() if part.text == mention.place.text:
                yield from _values_in(part, mention.part)
            case Payload():
                keys = (key for row in part.rows for key in row.keys if key.span == mention.place.span)
                yield from (key.value.value for key in keys if key.value and isinstance(key.value.value, str))
            case _:
                pass


def _values_in(part: Logic, column: str) -> Iterator[str]:
    try:
        found = filters.conditions(part.text.value, in_brackets=part.in_brackets)
    except GrammarError:  # a finding says so
        return
    yield from (value.text for each in found if each.column.name.text == column for value in each.values)


def _read_all(project: Project, outcome: Outcome) -> Codebase:
    """Return what all Python of the project declares and uses, that which git ignores apart."""
    from schema_sync.codebase import reader

    exclude = (*project.config.exclude, glob.escape(project.config.paths.version))
    collected = chosen_files.collect(project.root, ("**/*.py",), exclude)
    sources = without_ignored(project.root, collected.sources) | outcome.sources
    return reader.read_sources(sources, collected.unreadable)


def _code_uses(
    read: Codebase, outcome: Outcome
) -> tuple[dict[str, list[UsePlace]], dict[tuple[str, str], list[UsePlace]]]:
    """Return where the project's Python refers to classes and to members of Enums, imports apart."""
    uses = [use for use in read.uses if not use.listing]
    names = {bound.declaration.id: bound.declaration.name for bound in outcome.report.bindings}
    classes: list[tuple[str, UsePlace]] = []
    members: list[tuple[tuple[str, str], UsePlace]] = []
    for use in uses:
        if use.declaration not in names:
            continue
        name = names[use.declaration]
        place = UsePlace(path=use.at.path, line=use.at.line, column=use.at.column, call=name)
        if use.member is None:
            classes.append((use.declaration, place))
        else:
            members.append(((use.declaration, use.member), replace(place, call=f"{name}.{use.member}")))
    return grouped(classes), grouped(members)
