"""What a check printed, printed again while nothing that it depends on has changed.

A result is found by a hash of all that it depends on but the database: the files, the settings, the tool and how
it was called. Whether the database is the same is asked of it, by one query (postgres/sql/fingerprint.sql).
Where one of the two cannot be known for certain, nothing is kept, and the check is made.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from schema_sync.codebase import parse_cache
from schema_sync.model.base import Value
from schema_sync.remote import credentials
from schema_sync.repository_files import RECORD_BYTES, read_bytes
from schema_sync.usecases import migration_state
from schema_sync.usecases.inputs import Inputs, read_inputs
from schema_sync.usecases.project import Project, cache_file, fingerprint, has_fingerprint

if TYPE_CHECKING:
    from schema_sync.usecases.check import Outcome

_PACKAGE = Path(__file__).parents[1]
_HARMLESS = {"_", "OLDPWD", "PWD", "SHLVL"}
"""Variables of the environment that a shell changes by itself."""


class Printed(Value, frozen=True, kw_only=True):
    """What a check printed: texts in their order, each with whether it went to stderr, and its exit code."""

    texts: tuple[tuple[str, bool], ...]
    code: int


class _Kept(Value, frozen=True, kw_only=True):
    fingerprint: str
    recorded: bool
    printed: Printed


class Known(Value, frozen=True, kw_only=True):
    """What is known before a check: the files that were read for it, their key, and what it would print."""

    inputs: Inputs
    key: bytes
    printed: Printed | None = None


def look(project: Project, called: Sequence[object]) -> Known | None:
    """Return what is known of a check that is *called* with these options, None where nothing is to be kept.

    Raises:
        SchemaSyncError: as a check does, where the database cannot be asked, or an update keeps running.
    """
    file = cache_file(project, "results")
    if file is None or not has_fingerprint(project):
        return None
    inputs = read_inputs(project)
    key = _key(project, inputs, called)
    with parse_cache.opened(file) as results:
        kept = results.get(key, _Kept)
    if kept is None or kept.fingerprint != fingerprint(project, recorded=kept.recorded):
        return Known(inputs=inputs, key=key)
    return Known(inputs=inputs, key=key, printed=kept.printed)


def keep(
    project: Project,
    known: Known,
    called: Sequence[object],
    outcome: Outcome,
    texts: Sequence[tuple[str, bool]],
    code: int,
) -> None:
    """Keep what a check with the inputs of *known* has printed, unless something else can change its *outcome*.

    That is the case where the source has no fingerprint, where the server judged SQL, which also depends on
    functions and privileges, and where a file could not be read or changed meanwhile.
    """
    file, fetched = cache_file(project, "results"), outcome.fetched
    is_certain = fetched.fingerprint and fetched.verdicts is None and not outcome.report.unreadable
    if file is None or not is_certain or _key(project, known.inputs, called) != known.key:
        return
    printed = Printed(texts=tuple(texts), code=code)
    kept = _Kept(fingerprint=fetched.fingerprint, recorded=fetched.recorded is not None, printed=printed)
    with parse_cache.opened(file) as results:
        results.put(known.key, kept)


def _key(project: Project, inputs: Inputs, called: Sequence[object]) -> bytes:
    config = project.config
    settings = (config, project.notes, project.origin, project.migrations, project.project_id, *called)
    environment = sorted(each for each in project.environment.items() if each[0] not in _HARMLESS)
    today = _today()
    parts: list[object] = [settings, environment, today, os.fspath(project.root), *_terminals(), *_tool()]
    parts += [inputs.digest, *_contents(project)]
    return parse_cache.key(map(msgspec.msgpack.encode, parts))


def _contents(project: Project) -> Iterator[tuple[str, bytes | str]]:
    """Yield what a check may read beside its inputs: path and content, or why there is none."""
    paths = project.config.paths
    for path in (paths.enums, paths.entities, paths.relationships):
        yield path, str((project.root / path).exists())
    found = migration_state.files(project)
    files: Iterable[Path] = (project.root / path for path in (paths.baseline, *credentials.FILES))
    for path in (*files, *(found.by_version.values() if found else ())):
        try:
            yield os.fspath(path), read_bytes(path, RECORD_BYTES)
        except OSError as error:
            yield os.fspath(path), str(error)


def _terminals() -> Iterator[tuple[bool, int]]:
    """Yield how wide the terminals are, where the streams are some."""
    for stream in (sys.stdout, sys.stderr):
        yield stream.isatty(), os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0


def _tool() -> Iterator[tuple[str, int, int]]:
    """Yield the files of this package by size and time, by which Python too knows whether they changed."""
    folders = [os.fspath(_PACKAGE)]
    while folders:
        for entry in sorted(os.scandir(folders.pop()), key=lambda each: each.name):
            if entry.is_dir():
                folders += [entry.path] if entry.name != "__pycache__" else []
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns


def _today() -> str:
    return datetime.now().astimezone().date().isoformat()  # entries of the baseline expire
