"""Supabase's MCP server: ``mcp`` starts it, ``mcp:URL`` is one over HTTP, ``mcp:local`` the local stack's.

It is always asked to be read-only, of one project, and only for the tools that are used. Its answers are rows to
be read, never instructions. Authority: Supabase's guide "Model context protocol (MCP)"; the server's ``cli.ts``.
"""

from __future__ import annotations

import importlib.util
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from schema_sync.errors import SourceError, UsageError
from schema_sync.postgres.catalog_queries import catalog_queries, kinds_query
from schema_sync.postgres.catalog_rows import build_catalog
from schema_sync.postgres.connection import SERVER_SHARE
from schema_sync.postgres.json_paging import Limits, Rows, catalog_dialogue, rows_dialogue
from schema_sync.postgres.schema_changes import read_again
from schema_sync.sources import environment, listed_tables
from schema_sync.sources.access import (
    NEEDS,
    VERSION_QUERY,
    Place,
    needed_project,
    needed_token,
    told_project,
    why_configured,
    why_lacking,
)
from schema_sync.sources.base import Fetched, Request, Source, Tables

if TYPE_CHECKING:
    from schema_sync.model.catalog import Catalog

COMMAND = "SCHEMA_SYNC_MCP_COMMAND"
SERVER = "@supabase/mcp-server-supabase@0.13.0"
FEATURES = "database,development"
ACCOUNT = "account"
LOCAL = "local"
PAGE_BYTES = 750_000
PROBE_SECONDS = 60.0
MOST_TABLES = 1_000_000
_OURS = ("--access-token", "--api-url", "--features", "--http", "--project-ref", "--read-only")
_FEATURES = {"database", "development"}
# What npx and Node need besides PATH and HOME: the way out of a company's network, and the registry.
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
    token, project = needed_token(request), needed_project(request)
    api = environment.api_url(request)
    environment.require_trust(request, api, token)
    scope = (f"--project-ref={project}", f"--features={FEATURES}") if scoped else (f"--features={ACCOUNT}",)
    moved = () if api == environment.HOSTED_API else (f"--api-url={api}",)
    passed = {
        n: v for n, v in request.environment.items() if n.upper() in _PASSED or n.lower().startswith("npm_config_")
    }
    return Place(
        command=(*_command(request), "--read-only", *scope, *moved),
        variables={**_NO_SCRIPTS, **passed, environment.TOKEN: token.value},
        describe=f"project {project}",
        secrets=environment.secrets(request.environment, request.root),
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
    for argument in command:
        if argument.partition("=")[0] in _OURS:
            raise UsageError(
                f"{COMMAND} holds {argument.partition('=')[0]}, which schema-sync sets itself",
                hint="Leave in it only what starts the server.",
            )
    return command


def _over_http(request: Request, argument: str) -> Place:
    if argument == LOCAL:
        argument = f"http://127.0.0.1:{environment.local_port(request, 'api')}/mcp"
    parts = environment.checked_address(argument, "the address behind mcp:")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    extra = set(filter(None, query.get("features", "").split(","))) - _FEATURES
    if extra or query.get("read_only", "true") != "true":
        raise UsageError(
            "the address behind mcp: asks for more than reading the database",
            hint=f"Leave read_only and features out of it: they are set to true and {FEATURES}.",
        )
    project = environment.project(request)
    if project is not None and (request.project or "project_ref" not in query):
        query["project_ref"] = project.value
    query |= {"read_only": "true", "features": FEATURES}
    address = parts._replace(query=urlencode(query), fragment="").geturl()
    token = environment.token(request)
    if token is not None:
        environment.require_trust(request, address, token)
    return Place(
        address=address,
        headers={"Authorization": f"Bearer {token.value}"} if token else {},
        describe=parts._replace(query="", fragment="").geturl(),
        secrets=environment.secrets(request.environment, request.root),
    )


def _require_package() -> None:
    if importlib.util.find_spec("mcp") is None:
        raise UsageError(
            "the source mcp needs the package mcp, which is not installed",
            hint="pip install 'supabase-schema-sync[mcp]'",
        )


def _fetch(request: Request) -> Fetched:
    _require_package()
    from schema_sync.sources import _mcp_session

    where = place(request)
    queries = catalog_queries(request.schemas, expressions=request.expressions, functions=request.functions)

    def read() -> Catalog:
        rows = _mcp_session.converse(where, catalog_dialogue(queries, PAGE_BYTES))
        return build_catalog(rows, request.schemas)

    return Fetched(catalog=read_again(read), kind="mcp", describe=where.describe)


def _query(request: Request, text: str, limits: Limits) -> Rows:
    _require_package()
    from schema_sync.sources import _mcp_session

    return _mcp_session.converse(place(request), rows_dialogue(text, limits))


def _tables(request: Request) -> Tables:
    _require_package()
    from schema_sync.sources import _mcp_session

    where, schemas = place(request), request.schemas
    limits = Limits(rows=MOST_TABLES, seconds=request.seconds * SERVER_SHARE)
    answers, kinds = _mcp_session.list_tables(where, schemas, rows_dialogue(kinds_query(schemas), limits))
    rows, unseen = listed_tables.listed(answers, kinds)
    listing = Rows(columns=listed_tables.COLUMNS, rows=rows)
    return Tables(rows=listing, describe=f"{where.describe}, by the tool {listed_tables.TOOL}", unseen=unseen)


def _probe(request: Request) -> str:
    _require_package()
    from schema_sync.sources import _mcp_session

    told = unknown = ""
    if not request.argument:
        try:
            known = _mcp_session.get_project(place(request, scoped=False), needed_project(request), PROBE_SECONDS)
        except SourceError as error:  # a token that may only query the database sees no more
            unknown, known = f" ({error.message})", dict[str, Any]()
        told = told_project(known)
    where, limits = place(request), Limits(rows=1, seconds=PROBE_SECONDS)
    version = _mcp_session.converse(where, rows_dialogue(VERSION_QUERY, limits), PROBE_SECONDS)
    return f"{where.describe}: {told}PostgreSQL {version.rows[0][0]}{unknown}"


SOURCE = Source(
    name="mcp",
    fetch=_fetch,
    order=3,
    configured=why_configured,
    lacking=why_lacking,
    needs=NEEDS,
    probe=_probe,
    query=_query,
    tables=_tables,
)
