"""A project opened: its configuration, what is asked of a source for it, and the catalog that comes back."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TypedDict, Unpack, cast, get_args

from msgspec.structs import replace

from schema_sync import config as configuration
from schema_sync.codebase import parse_cache
from schema_sync.deadline import within
from schema_sync.errors import SourceError, UsageError
from schema_sync.model.base import Value
from schema_sync.model.migration_state import Recorded
from schema_sync.model.queries import DEFAULT_SCHEMA, Query
from schema_sync.model.request import Progress, Request
from schema_sync.remote import credentials
from schema_sync.sources.auto import choose, given, live_source
from schema_sync.sources.base import Fetched, Source

HOOK_SOURCES: tuple[str, ...] = get_args(configuration.HookSource)
NO_CACHE = "SCHEMA_SYNC_NO_CACHE"
_GRACE_SECONDS = 0.5  # the source's own limit comes first: its message says more


class Project(Value, frozen=True, kw_only=True):
    """A project's folder, its configuration and the environment it is looked at in.

    ``project_id`` is the Supabase project that the user named, empty where the environment tells it.
    ``configured_by`` is the file with the configuration, empty where there is none.
    ``origin`` is the place in the repository that names the source, empty where the user named it by an option.
    ``source_root`` is where ``.env``, the files of Supabase's CLI and paths of the source are looked up, None for
    ``root``: it differs where ``root`` is a copy of what is staged. ``limit`` is how many seconds reading a source
    may take in all, None for the source's own limits. ``kept_for`` is the project's folder under which the
    user's cache keeps what is read from the code, None for nothing to be kept; it is no copy, as ``root`` may be.
    ``migrations`` is the folder that the configuration names behind ``migrations:``, whatever the source now is.
    """

    root: Path
    config: configuration.Config
    environment: Mapping[str, str]
    notes: tuple[str, ...] = ()
    progress: Progress = nullcontext
    project_id: str = ""
    configured_by: str = ""
    origin: str = ""
    source_root: Path | None = None
    limit: float | None = None
    kept_for: Path | None = None
    migrations: str = ""


def open_project(
    root: Path,
    *,
    config: str | None = None,
    source: str | None = None,
    schemas: Sequence[str] = (),
    project_id: str = "",
    progress: Progress = nullcontext,
    cached: bool = True,
) -> Project:
    """Return the project in *root*; the other arguments win over its configuration and the environment.

    Long work shows how far it is through *progress*. Unless *cached*, or where ``SCHEMA_SYNC_NO_CACHE`` is set,
    all code is read anew.

    Raises:
        ConfigError: if the configuration is wrong.
        UsageError: if *source* is one of the kind of the configuration's, and that is no source.
    """
    loaded = configuration.load(root, config)
    notes = [f"configuration: {loaded.path}"] if loaded.path else []
    notes += [f"{other} also configures schema-sync and is passed over" for other in loaded.passed_over]
    settings = loaded.config
    origin = f"{loaded.path}: source" if loaded.path else ""
    if source is not None:
        named = given(source, settings.source, origin)
        settings, origin = replace(settings, source=named), "" if named == source else origin
    if schemas:
        settings = replace(settings, schemas=tuple(schemas))
    return Project(
        root=root,
        config=settings,
        environment=dict(os.environ),
        notes=tuple(notes),
        progress=progress,
        project_id=project_id,
        configured_by=loaded.path or "",
        origin=origin,
        migrations=_folder(loaded.config.source),
        kept_for=root if cached and not os.environ.get(NO_CACHE) else None,
    )


def _folder(source: str) -> str:
    """Return the last folder that a *source* ``migrations:…`` names; empty for any other."""
    word, _, argument = source.partition(":")
    return argument.rsplit(",", maxsplit=1)[-1].strip().rstrip("/") if word == "migrations" else ""


def cache_file(project: Project, kind: str) -> Path | None:
    """Return the file that keeps what is read from the code, by the *kind* of it; None for nothing to be kept."""
    return parse_cache.place(project.kept_for, kind) if project.kept_for else None


class Wanted(TypedDict, total=False):
    """What a source is asked for, as in ``Request``."""

    expressions: bool
    names: bool
    named: tuple[str, ...]
    details: bool
    recorded: bool
    fingerprinted: bool
    sql: tuple[str, ...]
    meanwhile: Callable[[], object]


def request(project: Project) -> Request:
    """Return what a source is asked for *project*."""
    return Request(
        schemas=project.config.schemas,
        root=project.source_root or project.root,
        environment=project.environment,
        lock=project.config.paths.lock,
        functions=bool(project.config.functions),
        judge_sql=project.config.judge_sql,
        progress=project.progress,
        project=project.project_id,
        on_migration_error=project.config.on_migration_error,
        origin=project.origin,
        seconds=min(project.config.client_timeout, project.limit or math.inf),
    )


def for_queries(project: Project, queries: Sequence[Query]) -> Wanted:
    """Return what a comparison of *queries* needs: nothing without any."""
    if not queries:
        return {}
    from schema_sync.compare.query_sql import statements_in

    named = {query.schema or DEFAULT_SCHEMA for query in queries if query.schema_known and query.verb != "sql"}
    others = tuple(sorted(named - {*project.config.schemas}))
    return {"names": True, "expressions": True, "named": others, "sql": statements_in(queries)}


def fetch(project: Project, **wanted: Unpack[Wanted]) -> tuple[Fetched, tuple[str, ...]]:
    """Read the catalog; the notes state which source ``auto`` took and why, and what the source passed over.

    Raises:
        SourceError: if the source cannot be read, or not within the project's ``limit``.
        UsageError: if no source is configured, or a schema does not exist.
    """
    asked = replace(request(project), **wanted)
    if asked.details:
        asked = replace(asked, expressions=True)
    source, asked, why = choose(project.config.source, asked)
    asked = replace(asked, fingerprinted=asked.fingerprinted and source.fingerprint is not None)
    fetched = source.fetch(asked) if project.limit is None else _in_time(project.limit, source, asked)
    from schema_sync.compare.function_binding import with_functions

    fetched = replace(fetched, catalog=with_functions(fetched.catalog, project.config.functions))
    if asked.recorded and source.live and fetched.recorded is None:
        fetched = replace(fetched, recorded=Recorded(why=f"the source {source.name} does not show it"))
    if asked.names:
        exposed = credentials.exposed_schemas(asked.root)
        fetched = replace(fetched, facts=replace(fetched.facts, exposed=exposed))
    notes = (*asked.notes, *fetched.notes)
    if project.project_id and not source.live:
        notes = (*notes, f"--project-id {project.project_id} is not used: the source {source.name} reads files")
    if fetched.incomplete:
        notes = (*notes, f"{fetched.incomplete.summary}; the first that failed: {fetched.incomplete.failed[0]}")
    chosen = f"source: {fetched.kind}, {fetched.describe}"
    return fetched, (f"{chosen} ({project.config.source}: {why})" if why else chosen, *notes)


def has_fingerprint(project: Project) -> bool:
    """Return whether the source of *project* has a fingerprint.

    Raises:
        UsageError: if no source is configured.
    """
    return choose(project.config.source, request(project))[0].fingerprint is not None


def fingerprint(project: Project, *, recorded: bool) -> str:
    """Return ``Fetched.fingerprint`` as ``fetch`` would; empty where the source has none.

    Raises:
        SchemaSyncError: as ``fetch``.
    """
    source, asked, _ = choose(project.config.source, replace(request(project), recorded=recorded))
    return source.fingerprint(asked) if source.fingerprint else ""


def _in_time(seconds: float, source: Source, asked: Request) -> Fetched:
    """Read *source* within *seconds*, whatever limits it has itself.

    Raises:
        SourceError: if it cannot be read, or not in time.
    """
    try:
        return within(seconds + _GRACE_SECONDS, lambda: source.fetch(asked))
    except TimeoutError as error:
        raise SourceError(
            f"the source {source.name} did not answer within {seconds:g} seconds",
            hint="Check the network, or use another source.",
        ) from error


def hook_choice(project: Project) -> tuple[configuration.HookSource, str]:
    """Return what the git hook compares with, and why: a running database, or files of the repository.

    It is chosen by the environment or ``.env``, the configuration, else by default.

    The default is ``live`` where the configured source is a running database.

    Raises:
        UsageError: if the variable holds another word, or the configured source does not exist.
    """
    asked = request(project)
    found = credentials.setting(asked, credentials.HOOK_SOURCE)
    if found is not None and found.value not in HOOK_SOURCES:
        raise UsageError(
            f"{found.place} is neither {' nor '.join(HOOK_SOURCES)}",  # not repeated: it may be a secret
            hint="Set it to one of them, or unset it.",
        )
    if found is not None:
        return cast("configuration.HookSource", found.value), found.is_set
    if project.config.hook_source is not None:
        return project.config.hook_source, "hook-source is configured"
    reason = live_source(project.config.source, asked)
    return ("offline", "no live source is configured") if reason is None else ("live", reason)
