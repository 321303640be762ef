"""Arguments → use case → exit code. stdout is the result, stderr is talk.

Exit codes: 0 in sync, 1 drift at or above --fail-on, 2 usage, configuration or internal error, 3 the
source could not be read.
"""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from schema_sync import __version__
from schema_sync.cli.session import Session, shared
from schema_sync.cli.streams import PLAIN, ReaderGoneError, complaining, formatted, look, open_streams, printing
from schema_sync.errors import MigrationError, SchemaSyncError, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EXIT_USAGE = EXIT_INTERNAL = 2
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
MODULES = {
    "analyze": "describe",
    "baseline": "ask",
    "check": "check",
    "completion": "completion",
    "demo": "setup",
    "diff": "update",
    "docs": "describe",
    "doctor": "setup",
    "explain": "rules",
    "explore": "explore",
    "github": "github",
    "history": "describe",
    "hook": "github",
    "init": "setup",
    "list": "ask",
    "mcp": "mcp",
    "migrations": "migrations",
    "notify": "notify",
    "report": "check",
    "rules": "rules",
    "snapshot": "ask",
    "sql": "ask",
    "update": "update",
    "uses": "ask",
}
"""The module of each command, where it is called ``NAME_command``. It is imported when the command is used."""
_NARROW = 70
_COMPLETION = "_SCHEMA_SYNC_COMPLETE"  # click's name for what a shell sets
_EPILOG = "Exit codes: 0 in sync, 1 drift, 2 usage or configuration, 3 the source could not be read."


class _Help(click.HelpFormatter):
    """Help that fits a narrow terminal too: long lists of choices are divided, and the texts get more room."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of definitions, as click does where there is room."""
        if self.width < _NARROW:
            rows = [(self._divided(term), text) for term, text in rows]
            col_max = self.width // 3
        super().write_dl(rows, col_max, col_spacing)

    def _divided(self, term: str) -> str:
        hanging = " " * (2 * self.current_indent)
        lines = [""]
        for choice in re.split(r"(?<=[|])", term):
            lines += [hanging] if len(lines[-1] + choice) > self.width - self.current_indent else []
            lines[-1] += choice
        return "\n".join(lines)


class _Context(click.Context):
    formatter_class = _Help


class _Commands(click.Group):
    """The commands; what fails while they print is told apart here, before click takes it for drift (exit 1)."""

    context_class = _Context

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with printing():  # --help and --version print here
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with printing():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in MODULES and not (name.startswith("-") or ctx.resilient_parsing):
            from schema_sync.nearest import nearest

            if near := nearest(name.lower(), MODULES):
                ctx.fail(f"No such command {name!r}. Did you mean {near!r}?")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - all of them, always
        return [*MODULES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in MODULES:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{MODULES[cmd_name]}"), f"{cmd_name}_command")
        for each in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
            each.context_class = _Context
        return command


@click.group(
    cls=_Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="schema-sync")
@shared
def cli(_session: Session) -> None:
    """Keep Python TypedDict and Enum classes true to a Supabase (PostgreSQL) schema."""


# ---- entry points


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str], *, name: str = "schema-sync", start: Path | None = None, flags: bool = False) -> int:
    """Run the command with *arguments* and return its exit code; errors are told on stderr.

    The project is searched upwards from the folder *start*, by default the current one. *flags* says that a script
    is run, which takes commands as flags.
    """
    session = Session(start, flags=flags)
    try:
        open_streams()
        try:
            result = cli.main(arguments, prog_name=name, standalone_mode=False, obj=session)
        finally:
            session.clear()
        with printing():
            sys.stdout.flush()
    except click.ClickException as error:
        _complain_of_usage(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        with complaining():
            click.echo("Interrupted.", err=True)
        return EXIT_INTERRUPTED
    except ReaderGoneError:
        return EXIT_PIPE
    except Exception as error:  # noqa: BLE001  # the last boundary: a defect must not exit as drift, nor show a password
        if _COMPLETION in os.environ:  # a shell asks while somebody types
            return EXIT_INTERNAL
        if (signal_code := _interrupted(error)) is not None:
            return signal_code
        if isinstance(error, SchemaSyncError):
            complain(error, session.shown)
            return error.exit_code
        from traceback import format_exc

        with complaining():
            click.echo(mask(format_exc(), session.secrets()), err=True)
            click.echo("This is a defect of schema-sync; please report the lines above.", err=True)
        return EXIT_INTERNAL
    return result if isinstance(result, int) else 0


def _interrupted(error: BaseException | None) -> int | None:
    """Return the exit code of the signal that *error* comes from; some of Python's code makes another of it."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return EXIT_INTERRUPTED
        if isinstance(error, SystemExit) and isinstance(error.code, int):
            return error.code
        error = error.__cause__ or error.__context__
    return None


def _complain_of_usage(error: click.ClickException) -> None:
    """Print what is wrong with the arguments, as click does it, or to fit the terminal."""
    from schema_sync.reports.base import labelled

    with complaining():
        if look(err=True) == PLAIN:
            error.show()
            return
        context = error.ctx if isinstance(error, click.UsageError) else None
        if context is not None:
            click.echo(f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n", err=True)
        lines = labelled("Error:", "fault", error.format_message())
        click.echo(formatted(lines, Path(), err=True), err=True, nl=False, color=True)


def complain(error: SchemaSyncError, shown: Callable[[str], str] = str) -> None:
    """Print what is wrong, and the next step; *shown* is as in ``Session``."""
    from schema_sync.reports.base import Styled, labelled, linked

    lines = labelled("Error:", "fault", shown(error.message))
    if isinstance(error, MigrationError):
        label, message = lines[0].parts
        lines[0] = Styled((label, *linked(message.text, shown(error.path), f":{error.line}")))
    lines += labelled("Hint:", "title", shown(error.hint)) if error.hint else []
    with complaining():
        click.echo(formatted(lines, Path(), err=True), err=True, nl=False, color=True)
