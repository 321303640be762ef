"""Tries the sources that a project could have, and checks it once with the first that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from msgspec.structs import replace

from schema_sync.deadline import within
from schema_sync.errors import MigrationError, SchemaSyncError, SourceError, UsageError
from schema_sync.model.base import Value
from schema_sync.setup.find_migrations import Place, together
from schema_sync.sources.auto import choose as choose_by_word
from schema_sync.sources.auto import shown
from schema_sync.sources.base import AUTOMATIC, source_called
from schema_sync.usecases import check
from schema_sync.usecases import project as projects
from schema_sync.usecases.check import Outcome
from schema_sync.usecases.project import Project

PROBE_SECONDS = 5
MOST_PLACES = 3


class Choice(Value, frozen=True, kw_only=True):
    """The source to be written, and how it was found.

    Attributes:
        spec: the word for ``source``; that of the likeliest where none could be read.
        reads: what it read and why it was tried; empty where none could be read, or none was tried.
        outcome: what the first check found; None where it found nothing out.
        failures: what was tried before, or is wrong with the comparison, and how to mend it.
        goes_on: whether it can only be read without the statements of migrations that fail.
    """

    spec: str
    reads: str = ""
    outcome: Outcome | None = None
    failures: tuple[str, ...] = ()
    goes_on: bool = False


def candidates(project: Project, places: Sequence[Place]) -> tuple[str, ...]:
    """Return the words for ``--source`` that could be right for *project*, in the order they are to be tried.

    That is the order of ``auto``, with those of *places* in the place of the migrations that create more than half
    as many tables that the code names as the first one does; only the first where none creates any. In front are
    all places together that create other tables than the first.
    """
    live, places = [*_live(project)], [place for place in places if not place.is_part]
    likely = [place for place in places[:MOST_PLACES] if place is places[0] or place.weight * 2 > places[0].weight]
    of_files = tuple(spec for place in likely for spec in place.sources)
    parts = [place for place in places[:MOST_PLACES] if place is places[0] or place.is_rest]
    of_files = (together(parts), *of_files) if parts[1:] else of_files
    if not live and of_files == ("migrations",):
        return ("auto",)
    return (*(name if number else "auto" for number, name in enumerate(live)), *of_files) or ("auto",)


def try_all(project: Project, specs: Sequence[str], *, may_go_on: bool = False) -> Choice:
    """Return the first of *specs* that can be read, with the outcome of a check.

    A server that does not answer its probe within five seconds cannot be read. Where nothing can, and a replay
    *may_go_on*, the first migrations that fail are read without what fails, if they create a table.
    """
    failures: list[str] = []
    failing: list[str] = []
    for spec in specs:
        tried = _Tried(project, spec)
        if tried.choice is not None:
            return replace(tried.choice, failures=(*failures, *tried.choice.failures))
        failures.append(tried.failure)
        failing += [spec] if tried.is_migration else []
    if failing and may_go_on:
        continuing = replace(project, config=replace(project.config, on_migration_error="continue"))
        choice = _Tried(continuing, failing[0]).choice
        if choice is not None and choice.outcome is not None and choice.outcome.report.tables:
            return replace(choice, failures=tuple(failures), goes_on=True)
    return Choice(spec=specs[0], failures=tuple(failures))


class _Tried:
    """What became of reading the source *spec*: a choice where it can be read, else the failure.

    ``is_migration`` states whether a migration failed.
    """

    def __init__(self, project: Project, spec: str) -> None:
        self.choice: Choice | None = None
        self.failure, self.is_migration = "", False
        tried = shown(spec)
        try:
            source, request, why = choose_by_word(spec, projects.request(project))
            tried = f"{source.name} ({why})" if why else tried
            if source.live:
                within(PROBE_SECONDS, partial(source.probe, request))
            outcome = check.check(replace(project, config=replace(project.config, source=spec)))
        except TimeoutError:
            self.failure = f"{tried}: no answer within {PROBE_SECONDS} seconds"
        except SchemaSyncError as error:
            self.failure = "\n  → ".join(filter(None, (f"{tried}: {error.message}", error.hint)))
            self.is_migration = isinstance(error, MigrationError)
            if not isinstance(error, SourceError | UsageError):  # it was read, and cannot be compared
                self.choice = Choice(spec=spec, failures=(self.failure,))
        else:
            self.choice = Choice(spec=spec, reads=tried, outcome=outcome)


def _live(project: Project) -> Iterator[str]:
    """Yield the running databases that are configured, in the order of ``auto``."""
    request = projects.request(project)
    for name in AUTOMATIC:
        source = source_called(name)
        if source is not None and source.live and source.configured(request) is not None:
            yield name
