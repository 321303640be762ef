"""Tries the sources that a project could have, and checks it once with the first that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from msgspec.structs import replace

from schema_sync.deadline import within
from schema_sync.errors import SchemaSyncError, SourceError, UsageError
from schema_sync.model.base import Value
from schema_sync.setup.find_migrations import Place
from schema_sync.sources.auto import choose as choose_by_word
from schema_sync.sources.auto import shown
from schema_sync.sources.base import AUTOMATIC, source_called
from schema_sync.usecases import check
from schema_sync.usecases import project as projects
from schema_sync.usecases.check import Outcome
from schema_sync.usecases.project import Project

PROBE_SECONDS = 5


class Choice(Value, frozen=True, kw_only=True):
    """The source to be written, and how it was found.

    Attributes:
        spec: the word for ``source``; that of the likeliest where none could be read.
        reads: what it read and why it was tried; empty where none could be read, or none was tried.
        outcome: what the first check found; None where it found nothing out.
        failures: what was tried before, or is wrong with the comparison, and how to mend it.
    """

    spec: str
    reads: str = ""
    outcome: Outcome | None = None
    failures: tuple[str, ...] = ()


def candidates(project: Project, places: Sequence[Place]) -> tuple[str, ...]:
    """Return the words for ``--source`` that could be right for *project*, in the order they are to be tried.

    That is the order of ``auto``, with the first of *places* where SQL was found in the place of the migrations.
    """
    live = [*_live(project)]
    of_files = places[0].sources if places else ()
    if not live and of_files == ("migrations",):
        return ("auto",)
    return (*(name if number else "auto" for number, name in enumerate(live)), *of_files) or ("auto",)


def try_all(project: Project, specs: Sequence[str]) -> Choice:
    """Return the first of *specs* that can be read, with the outcome of a check.

    A server that does not answer its probe within five seconds cannot be read.
    """
    failures: list[str] = []
    for spec in specs:
        tried = shown(spec)
        try:
            source, request, why = choose_by_word(spec, projects.request(project))
            tried = f"{source.name} ({why})" if why else tried
            if source.live:
                within(PROBE_SECONDS, partial(source.probe, request))
            outcome = check.check(replace(project, config=replace(project.config, source=spec)))
        except TimeoutError:
            failures.append(f"{tried}: no answer within {PROBE_SECONDS} seconds")
        except SchemaSyncError as error:
            failures.append("\n  → ".join(filter(None, (f"{tried}: {error.message}", error.hint))))
            if not isinstance(error, SourceError | UsageError):  # it was read, and cannot be compared
                return Choice(spec=spec, failures=tuple(failures))
        else:
            return Choice(spec=spec, reads=tried, outcome=outcome, failures=tuple(failures))
    return Choice(spec=specs[0], failures=tuple(failures))


def _live(project: Project) -> Iterator[str]:
    """Yield the running databases that are configured, in the order of ``auto``."""
    request = projects.request(project)
    for name in AUTOMATIC:
        source = source_called(name)
        if source is not None and source.live and source.configured(request) is not None:
            yield name
