"""What ``init`` found in a repository, and what it concludes from it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from schema_sync.config import Config
from schema_sync.model.base import Value
from schema_sync.model.findings import Proposal
from schema_sync.model.options import Require
from schema_sync.setup import choose_source, find_layout, find_migrations, find_queries
from schema_sync.setup.choose_source import Choice
from schema_sync.setup.find_layout import Layout
from schema_sync.setup.find_migrations import Place
from schema_sync.setup.find_queries import FoundQueries
from schema_sync.setup.workflow import Jobs, jobs
from schema_sync.sources.auto import shown
from schema_sync.usecases import check
from schema_sync.usecases.project import Project


class Survey(Value, frozen=True, kw_only=True):
    """What the configuration to be written rests on.

    Attributes:
        project: the project with that configuration, or with the one it has.
        places: where SQL was found, the likeliest first.
        specs: the sources to try, in this order.
        is_new: whether the project has no configuration that stands.
        require: None where that is open, as no schema was read.
        choice: the source; after a first check the one that could be read, with the outcome.
        jobs: what the workflow's jobs look at.
    """

    project: Project
    layout: Layout
    queries: FoundQueries
    places: tuple[Place, ...]
    specs: tuple[str, ...]
    is_new: bool
    require: Require | None
    choice: Choice
    jobs: Jobs = Jobs()

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """The classes that could be bound."""
        return self.choice.outcome.report.proposals if self.choice.outcome is not None else ()

    @property
    def source(self) -> str:
        """The word for the source as files may hold it: no connection string."""
        return self.choice.spec if shown(self.choice.spec) == self.choice.spec else "auto"

    @property
    def watched(self) -> tuple[str, ...]:
        """Globs of the Python files that are compared, those with queries too."""
        settings = self.project.config
        asks = settings.queries == "on" or (settings.queries == "auto" and self.queries.queries)
        return (*settings.include, *((settings.query_files or ("**/*.py",)) if asks else ()))


def look(project: Project, *, given: str | None, anew: bool) -> Survey:
    """Return what is in the folder of *project*; no source is read.

    *given* is the source that the user named. Unless *anew*, what the project's configuration says stands.

    Raises:
        SourceError: if the configuration of Supabase's CLI is wrong.
    """
    root, queries = project.root, find_queries.find(project.root)
    layout = find_layout.find(root)
    paths = [*layout.files, *(query.path for query in queries.queries)]
    places = find_migrations.find(root, paths, {*layout.tables, *queries.tables})
    settings = project.config
    if anew:
        settings = Config(
            include=layout.include,
            exclude=layout.exclude,
            paths=layout.paths,
            target=layout.target,
            query_wrappers=tuple(queries.wrappers),
        )
        project = replace(project, config=settings)
        specs = (given,) if given else choose_source.candidates(project, places)
    else:
        layout = Layout(include=settings.include, paths=settings.paths, target=settings.target)
        specs = (settings.source,)
    return Survey(
        project=project,
        layout=layout,
        queries=queries,
        places=places,
        specs=specs,
        is_new=anew,
        require=settings.require,
        choice=Choice(spec=specs[0]),
        jobs=jobs(replace(project, config=replace(project.config, source=specs[0])), places, replays=None),
    )


def with_first_check(survey: Survey) -> Survey:
    """Return *survey* with a source that could be read, and what a check with it found and decided."""
    choice = choose_source.try_all(survey.project, survey.specs, may_go_on=survey.is_new)
    require = survey.require
    if choice.outcome is not None:
        choice = replace(choice, outcome=check.with_proposals(survey.project, choice.outcome))
    if require is None and choice.outcome is not None and survey.is_new:
        require = "all" if choice.outcome.report.requires_all else "declared"
    found = replace(survey, choice=choice, require=require)
    project = replace(survey.project, config=replace(survey.project.config, source=found.source))
    replays = choice.outcome.fetched.kind == "migrations" if choice.outcome else None
    return replace(found, jobs=jobs(project, survey.places, replays=replays))


def with_bindings(survey: Survey, bindings: Mapping[str, str]) -> Survey:
    """Return *survey* with *bindings* in the configuration to be written, and what its first check finds then."""
    config, outcome = survey.project.config, survey.choice.outcome
    if not bindings or outcome is None:
        return survey
    project = replace(survey.project, config=replace(config, bindings={**config.bindings, **bindings}))
    outcome = check.with_proposals(project, check.compared_again(project, outcome))
    return replace(survey, project=project, choice=replace(survey.choice, outcome=outcome))
