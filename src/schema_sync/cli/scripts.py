"""The scripts that ``init`` puts into ``scripts/``: the command stands among their arguments as a flag."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from schema_sync.cli import EXIT_PIPE, EXIT_USAGE, complain, run
from schema_sync.cli.streams import ReaderGoneError, open_streams, printing
from schema_sync.errors import SchemaSyncError

_COMMANDS = ("--check", "--diff", "--update", "--report")


def sync_schema() -> None:
    """Run ``scripts/sync_schema.py``: the command stands among the arguments as a flag."""
    arguments = sys.argv[1:]
    chosen = [a for a in arguments if a in _COMMANDS]
    if len(chosen) != 1:
        usage = f"Usage: sync_schema.py {'|'.join(_COMMANDS)} [OPTIONS]"
        options = "The options are those of the command: see schema-sync check --help."
        sys.exit(_print_usage([usage, options], "one of these commands is needed, and only one"))
    rest = [a for a in arguments if a not in chosen]
    sys.exit(_run([chosen[0].removeprefix("--"), *rest], "sync_schema.py"))


_QUESTIONS: dict[str, tuple[str, ...]] = {
    "--list-tables": ("list", "tables"),
    "--list-enums": ("list", "enums"),
    "--list-constraints": ("list", "constraints"),
    "--analyze": ("analyze",),
}
_WITH_VALUE = {"--execute-sql": "sql", "--export-docs": "docs"}


def mcp_schema_query() -> None:
    """Run ``scripts/mcp_schema_query.py``: the command stands among the arguments as a flag."""
    name = "mcp_schema_query.py"
    arguments = [
        part
        for a in sys.argv[1:]
        for part in (a.split("=", 1) if a.partition("=")[0] in _WITH_VALUE and "=" in a else [a])
    ]
    chosen = [a for a in arguments if a in _QUESTIONS or a in _WITH_VALUE]
    place = arguments.index(chosen[0]) if len(chosen) == 1 else -1
    if place >= 0 and chosen[0] in _QUESTIONS:
        sys.exit(_run([*_QUESTIONS[chosen[0]], *arguments[:place], *arguments[place + 1 :]], name))
    if place >= 0 and place + 1 < len(arguments):
        rest = [*arguments[:place], *arguments[place + 2 :]]
        sys.exit(_run([_WITH_VALUE[chosen[0]], *rest, "--", arguments[place + 1]], name))
    usage = f"Usage: {name} {'|'.join(_QUESTIONS)}|--execute-sql QUERY|--export-docs DIR [OPTIONS]"
    options = "The options are those of schema-sync list, sql, docs and analyze."
    fault = "one of these commands is needed, and only one, with its QUERY or DIR"
    sys.exit(_print_usage([usage, options], fault))


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
