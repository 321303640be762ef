"""What the sources of Supabase's platform share: token and project, and what a project reports of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.base import Value
from schema_sync.model.request import Request
from schema_sync.postgres.read_only_query import Rows
from schema_sync.remote import credentials
from schema_sync.remote.credentials import Setting

NEEDS = "SUPABASE_ACCESS_TOKEN (or supabase login) with SUPABASE_PROJECT_ID (or supabase link)"
TOKEN_HINT = "Make a token at https://supabase.com/dashboard/account/tokens and set SUPABASE_ACCESS_TOKEN to it."  # noqa: S105
PROJECT_HINT = "Check SUPABASE_PROJECT_ID or --project-id: Project Settings → General → Project ID."
PERMISSION_HINT = "Use a token of the organization that owns the project, with the permission Database: Read."
LIMIT_HINT = "Supabase takes 120 requests a minute; run the command again in a minute."
FAILED_HINT = (
    "Run the command again; https://status.supabase.com tells of outages, the dashboard of paused projects."
)
VERSION_QUERY = "select pg_catalog.current_setting('server_version')"
_AWAKE = {"ACTIVE_HEALTHY", "ACTIVE_UNHEALTHY", "UNKNOWN", ""}


class Place(Value, frozen=True, kw_only=True):
    """Where an MCP server is: a command to start, or an address.

    Attributes:
        command: program and arguments, empty where there is an address.
        variables: what the program gets in its environment, in addition to HOME, PATH and other usual ones.
        address: of a server over HTTP.
        headers: what goes with each request to it.
        describe: the words for it in messages.
        secrets: what is kept out of everything it says.
    """

    command: tuple[str, ...] = ()
    variables: Mapping[str, str] = {}
    address: str = ""
    headers: Mapping[str, str] = {}
    describe: str
    secrets: tuple[str, ...] = ()


def needed_token(request: Request) -> Setting:
    """Return the access token.

    Raises:
        UsageError: if there is none, or it cannot be one.
    """
    token = credentials.token(request)
    if token is None:
        raise UsageError("there is no access token", hint=TOKEN_HINT)
    return token


def needed_project(request: Request) -> str:
    """Return the project's id.

    Raises:
        UsageError: if there is none, or it cannot be one.
    """
    project = credentials.project(request)
    if project is None:
        raise UsageError("there is no project id", hint="Set SUPABASE_PROJECT_ID, or pass --project-id.")
    return project.value


def why_configured(request: Request) -> str | None:
    """Return what of token and project is set, None if one is missing."""
    token, project = credentials.token(request), credentials.project(request)
    return None if token is None or project is None else f"{token.is_set}, and {project.is_set}"


def why_lacking(request: Request) -> str | None:
    """Return which of token and project is missing where the other is set, None if none or both are.

    The host of SUPABASE_URL names a project too, but is set for other reasons.
    """
    token, project = credentials.token(request), credentials.project(request)
    if token is not None:
        return None if project else f"{token.is_set}, but {credentials.PROJECT[0]} is not set"
    if project is None or project.name == credentials.URL:
        return None
    return f"{project.is_set}, but {credentials.TOKEN} is not set"


def probed(where: str, project: Callable[[], object], version: Callable[[], Rows]) -> str:
    """Return what is at *where*: the *project* by name, region and status, and the server's *version*.

    Raises:
        SourceError: if the project is paused, or comes or goes, or the server does not answer.
    """
    answer, unknown = None, ""
    try:
        answer = project()
    except SourceError as error:  # a token that may only query the database sees nothing else
        unknown = f" ({error.message})"
    known = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    status = str(known.get("status", ""))
    if status not in _AWAKE:
        raise SourceError(
            f"the project {known.get('name', '')} is not running: {status}",
            hint="Restore it in the dashboard: a paused project answers no query.",
        )
    told = "".join(f"{known[key]}, " for key in ("name", "region", "status") if known.get(key))
    return f"{where}: {told}PostgreSQL {version().rows[0][0]}{unknown}"
