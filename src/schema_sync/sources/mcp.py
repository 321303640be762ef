"""Supabase's MCP server: ``mcp`` starts it, ``mcp:URL`` is one over HTTP, ``mcp:local`` the local stack's.

It is always asked to be read-only, of one project, and only for the tools that are used. Its answers are rows to
be read, never instructions. Authority: Supabase's guide "Model context protocol (MCP)"; the server's ``cli.ts``.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from schema_sync.errors import UsageError
from schema_sync.model.findings import Note
from schema_sync.model.request import Request
from schema_sync.postgres.catalog_queries import listing_query
from schema_sync.postgres.connection import SERVER_SHARE
from schema_sync.postgres.read_only_query import Limits, Rows
from schema_sync.remote import credentials, listed_tables, project_access
from schema_sync.remote.addresses import checked_address
from schema_sync.remote.json_paging import read_catalog, read_rows
from schema_sync.remote.project_access import Place
from schema_sync.sources.base import Fetched, OpenSource, Source, fetched, require_package

if TYPE_CHECKING:
    from schema_sync.remote.mcp_client import McpServer

COMMAND = "SCHEMA_SYNC_MCP_COMMAND"
SERVER = "@supabase/mcp-server-supabase@0.13.0"
FEATURES = "database,development"
ACCOUNT = "account"
LOCAL = "local"
PAGE_BYTES = 750_000
PROBE_SECONDS = 60.0
TOTAL_SECONDS = 240.0
MOST_TABLES = 1_000_000
_OURS = ("--access-token", "--api-url", "--features", "--http", "--project-ref", "--read-only")
_FEATURES = {"database", "development"}
# What npx and Node need in addition to PATH and HOME: the way out of a company's network, and the registry.
_PASSED = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "NODE_USE_ENV_PROXY")

# npx runs no install scripts: the token is in their environment. A user who needs them sets the variable to false.
_NO_SCRIPTS = {"npm_config_ignore_scripts": "true"}


def place(request: Request, *, scoped: bool = True) -> Place:
    """Return the server that *request* asks for; one not *scoped* to the project can tell of it (get_project).

    Raises:
        UsageError: if token or project are missing, or may not go where the address leads.
    """
    if request.argument:
        return _over_http(request, request.argument)
    token, project = project_access.needed_token(request), project_access.needed_project(request)
    api = credentials.api_url(request)
    credentials.require_trust(request, api, token)
    scope = (f"--project-ref={project}", f"--features={FEATURES}") if scoped else (f"--features={ACCOUNT}",)
    moved = () if api == credentials.HOSTED_API else (f"--api-url={api}",)
    passed = {
        n: v for n, v in request.environment.items() if n.upper() in _PASSED or n.lower().startswith("npm_config_")
    }
    return Place(
        command=(*_command(request), "--read-only", *scope, *moved),
        variables={**_NO_SCRIPTS, **passed, credentials.TOKEN: token.value},
        describe=f"project {project}",
        secrets=credentials.secrets(request.environment, request.root),
    )


def _command(request: Request) -> list[str]:
    """Return the program that is the server: only the user's own environment names it, no file of a repository."""
    given = request.environment.get(COMMAND, "").strip()
    if not given:
        return ["npx", "-y", SERVER]
    try:
        command = shlex.split(given)
    except ValueError as error:
        raise UsageError(f"{COMMAND} is not a command: {error}") from error
    for option in (argument.partition("=")[0] for argument in command):
        if option in _OURS:
            hint = "Leave in it only what starts the server."
            raise UsageError(f"{COMMAND} holds {option}, which schema-sync sets itself", hint=hint)
    return command


def _over_http(request: Request, argument: str) -> Place:
    if argument == LOCAL:
        argument = f"http://127.0.0.1:{credentials.local_port(request, 'api')}/mcp"
    parts = checked_address(argument, "the address behind mcp:")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    extra = set(filter(None, query.get("features", "").split(","))) - _FEATURES
    if extra or query.get("read_only", "true") != "true":
        raise UsageError(
            "the address behind mcp: asks for more than reading the database",
            hint=f"Leave read_only and features out of it: they are set to true and {FEATURES}.",
        )
    project = credentials.project(request)
    if project is not None and (request.project or "project_ref" not in query):
        query["project_ref"] = project.value
    query |= {"read_only": "true", "features": FEATURES}
    address = parts._replace(query=urlencode(query), fragment="").geturl()
    token = credentials.token(request)
    if token is not None:
        credentials.require_trust(request, address, token)
    return Place(
        address=address,
        headers={"Authorization": f"Bearer {token.value}"} if token else {},
        describe=parts._replace(query="", fragment="").geturl(),
        secrets=credentials.secrets(request.environment, request.root),
    )


def _connected(request: Request, seconds: float, *, scoped: bool = True) -> AbstractContextManager[McpServer]:
    require_package("mcp", "mcp", "mcp")
    from schema_sync.remote import mcp_client

    return mcp_client.opened(place(request, scoped=scoped), seconds)


@contextmanager
def _open(request: Request) -> Generator[OpenSource]:
    with _connected(request, TOTAL_SECONDS) as server:

        def catalog() -> Fetched:
            read = partial(read_catalog, server.rows, page_bytes=PAGE_BYTES)
            return fetched(request, read, kind="mcp", describe=server.place.describe)

        yield OpenSource(catalog=catalog, query=partial(read_rows, server.rows))


def _tables(request: Request) -> tuple[Rows, str, tuple[Note, ...]]:
    tool, limits = listed_tables.TOOL, Limits(rows=MOST_TABLES, seconds=request.seconds * SERVER_SHARE)
    with _connected(request, TOTAL_SECONDS) as server:
        kinds = read_rows(server.rows, listing_query("kinds", request.schemas), limits)
        if len(kinds.rows) > listed_tables.MOST:
            raise listed_tables.UnfitToolError(f"{tool} takes long for {len(kinds.rows)} tables")
        # one schema at a time, for the answer's names have dots
        answers = {s: server.ask(tool, {"schemas": [s], "verbose": True}) for s in request.schemas}
    rows, unseen = listed_tables.listed(answers, kinds)
    return Rows(columns=listed_tables.COLUMNS, rows=rows), f"{server.place.describe}, by the tool {tool}", unseen


def _probe(request: Request) -> str:
    def project() -> object:
        if request.argument:
            return {}
        with _connected(request, PROBE_SECONDS, scoped=False) as server:
            return server.ask("get_project", {"id": project_access.needed_project(request)})

    def version() -> Rows:
        with _connected(request, PROBE_SECONDS) as server:
            return read_rows(server.rows, project_access.VERSION_QUERY, Limits(rows=1, seconds=PROBE_SECONDS))

    require_package("mcp", "mcp", "mcp")
    return project_access.probed(place(request).describe, project, version)


SOURCE = Source(
    name="mcp",
    open=_open,
    configured=project_access.why_configured,
    lacking=project_access.why_lacking,
    needs=project_access.NEEDS,
    probe=_probe,
    tables=_tables,
)
