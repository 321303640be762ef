"""Where a project is, and what opens it: variables, ``.env``, and the files that Supabase's CLI leaves.

The process's environment wins over ``.env``, and both over files. Nothing read here is put into any environment.
"""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from msgspec.structs import replace

from schema_sync.errors import UsageError
from schema_sync.model.base import Value
from schema_sync.model.request import Request
from schema_sync.postgres import uris
from schema_sync.remote.addresses import checked_address, host_of, is_loopback
from schema_sync.repository_files import IrregularFileError, read_text, toml_document

_DATABASE_URL = "DATABASE_URL"
DSN = ("SUPABASE_DB_URL", _DATABASE_URL)
PROJECT = ("SUPABASE_PROJECT_ID", "SUPABASE_PROJECT_REF")
TOKEN = "SUPABASE_ACCESS_TOKEN"  # noqa: S105  # a variable's name
PASSWORD = "SUPABASE_DB_PASSWORD"  # noqa: S105  # a variable's name
_ANY_KEY = "SUPABASE_KEY"
SERVICE_KEYS = ("SUPABASE_SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY", _ANY_KEY)
URL = "SUPABASE_URL"
API_URL = "SUPABASE_API_URL"
HOOK_SOURCE = "SCHEMA_SYNC_HOOK_SOURCE"
FROM_DOTENV = (*DSN, *PROJECT, TOKEN, PASSWORD, URL, API_URL, *SERVICE_KEYS, HOOK_SOURCE)
MCP_TOKEN = "SCHEMA_SYNC_MCP_TOKEN"  # noqa: S105  # its name
SECRETS = (*DSN, TOKEN, PASSWORD, *SERVICE_KEYS, MCP_TOKEN)

DOTENV = ".env"
TOKEN_FILE = ".supabase/access-token"  # noqa: S105  # a path
REF_FILE = "supabase/.temp/project-ref"
POOLER_FILE = "supabase/.temp/pooler-url"
CONFIG_FILE = "supabase/config.toml"
FILES = (DOTENV, REF_FILE, POOLER_FILE, CONFIG_FILE)
HOSTED_API = "https://api.supabase.com"
_PROCESS = "the environment"
_SUPABASE = ("api.supabase.com", "mcp.supabase.com")  # not REF.supabase.co: anybody may have one
_POOLER = r"[a-z0-9.-]+\.pooler\.supabase\.com"
_POOLED_PARAMETERS = {"user", "password", "host", "port", "dbname", "sslmode"}
_LINK_HINT = "Run supabase link again, or set SUPABASE_DB_URL."
_REF = r"[a-z]{20}"
_POOLED_USER = r"(?:\buser=|//)[^\s:@/]+\.([a-z0-9]+)(?=[:@\s]|$)"
_DIRECT_HOST = r"(?:\bhost=|@)db\.([a-z0-9]+)\.supabase\.co\b"
_LOCAL_PORTS = {"api": 54321, "db": 54322}


class Setting(Value, frozen=True, kw_only=True):
    """A value that was found, and where; the value may be a secret.

    Attributes:
        name: the variable, or the file.
        value: what is in it; never empty.
        origin: ``the environment``, ``.env``, or the file.
        secret: whether a file's content must not be shown.
        file: the repository's file that a connection string comes from; empty where the user's environment has it.
    """

    name: str
    value: str
    origin: str
    secret: bool = False
    file: str = ""

    @property
    def place(self) -> str:
        """What to call it in a message: its name, and where it stands if that is not the environment."""
        return self.name if self.origin in {_PROCESS, self.name} else f"{self.name} in {self.origin}"

    @property
    def is_set(self) -> str:
        """State that it is there."""
        return f"{self.name} exists" if self.origin == self.name else f"{self.place} is set"


def setting(request: Request, *names: str) -> Setting | None:
    """Return the first of *names* that is set, in the process's environment, else in ``.env``.

    Raises:
        UsageError: if ``.env`` cannot be read.
    """
    return next(_settings(request, names), None)


def fitting(request: Request, names: tuple[str, ...]) -> Setting | None:
    """Return the first of *names* that is set and can open the database: none of those that are passed over.

    Raises:
        UsageError: if ``.env`` cannot be read.
    """
    return next((found for found in _settings(request, names) if not _unfit(found)), None)


