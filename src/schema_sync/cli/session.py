"""The options that all commands share, and how they talk."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec.structs import asdict

from schema_sync.cli.streams import current_folder, formatted, look, shows_progress
from schema_sync.errors import SchemaSyncError, UsageError

if TYPE_CHECKING:
    from schema_sync.cli.progress import ProgressLine
    from schema_sync.model.declarations import Location
    from schema_sync.model.findings import Note, Proposal
    from schema_sync.model.request import Progress
    from schema_sync.reports.base import Style, Styled
    from schema_sync.reports.tables import Table
    from schema_sync.usecases.check import Outcome
    from schema_sync.usecases.project import Project

_OF_FILES = ("snapshot:", "migrations:")  # a file's name can be any bytes

Command = TypeVar("Command", bound=Callable[..., Any])


class Session:
    """The options that all commands share, given before or behind the command.

    The project is searched upwards from the folder *start*, by default the current one. *flags* says that a script
    is run, which takes commands as flags.
    """

    def __init__(self, start: Path | None = None, *, flags: bool = False) -> None:
        self._start = start
        self._entered: Path | None = None
        self.flags = flags
        self.config: str | None = None
        self.source: str | None = None
        self.schemas: tuple[str, ...] = ()
        self.project_id = ""
        self.verbose = False
        self.quiet = False
        self.cached = True
        self.printed: list[tuple[str, bool]] = []
        self._line: ProgressLine | None = None
        self._known: set[str] = set()
        self._opened: Path | None = None

    def take(self, options: dict[str, Any]) -> None:
        """Take over the shared options that were given in *options*."""
        for name in ("config", "source", "schemas", "project_id", "verbose", "quiet"):
            setattr(self, name, options.pop(name) or getattr(self, name))
        self.cached = not options.pop("no_cache") and self.cached
        for schema in self.schemas:
            require_text(schema, "--schema")
        require_text(self.project_id, "--project-id")
        if self.source and not self.source.startswith(_OF_FILES):
            require_text(self.source, "--source")

    def enter(self, folder: Path) -> None:
        """Take *folder* for the current one: the project is searched from it, and paths are relative to it."""
        self._start = self._entered = folder.resolve()

    @property
    def here(self) -> Path:
        """The folder that typed paths are relative to."""
        return self._entered or current_folder()

    def secrets(self) -> tuple[str, ...]:
        """Return what must not show in a traceback or a log."""
        from schema_sync import project_folder
        from schema_sync.remote import credentials

        try:
            return credentials.secrets(os.environ, project_folder.find(self._start or Path.cwd()))
        except (SchemaSyncError, OSError):  # then no file's secret has been read
            return tuple(filter(None, map(os.environ.get, credentials.SECRETS)))

    @property
    def root(self) -> Path:
        """The project's folder. A configuration that ``--config`` names does not move it.

        Raises:
            ConfigError: if a file that may be the configuration cannot be read.
        """
        from schema_sync import project_folder

        start = self._start or current_folder()
        return start if self.config is not None else project_folder.find(start)

    def from_root(self, path: str) -> str:
        """Return *path*, which was typed in the current folder, relative to the project."""
        here = self.here
        return os.path.relpath(here / path, root) if path and (root := self.root) != here else path

    def project(self, doing: str = "Reading the schema and the code") -> Project:
        """Open the project, and say where it lies if that is not the current folder.

        Until something else is printed, a terminal shows what the command is *doing*.
        """
        from schema_sync.config import FILES
        from schema_sync.remote import credentials

        self._opened = self.root
        self._known |= {*FILES, *credentials.FILES}
        project = self.open(self.progress)
        self._known |= {*asdict(project.config.paths).values()}
        self._known |= {part for part in project.config.source.partition(":")[2].split(",") if "/" in part}
        if (way := self.path("")) != "":
            self.say(f"project folder: {way}/")
            self.printed.clear()  # it is said again
        self.watch(doing)
        return project

    def know(self, outcome: Outcome) -> None:
        """Remember the files that were read, whatever their names are, for ``shown``."""
        self._known |= {*outcome.codebase.files, *outcome.queries.lines}

    def path(self, path: str) -> str:
        """Return *path*, which is relative to the opened project, as it is seen from the current folder."""
        from schema_sync import project_folder

        return path if self._opened is None else project_folder.seen_from(self.here, self._opened, path)

    def shown(self, text: str) -> str:
        """Return *text* for a person: it names files of the project as they are seen from the current folder."""
        from schema_sync import project_folder

        if self._opened is None:
            return text
        return project_folder.in_text(text, self.here, self._opened, self._known)

    def open(self, progress: Progress) -> Project:
        """Open the project; long work is shown by *progress*, and nothing is said."""
        from schema_sync.usecases import project as projects

        return projects.open_project(
            self.root,
            config=None if self.config is None else self.from_root(self.config),
            source=self._source(),
            schemas=self.schemas,
            project_id=self.project_id,
            progress=progress,
            cached=self.cached,
        )

    def _source(self) -> str | None:
        """Return the source that the user named, the paths in it relative to the project."""
        kind, _, argument = (self.source or "").partition(":")
        if not argument or f"{kind}:" not in _OF_FILES:
            return self.source
        paths = [argument] if (self.here / argument).exists() else argument.split(",")
        return f"{kind}:{','.join(map(self.from_root, paths))}"

    def watch(self, doing: str) -> None:
        """Show that the command is *doing* something, from a second on, until something is printed."""
        self.clear()
        if not self.quiet and shows_progress():
            from schema_sync.cli.progress import ProgressLine

            self._line = ProgressLine(doing)

    def clear(self) -> None:
        """Take away what shows that the command is doing something."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def progress(self, steps: Sequence[Path]) -> AbstractContextManager[Iterable[Path]]:
        """Show how far a walk along the migrations *steps* is, where the command is watched."""
        return nullcontext(steps if self._line is None else self._line.counted(steps))

    def print(self, text: str, *, err: bool = False) -> None:
        """Print *text*, which ends its own lines; ``printed`` remembers it, and whether it went to stderr."""
        self.clear()
        if not text:
            return
        if err:
            sys.stdout.flush()
        self.printed.append((text, err))
        click.echo(text, nl=False, err=err, color=True)  # as it is: what is not for a terminal has no colours

    def show(self, document: Iterable[Styled | Table], *, err: bool = False) -> None:
        """Print *document*; on a terminal, a blank line is between what goes to stdout and what to stderr."""
        text = formatted(document, self.here, err=err)
        is_change = bool(self.printed) and self.printed[-1][1] is not err
        self.print("\n" + text if is_change and text and look(err=True).width else text, err=err)

    def say(self, *texts: str, style: Style = "quiet", verbatim: bool = False) -> None:
        """Print talk on stderr, unless it is to be quiet; what somebody is to paste is *verbatim*."""
        for text in () if self.quiet else texts:
            self._tell(text, style, verbatim=verbatim)

    def warn(self, text: str, at: Location | None = None) -> None:
        """Print on stderr what has to be known even if it is to be quiet; it names the place *at*."""
        if at is None:
            self._tell(text, "plain")
            return
        from schema_sync.reports.base import Styled, linked

        place = linked(self.shown(text), self.shown(at.path), f":{at.line}:{at.column}")
        self.show([Styled(place)], err=True)

    def cover(self, word: str, notes: Iterable[Note]) -> None:
        """Print on stderr what a result leaves out, behind the result and even if quiet: it is not a talk."""
        from schema_sync.reports.base import Part, styled

        for note in notes:
            _, colon, what = self.shown(f"{word}: {note}").partition(":")
            self.show([styled(Part(word + colon, "warning"), what)], err=True)

    def _tell(self, text: str, style: Style, *, verbatim: bool = False) -> None:
        from schema_sync.reports.base import lines_of

        self.show(lines_of(self.shown(text), style, verbatim=verbatim), err=True)

    def propose(self, found: Sequence[Proposal], path: str, first_schema: str) -> None:
        """Say what classes could be bound to, and what to paste into the configuration *path* for that."""
        from schema_sync.reports.proposals import listed, to_paste

        if found:
            self.say(*listed(found, first_schema), style="plain")
            self.say(*to_paste(found, path), style="plain", verbatim=True)


