"""What a source is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Literal

from schema_sync.model.base import Value

# Takes the steps of long work and gives them back, one by one, within a ``with``: a progress bar.
Progress = Callable[[Sequence[Path]], AbstractContextManager[Iterable[Path]]]


class Request(Value, frozen=True, kw_only=True):
    """What a source is asked for.

    Attributes:
        argument: what stands behind the source's name (``migrations:DIR``), or a whole DSN; may be empty.
        schemas: the schemas to read, in the user's order.
        root: the project's folder; relative paths start there.
        lock: the lock file, relative to ``root``.
        expressions: whether the text of defaults and checks is wanted.
        names: whether what the names in queries need is wanted.
        named: other schemas that queries name; those that exist are read for the names in queries alone.
        sql: the statements in the code that a server may judge.
        judge_sql: whether a live server may; that of a replay always does.
        recorded: whether the migrations that the database records as applied are wanted.
        fingerprinted: whether the fingerprint of what is read is wanted.
        details: whether what documents tell beyond the catalog is wanted.
        progress: shows how far long work is; by default nobody watches.
        project: the project that ``--project-id`` names, which wins over the environment; may be empty.
        on_migration_error: whether a replay ends at a statement that fails, or goes on without it.
        origin: the place in the repository where ``argument`` stands, such as ``schema-sync.toml: source``; empty
            where the user gave it, on the command line or in the environment.
        notes: what was passed over when the source was chosen; shown to the user, never parsed.
        seconds: how long the whole read may take on the client's side, by the configuration.
        meanwhile: work that does not need the catalog, for the time that a server takes to answer: a source calls
            it, maybe more than once, or not at all.
    """

    argument: str = ""
    schemas: tuple[str, ...]
    root: Path
    environment: Mapping[str, str]
    lock: str
    expressions: bool = False
    functions: bool = False
    names: bool = False
    named: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    judge_sql: bool = False
    recorded: bool = False
    fingerprinted: bool = False
    details: bool = False
    progress: Progress = nullcontext
    project: str = ""
    on_migration_error: Literal["stop", "continue"] = "stop"
    origin: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 60.0
    meanwhile: Callable[[], object] = tuple
