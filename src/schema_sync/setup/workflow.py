"""The workflow for GitHub Actions that ``init`` writes: what its jobs compare with, and which files they watch."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from schema_sync.errors import MigrationError, SchemaSyncError
from schema_sync.model.base import Value
from schema_sync.setup import installed
from schema_sync.setup.find_migrations import Place
from schema_sync.sources.auto import OFFLINE
from schema_sync.usecases import project as projects
from schema_sync.usecases.project import Project

_MIGRATIONS = "migrations"
_PLACEHOLDER = re.compile(r"__([A-Z_]+)__")
_PLAIN_PATH = re.compile(r"[\w./-]+")  # nothing in it to escape, in YAML, in an expression or in a glob
_ALL_SQL = "**/*.sql"
_REASONS = {
    OFFLINE: "They are compared with the migrations in them, or without any with the lock.",
    "lock": "They are compared with the lock of the last sync, as the migrations cannot be replayed.",
}


class Jobs(Value, frozen=True, kw_only=True):
    """What the jobs of the workflow look at.

    Attributes:
        pull_requests: the word for ``--source`` that pull requests are compared with.
        folder: what ``migrations check`` is given; empty where the configuration or Supabase's CLI names it.
        sql: globs of the migrations.
        failure: why they cannot be replayed; empty where they can be, or this is not known.
    """

    pull_requests: str = OFFLINE
    folder: str = ""
    sql: tuple[str, ...] = ("supabase/**/*.sql",)
    failure: str = ""


def jobs(project: Project, places: Sequence[Place], *, replays: bool | None) -> Jobs:
    """Return what fits *project*, whose configuration has the source that it will have.

    Args:
        project: the project.
        places: where SQL was found, the likeliest first.
        replays: whether a check has replayed the migrations; False to find out here, None to leave that open.
    """
    specs: Sequence[str] = (_MIGRATIONS,)
    found = Jobs()
    word, _, argument = project.config.source.partition(":")
    if word == _MIGRATIONS:
        specs, found = (project.config.source,), Jobs(sql=_sql(argument))
    elif not places:
        return Jobs()
    elif not (replays or places[0].is_default):
        specs, found = (
            places[0].sources,
            Jobs(sql=_sql(",".join(filter(None, (places[0].base, places[0].folder))))),
        )
    failure = ""
    for spec in specs:
        failure = _failure(project, spec) if replays is False else ""
        if not failure:
            is_elsewhere = spec not in (_MIGRATIONS, project.config.source)
            return replace(found, pull_requests=spec, folder=spec.partition(":")[2]) if is_elsewhere else found
    return replace(found, pull_requests="lock", failure=failure)


def _failure(project: Project, spec: str) -> str:
    """Return why the migrations *spec* cannot be replayed; empty where they can be, or nothing here can tell."""
    try:
        projects.fetch(replace(project, config=replace(project.config, source=spec), origin=""))
    except MigrationError as error:
        return error.message
    except SchemaSyncError:  # without the embedded server, for example
        return ""
    return ""


def _sql(argument: str) -> tuple[str, ...]:
    """Return globs of the files that *argument* of the source ``migrations`` names."""
    places = [place.strip().rstrip("/") for place in argument.split(",") if place.strip()]
    if not all(map(_PLAIN_PATH.fullmatch, places)):
        return (_ALL_SQL,)
    return tuple(place if place.endswith(".sql") else f"{place}/{_ALL_SQL}" for place in places) or Jobs().sql


def render(template: str, found: Jobs, watched: Sequence[str]) -> str:
    """Return the workflow; *watched* are globs of the Python that is compared.

    It installs the package that runs here.
    """
    reason = _REASONS.get(found.pull_requests, "They are compared with the migrations in them.")
    values: Mapping[str, str] = {
        "VERSION": quoted(installed.pin()),
        "WATCHED": "\n      - ".join(map(quoted, dict.fromkeys(watched))),
        "PULL_REQUESTS": found.pull_requests.replace("'", "''"),
        "PULL_REQUESTS_WHY": reason,
        "SQL": "', '".join(found.sql),
        "FOLDER": quoted(found.folder),
    }
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def quoted(text: str) -> str:
    """Return *text* as a TOML or YAML string; a JSON string is one, but for escapes beyond U+FFFF."""
    return json.dumps(text, ensure_ascii=False)