def require_text(text: str, name: str) -> None:
    """Refuse an argument that is not text: a name or a query in UTF-8.

    Raises:
        UsageError: if *text* holds a byte that is not UTF-8; *name* is the argument's.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) & 0xFF  # how Python keeps it: PEP 383
        raise UsageError(f"{name} is not UTF-8: byte 0x{byte:02x} at character {error.start + 1}") from error


def completes(kind: str) -> Callable[[click.Context, click.Parameter, str], Any]:
    """Return what completes a parameter: with words of *kind*, as ``completion.items`` has them."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> Any:
        from schema_sync.cli import completion

        return completion.items(kind, context, incomplete)

    return complete


_SHARED = (
    click.option(
        "--config",
        metavar="FILE",
        shell_complete=completes("file"),
        help="Configuration file (default: the first of schema-sync.toml,"
        " pyproject.toml, scripts/schema_sync_config.json).",
    ),
    click.option(
        "--source",
        metavar="SOURCE",
        shell_complete=completes("sources"),
        help="postgresql://…, management, mcp[:URL], postgrest, migrations[:DIR], snapshot:FILE, lock,"
        " live, offline or auto.",
    ),
    click.option("--project-id", metavar="REF", help="Supabase project (default: SUPABASE_PROJECT_ID)."),
    click.option(
        "--schema",
        "schemas",
        metavar="NAME",
        multiple=True,
        shell_complete=completes("schemas"),
        help="Schema to compare; may be repeated.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Also print what each class was bound by, and who moved."),
    click.option("-q", "--quiet", is_flag=True, help="On stderr only errors, and what was not checked or shown."),
    click.option("--no-cache", is_flag=True, help="Read and compare all anew; keep nothing for the next run."),
)


def shared(command: Command) -> Command:
    """Give *command* the shared options; it receives the session as its first argument."""

    @wraps(command)
    def run(**options: Any) -> Any:
        session = click.get_current_context().ensure_object(Session)
        session.take(options)
        return command(session, **options)

    for option in reversed(_SHARED):
        run = option(run)
    return run  # type: ignore[return-value]
