"""The scripts that ``init`` puts into ``scripts/``: the command stands among their arguments as a flag."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from schema_sync.cli import EXIT_PIPE, EXIT_USAGE, complain, run
from schema_sync.cli.streams import ReaderGoneError, open_streams, printing
from schema_sync.errors import SchemaSyncError

_COMMANDS = {f"--{command}": (command,) for command in ("check", "diff", "update", "report")}
_QUESTIONS = {
    "--list-tables": ("list", "tables"),
    "--list-enums": ("list", "enums"),
    "--list-constraints": ("list", "constraints"),
    "--analyze": ("analyze",),
}
_WITH_VALUE = {"--execute-sql": "sql", "--export-docs": "docs"}


def sync_schema() -> None:
    """Run ``scripts/sync_schema.py``: the command stands among the arguments as a flag."""
    name = "sync_schema.py"
    arguments = _command(_COMMANDS, {})
    if arguments is not None:
        sys.exit(_run(arguments, name))
    usage = f"Usage: {name} {'|'.join(_COMMANDS)} [OPTIONS]"
    options = "The options are those of the command: see schema-sync check --help."
    sys.exit(_print_usage([usage, options], "one of these commands is needed, and only one"))


def mcp_schema_query() -> None:
    """Run ``scripts/mcp_schema_query.py``: the command stands among the arguments as a flag."""
    name = "mcp_schema_query.py"
    arguments = _command(_QUESTIONS, _WITH_VALUE)
    if arguments is not None:
        sys.exit(_run(arguments, name))
    usage = f"Usage: {name} {'|'.join(_QUESTIONS)}|--execute-sql QUERY|--export-docs DIR [OPTIONS]"
    options = "The options are those of schema-sync list, sql, docs and analyze."
    fault = "one of these commands is needed, and only one, with its QUERY or DIR"
    sys.exit(_print_usage([usage, options], fault))


def _command(flags: Mapping[str, tuple[str, ...]], valued: Mapping[str, str]) -> list[str] | None:
    """Return what the script's arguments are for ``schema-sync``; None unless they name one command."""
    split = (a.split("=", 1) if a.partition("=")[0] in valued else [a] for a in sys.argv[1:])
    arguments = [part for parts in split for part in parts]
    chosen = [a for a in arguments if a in flags or a in valued]
    if len(chosen) != 1:
        return None
    place = arguments.index(chosen[0])
    before, behind = arguments[:place], arguments[place + 1 :]
    if chosen[0] in flags:
        return [*flags[chosen[0]], *before, *behind]
    return [valued[chosen[0]], *before, *behind[1:], "--", behind[0]] if behind else None


def query_db_schema() -> None:
    """Run ``scripts/query_db_schema.py``: the catalog as JSON."""
    sys.exit(_run(["snapshot", *sys.argv[1:]], "query_db_schema.py"))


def _run(arguments: list[str], name: str) -> int:
    """Run the command for the project whose ``scripts/`` folder the script stands in."""
    script = Path(sys.argv[0])
    start = script.resolve().parent.parent if script.is_file() else None
    return run(arguments, name=name, start=start, flags=True)


def _print_usage(lines: list[str], fault: str) -> int:
    """Print how a script is called, on stdout where that was asked for, and return the exit code."""
    helping = bool({"-h", "--help"} & set(sys.argv[1:]))
    try:
        open_streams()
        with printing():
            click.echo("\n".join(lines if helping else [*lines, f"Error: {fault}"]), err=not helping)
            sys.stdout.flush()
    except ReaderGoneError:
        return EXIT_PIPE
    except SchemaSyncError as error:
        complain(error)
        return error.exit_code
    return 0 if helping else EXIT_USAGE
