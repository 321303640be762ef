"""Decides whether a commit may go on.

The code, the configuration and the lock are a copy of the index in a folder that only the user can read. What
leads to a running database is read in the project's own folder: ``.env`` and the files of Supabase's CLI are not
copied.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec.structs import asdict, replace

from schema_sync.config import FILES
from schema_sync.errors import SchemaSyncError, SourceError, UsageError
from schema_sync.git_hook import staged
from schema_sync.git_hook.staged import Repository
from schema_sync.project_folder import in_text
from schema_sync.remote.credentials import HOOK_SOURCE
from schema_sync.reports.base import Part, Styled, View, lines_of, migration_lines, styled
from schema_sync.sources.auto import require_live
from schema_sync.usecases import check
from schema_sync.usecases import project as projects
from schema_sync.usecases.check import Outcome
from schema_sync.usecases.project import Project, hook_choice

LIVE_SECONDS = 5
EXIT_DRIFT = 1
EXIT_UNREADABLE = 2
_MIGRATIONS = "migrations"
_SQL = ("supabase/**/*.sql", "supabase/config.toml")


Show = Callable[[Iterable[Styled], Path], None]
"""Prints lines; the paths in them are relative to a folder."""


def run(folder: Path, show: Show) -> int:
    """Check what is staged in the repository around *folder*; what people should read goes to *show*.

    Returns the exit code: 0 if the commit may go on, 1 for drift, 2 if a file of the code cannot be read.

    Raises:
        SchemaSyncError: if there is no repository, or its configuration or code is wrong.
    """
    repository = staged.find(folder)
    with tempfile.TemporaryDirectory(prefix="schema-sync-hook-") as name:  # of mode 700
        copy = Path(name)
        (copy / repository.folder).mkdir(parents=True, exist_ok=True)
        repository.copy([repository.file(path) for path in FILES], copy)
        project = projects.open_project(copy / repository.folder)
        project = replace(project, kept_for=project.kept_for and repository.project)
        hook = _Hook(repository, project, copy, show)
        return hook.live() if hook_choice(hook.at_home)[0] == "live" else hook.offline()


class _Hook:
    """One run: a repository, and the project that is a copy of what is staged."""

    def __init__(self, repository: Repository, project: Project, copy: Path, show: Show) -> None:
        self._repository = repository
        self._project = project
        self._copy = copy
        self._show = show
        self._has_sql = repository.has_staged(self._sql())
        self._replayed = False
        self.at_home = replace(project, source_root=repository.project, limit=LIVE_SECONDS)

    def live(self) -> int:
        """Compare with the running database; offline where it does not answer, or with the SQL that is staged."""
        try:
            require_live(self._project.config.source, projects.request(self.at_home))
            self._copy_code()
            if self._has_sql and (code := self._replay()) is not None:
                return code
            outcome = check.check(self.at_home)
        except (SourceError, UsageError) as error:
            reason = " ".join(error.message.split())
            self._tell(f"The database was not compared ({reason}): checking offline instead.")
            return self.offline()
        extra = ""
        if self._has_sql:
            self._tell("The staged SQL was not checked: comparing with the database only.")
            extra = f"apply the staged SQL first (supabase db push), or {HOOK_SOURCE}=offline git commit"
        return self._judge(self.at_home, outcome, outcome.report.source, extra=extra)

    def offline(self) -> int:
        """Compare with the staged migrations where SQL is staged, else with the lock; nothing where neither is."""
        repository = self._repository
        everything = "PRE_COMMIT" in os.environ and not repository.has_staged()  # pre-commit run --all-files
        if not (self._has_sql or everything or repository.has_staged(self._python())):
            return 0
        self._copy_code()
        if self._has_sql and not self._replayed:
            code = self._replay()
            if code is not None:
                return code
        if self._has_sql:
            self._tell("The staged SQL was not checked: comparing with the lock only.")
        try:
            return self._compare("lock")[0]
        except SourceError as error:
            self._tell(f"{error.message}\nSchema drift was not checked.")
            return 0

    def _replay(self) -> int | None:
        """Compare with the staged migrations; None where that does not show whether there is drift."""
        self._replayed = True
        given = self._project.config.source
        source = given if given.startswith(f"{_MIGRATIONS}:") else _MIGRATIONS
        try:
            code, outcome = self._compare(source)
        except SourceError as error:
            self._tell("\n  → ".join(filter(None, (error.message, error.hint))))
            return None
        if code == 0 and outcome.fetched.incomplete:
            incomplete = outcome.fetched.incomplete
            self._tell(f"{incomplete.summary}; the first that failed: {incomplete.failed[0]}")
            return None
        return code

    def _compare(self, source: str) -> tuple[int, Outcome]:
        project = replace(self._project, config=replace(self._project.config, source=source), origin="")
        outcome = check.check(project)
        return self._judge(project, outcome, source, option=f" --source {shlex.quote(source)}"), outcome

    def _judge(
        self, project: Project, outcome: Outcome, compared: str, *, option: str = "", extra: str = ""
    ) -> int:
        """Return the exit code; *option* and *extra* are for the advice that stands below drift."""
        view = replace(check.view(project, outcome), seen=self._repository.from_top)
        for note in outcome.unread:  # findings may be missing
            self._tell(f"not checked: {note}")
        for each in view.report.unreadable:
            self._tell(f"could not read {each.at.exact}: {each.why}")
        if view.report.unreadable:
            return EXIT_UNREADABLE
        if not view.drifted:
            return 0
        folder = self._repository.folder
        there = f"cd {shlex.quote(folder)} && " if folder else ""
        advice = [
            f"The commit was stopped: what is staged does not fit the schema (compared with: {compared}).",
            f"To mend it:  {there}schema-sync update{option}, then git add the changed files",
            *([f"Or:          {extra}"] if extra else []),
            "To go on:    git commit --no-verify",
        ]
        heading = styled(Part("❌ Schema drift detected!", "fault"))
        below = lines_of("\n".join([*migration_lines(view.report), *advice]))
        differences = _differences(project, outcome, view)
        self._show([heading, styled(), *differences, styled(), *below], self._repository.top)
        return EXIT_DRIFT

    def _tell(self, text: str) -> None:
        """Print *text*; it names files of the project as they are seen from the top of the repository."""
        known = {*FILES, *asdict(self._project.config.paths).values()}
        self._show(lines_of(in_text(text, self._copy, self._project.root, known)), self._repository.top)

    def _copy_code(self) -> None:
        self._repository.copy([*self._python(), *self._sql()], self._copy)

    def _python(self) -> list[str]:
        """Return git's patterns for the code, the records and the configuration."""
        repository, settings = self._repository, self._project.config
        homes = [*asdict(settings.paths).values(), *FILES]
        queries = () if settings.queries == "off" else settings.query_files or ("**/*.py",)
        return [*map(repository.files, (*settings.include, *queries)), *map(repository.file, homes)]

    def _sql(self) -> list[str]:
        """Return git's patterns for the migrations."""
        kind, _, places = self._project.config.source.partition(":")
        named = [place.strip() for place in places.split(",")] if kind == _MIGRATIONS else []
        return [*map(self._repository.files, _SQL), *map(self._repository.file, filter(None, named))]


def _differences(project: Project, outcome: Outcome, view: View) -> Sequence[Styled]:
    """Return the findings, and the diff that an update would write where it can be worked out."""
    from schema_sync.reports.formats import diff
    from schema_sync.usecases import update

    try:
        planned = update.plan(project, outcome)
    except SchemaSyncError as error:
        return [*diff.details(view, (), ()), styled(), *lines_of(error.message)]
    return [*diff.details(view, diff.patch_lines(planned.before, planned.code), planned.kept)]
