"""What a shell completes, and the command that prints its script: ``completion``.

Nothing is asked of a database, and nothing is said where something is wrong: somebody is typing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from schema_sync.deadline import within
from schema_sync.errors import SchemaSyncError

if TYPE_CHECKING:
    from schema_sync.usecases.project import Project

_VARIABLE = "_SCHEMA_SYNC_COMPLETE"
_SECONDS = 2.0
_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_HARMLESS = re.compile(r"\w[\w.-]*")
"""A name that means nothing else to a shell: bash puts it into the command line as it is."""


@click.command("completion")
@click.argument("shell", type=click.Choice([*_SHELLS]), metavar="SHELL")
def completion_command(shell: str) -> None:
    """Print the script of shell completion. Installs nothing.

    With it a shell completes commands, options, rules, sources and names of tables. SHELL is bash, zsh or fish.
    """
    script = _SHELLS[shell](click.get_current_context().find_root().command, {}, "schema-sync", _VARIABLE)
    click.echo(script.source_template % script.source_vars(), nl=False)  # source() would start a bash


def items(kind: str, context: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return what can be offered for *incomplete*, a word of *kind*: a key of ``_NAMES``, ``file`` or ``dir``."""
    if kind not in _NAMES:
        return [CompletionItem(incomplete, type=kind)]
    try:
        names = within(_SECONDS, lambda: [*_NAMES[kind](context, incomplete)])
    except (SchemaSyncError, OSError):  # TimeoutError is one
        return []
    return [CompletionItem(each) for each in names if each.startswith(incomplete) and _HARMLESS.fullmatch(each)]


def _rules(_context: click.Context, _incomplete: str) -> Iterator[str]:
    from schema_sync.rules.migrations import MIGRATION_RULES, squawk_rules
    from schema_sync.rules.registry import DRIFT_RULES, QUERY_RULES

    yield from (*DRIFT_RULES, *(rule.id for rule in QUERY_RULES), *MIGRATION_RULES, *squawk_rules())


def _sources(_context: click.Context, _incomplete: str) -> Iterator[str]:
    from schema_sync.sources.base import NAMES

    yield from ("auto", "live", "offline", *NAMES)


def _objects(context: click.Context, _incomplete: str) -> Iterator[str]:
    yield from _known(context)


def _columns(context: click.Context, incomplete: str) -> Iterator[str]:
    for name, columns in _known(context).items():
        yield name
        if incomplete.startswith(f"{name}."):
            yield from (f"{name}.{column}" for column in columns)


def _schemas(context: click.Context, _incomplete: str) -> Iterator[str]:
    names = {name.rpartition(".")[0] for name in _known(context)}
    yield from sorted(names | {*_project(context).config.schemas} - {""})


def _known(context: click.Context) -> dict[str, tuple[str, ...]]:
    from schema_sync.usecases.known_names import known_names

    return known_names(_project(context))


def _project(context: click.Context) -> Project:
    """Return the project, with the configuration that was typed."""
    session = context.find_root().obj
    given = (each.params.get("config") for each in (context, context.parent) if each is not None)
    session.config = next(filter(None, given), None)
    project: Project = session.open(nullcontext)
    return project


_NAMES: dict[str, Callable[[click.Context, str], Iterator[str]]] = {
    "columns": _columns,
    "objects": _objects,
    "rules": _rules,
    "schemas": _schemas,
    "sources": _sources,
}