def passed_over(request: Request, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is wrong with those of *names* that are set before the first that fits.

    Raises:
        UsageError: if ``.env`` cannot be read.
    """
    return tuple(takewhile(bool, map(_unfit, _settings(request, names))))


def _unfit(found: Setting) -> str:
    """Return why a variable that programs set for purposes of their own cannot open the database; else empty."""
    if found.name == _DATABASE_URL and (database := uris.other_database(found.value)):
        return f"{found.place} is no PostgreSQL address ({database})"
    return shows_nothing(found) if found.name == _ANY_KEY else ""


def shows_nothing(key: Setting) -> str:
    """Return what cannot be seen with *key*; empty if it does not say that anybody may have it."""
    from schema_sync.remote import api_keys

    public = api_keys.public_kind(key.value)
    return f"{key.place} holds {public}, which shows no table, column or enum of the schema" if public else ""


def token(request: Request) -> Setting | None:
    """Return the personal access token: the variable's, else that of ``supabase login``.

    Raises:
        UsageError: if it cannot be one.
    """
    found = setting(request, TOKEN) or _saved_token(request.environment)
    if found is not None and not re.fullmatch(r"[!-~]+", found.value):
        raise UsageError(
            f"{found.place} holds white space or other characters that no token has",
            hint="Copy the token again: https://supabase.com/dashboard/account/tokens",
        )
    return found


def project(request: Request) -> Setting | None:
    """Return the project's id: of ``--project-id``, a variable, ``supabase link``, or the project's own address.

    Raises:
        UsageError: if no address and no argument can carry it.
    """
    if request.project:
        found: Setting | None = Setting(name="--project-id", value=request.project, origin=_PROCESS)
    else:
        found = setting(request, *PROJECT) or _file(request.root, REF_FILE) or project_of_url(request)
    if found is None:
        name = _config(request.root).get("project_id", "")
        if isinstance(name, str) and re.fullmatch(_REF, name):  # else it names the local stack
            found = Setting(name=CONFIG_FILE, value=name, origin=CONFIG_FILE)
    if found is not None and (not found.value.isprintable() or found.value in {".", ".."}):
        raise UsageError(f"{found.place} is not a project id: {found.value!r}")
    return found


def project_of_url(request: Request) -> Setting | None:
    """Return the project whose own address SUPABASE_URL is; None for any other host, which names none.

    Raises:
        UsageError: if ``.env`` cannot be read.
    """
    found = setting(request, URL)
    ref, _, domain = host_of(found.value if found else "").partition(".")
    return replace(found, value=ref) if found and domain == "supabase.co" else None


def connection_string(request: Request) -> Setting | None:
    """Return a connection string: a variable's, else the pooler's of ``supabase link`` with SUPABASE_DB_PASSWORD.

    Raises:
        UsageError: if the pooler's address is not of Supabase, and of this project: it would be sent the password.
    """
    found = fitting(request, DSN)
    if found is not None:
        return replace(found, file=DOTENV if found.origin == DOTENV else "")
    address, password = _file(request.root, POOLER_FILE), setting(request, PASSWORD)
    if address is None or password is None:
        return None
    value = _pooled(request, address.value, password.value)
    name = f"{password.name} with {POOLER_FILE}"
    return Setting(name=name, value=value, origin=password.origin, file=POOLER_FILE)


def _pooled(request: Request, text: str, password: str) -> str:
    """Return the pooler's address in *text* with *password*, if that may be sent there, and encrypted."""
    from psycopg.conninfo import make_conninfo

    from schema_sync.postgres import connection

    try:
        given = connection.parsed(text)
    except UsageError as error:
        raise UsageError(f"{POOLER_FILE}: {error.message}", hint=_LINK_HINT) from error
    host, user = given.get("host", ""), given.get("user", "")
    if not (re.fullmatch(_POOLER, host) or is_loopback(host)):
        raise UsageError(f"{POOLER_FILE} leads to {host or 'no host'}, which is not Supabase's", hint=_LINK_HINT)
    for keyword in sorted(given.keys() - _POOLED_PARAMETERS):
        raise UsageError(f"{POOLER_FILE}: the connection parameter {keyword} cannot be used", hint=_LINK_HINT)
    known = setting(request, *PROJECT)
    if not request.project and known is not None and user.partition(".")[2] not in {known.value, ""}:
        raise UsageError(
            f"{POOLER_FILE} is of project {user.partition('.')[2]}, but {known.place} is {known.value}",
            hint=_LINK_HINT,
        )
    if not is_loopback(host):
        mode = given.setdefault("sslmode", "require")
        if mode not in uris.SSLMODES[uris.SSLMODES.index("require") :]:
            raise UsageError(f"{POOLER_FILE}: sslmode={mode} would send the password unencrypted", hint=_LINK_HINT)
    return make_conninfo(**(given | {"password": password}))


def project_of(dsn: str) -> str | None:
    """Return the project that a connection string of Supabase's names, None where it names none."""
    pooled = re.search(_POOLED_USER, dsn) if ".pooler.supabase.com" in dsn else None
    matched = pooled or re.search(_DIRECT_HOST, dsn)
    return matched[1] if matched else None


def api_url(request: Request) -> str:
    """Return the address of the Management API, without a slash at its end.

    Raises:
        UsageError: if SUPABASE_API_URL is not an address of HTTP.
    """
    found = setting(request, API_URL)
    if found is None:
        return HOSTED_API
    return checked_address(found.value, found.place).geturl().rstrip("/")


def require_trust(request: Request, address: str, secret: Setting) -> None:
    """Let *secret* go to *address* only if that is Supabase's, this machine's, or vouched for.

    A host is vouched for by SUPABASE_API_URL or SUPABASE_URL in the process's environment, or in ``.env`` where
    the secret stands there too: a file of the repository alone cannot send the user's token elsewhere.

    Raises:
        UsageError: if it may not.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if is_loopback(host):
        return
    if parts.scheme != "https":
        raise UsageError(
            f"{secret.place} would go to {host} unencrypted",
            hint="Use https://; http:// is for this machine only.",
        )
    places: list[Mapping[str, str]] = [request.environment]
    if secret.origin == DOTENV:
        places.append(dotenv(request.root))
    vouched = {host_of(place.get(name, "")) for place in places for name in (API_URL, URL)}
    if host not in {*_SUPABASE, *vouched}:
        raise UsageError(
            f"{secret.place} would go to {host}, which is not Supabase's",
            hint=f"If you trust it, set {API_URL} or {URL} to its address in the environment.",
        )


def exposed_schemas(root: Path) -> tuple[str, ...] | None:
    """Return the schemas that the API serves, as ``[api].schemas`` of supabase/config.toml has them, else None.

    Authority: Supabase's CLI reference, "api.schemas".
    """
    api = _config(root).get("api")
    found = cast("dict[str, object]", api).get("schemas") if isinstance(api, dict) else None
    if not isinstance(found, list):
        return None
    return tuple(str(schema) for schema in cast("list[object]", found))


def local_port(request: Request, service: str) -> int:
    """Return the port of the local stack's *service*, ``api`` or ``db``, as supabase/config.toml has it."""
    table = _config(request.root).get(service)
    port = cast("dict[str, Any]", table).get("port") if isinstance(table, dict) else None
    return port if isinstance(port, int) else _LOCAL_PORTS[service]


def files(request: Request) -> Iterator[Setting]:
    """Yield the files of Supabase's CLI that are there, each with what it holds, and what the local stack is.

    Raises:
        UsageError: if one cannot be read.
    """
    if saved := _saved_token(request.environment):
        yield replace(saved, secret=True)
    yield from filter(None, (_file(request.root, path) for path in (REF_FILE, POOLER_FILE)))
    if _config(request.root):
        api, db = local_port(request, "api"), local_port(request, "db")
        ports = f"the local stack: API on port {api}, database on {db}"
        yield Setting(name=CONFIG_FILE, value=ports, origin=CONFIG_FILE)


def secrets(environment: Mapping[str, str], root: Path) -> tuple[str, ...]:
    """Return all secrets that can be found, the longest first, to keep them out of what others wrote.

    Raises:
        UsageError: if a file cannot be read.
    """
    found = {place.get(name, "") for place in (environment, dotenv(root)) for name in SECRETS}
    saved = _saved_token(environment)
    found |= {saved.value} if saved else set()
    return tuple(sorted(filter(None, found), key=len, reverse=True))


def _saved_token(environment: Mapping[str, str]) -> Setting | None:
    home = environment.get("HOME")
    return _file(Path(home), TOKEN_FILE, f"~/{TOKEN_FILE}") if home else None


def _settings(request: Request, names: tuple[str, ...]) -> Iterator[Setting]:
    """Yield those of *names* that are set, in the process's environment, then in ``.env``."""
    if not names:
        return
    yield from _set_in(request.environment, names, _PROCESS)
    yield from _set_in(dotenv(request.root), names, DOTENV)


def _set_in(variables: Mapping[str, str], names: tuple[str, ...], origin: str) -> Iterator[Setting]:
    for name in names:
        value = variables.get(name, "").strip()
        try:
            value.encode()
        except UnicodeEncodeError as error:  # not repeated: it may be a secret
            raise UsageError(f"{name} in {origin} is not UTF-8") from error
        if value:
            yield Setting(name=name, value=value, origin=origin)


def _file(folder: Path, path: str, name: str = "") -> Setting | None:
    value = ""
    with _readable(name or path), suppress(FileNotFoundError):
        value = read_text(folder / path).strip()
    return Setting(name=name or path, value=value, origin=name or path) if value else None


def dotenv(root: Path) -> Mapping[str, str]:
    """Return the variables of ``.env``; ``${…}`` stays as it is, so that no file can quote a secret elsewhere.

    A folder (a virtual environment), a pipe or a device of this name (a tool's way to hide or to fill it for one
    reader) is not a such file.
    """
    text = ""
    with _readable(DOTENV), suppress(FileNotFoundError, IsADirectoryError, IrregularFileError):
        text = read_text(root / DOTENV)
    if not text:
        return {}
    from dotenv import dotenv_values

    with _readable(DOTENV):
        found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value}


def _config(root: Path) -> dict[str, Any]:
    with _readable(CONFIG_FILE), suppress(FileNotFoundError):
        return toml_document(read_text(root / CONFIG_FILE))
    return {}


@contextmanager
def _readable(name: str) -> Generator[None]:
    """Report what keeps the file *name* from being read."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{name} cannot be read: {reason}", hint="Mend the file, or remove it.") from error
