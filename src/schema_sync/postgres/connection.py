"""Every connection to a database is made here: what its address may say, and how long it may take.

An address comes from the user (the command line, the process's environment), from the repository (a configuration
file, ``.env``, what Supabase's CLI leaves), or from the tool itself. libpq completes an address from variables,
password files, certificates and tickets; for one of the repository it may not, so that nobody's pull request sends
a secret of the user's anywhere.
Authority: PostgreSQL manual, "Database Connection Control Functions" (parameters, variables, password file).
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.deadline import within
from schema_sync.errors import SourceError, UsageError, mask
from schema_sync.model.base import Value
from schema_sync.postgres import uris
from schema_sync.postgres.uris import SSLMODES

if TYPE_CHECKING:
    from schema_sync.postgres.session import Session

CONNECT_TIMEOUT_SECONDS = 15.0
QUERY_MARGIN_SECONDS = 20.0  # beyond the statement's own timeout: to connect, and to fetch what it gives
SERVER_SHARE = 0.9  # of the client's time: the server stops first, and states which statement was too slow
TRUSTED_HOSTS = "SCHEMA_SYNC_TRUSTED_HOSTS"
SERVICE = "PGSERVICE"
FROM_REPOSITORY = frozenset({
    *("user", "password", "host", "port", "dbname", "sslmode", "sslrootcert", "application_name"),
    *("connect_timeout", "target_session_attrs"),
})  # fmt: skip
# What a repository's address may take from the user's variables: it only makes the connection safer.
_PROTECTIVE = frozenset({
    *("sslmode", "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "channel_binding", "connect_timeout"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version", "min_protocol_version", "max_protocol_version"),
})  # fmt: skip
_SET_HERE = {"service", "client_encoding"}  # an empty service would be an unknown one
_ISOLATED = {
    "passfile": f"{os.devnull}/none",  # empty would be ~/.pgpass; a path that cannot exist is passed over
    "sslcertmode": "disable",  # no ~/.postgresql/postgresql.crt
    "gssencmode": "disable",
    "require_auth": "password,md5,scram-sha-256,none",  # no Kerberos ticket, no OAuth
    "target_session_attrs": "any",
    "load_balance_hosts": "disable",
    "sslnegotiation": "postgres",
}
_HOSTED = (".supabase.co", ".supabase.com")
_FEWEST_SECONDS = 2  # libpq's least connect_timeout
_NEXT_LINE = r"(?<=[^.:;?!\s])\s*\n\s*"  # between sentences of libpq's that lack a stop
_QUOTED = r'".*"'  # libpq repeats what it cannot parse: it may be a bare password
_EXPECTED = (
    "Expected postgresql://USER@HOST:PORT/DATABASE with :PASSWORD behind the user; special characters in the"
    " password must be percent-encoded (@ is %40, / is %2F)."
)


class Address(Value, frozen=True, kw_only=True):
    """Where a database is, and all that libpq is given for it.

    Attributes:
        parameters: libpq's connection parameters by keyword; they may hold a password.
        trust: what the address may use of the user's own (shown by ``doctor``).
        place: the variable, option or file that holds it; empty for a server of this tool's own.
    """

    parameters: Mapping[str, str]
    place: str = ""
    trust: str = ""

    @property
    def describe(self) -> str:
        """Where it leads, in a form fit for messages: no credentials but the user's name."""
        port, user = self.parameters.get("port", ""), self.parameters.get("user", "")
        place = f"{f'{user}@' if user else ''}{self.parameters.get('host', '')}{f':{port}' if port else ''}"
        return f"postgresql://{place}/{self.parameters.get('dbname', '')}"


# ---- addresses


def parsed(text: str, place: str = "") -> dict[str, str]:
    """Return the parameters in the connection string *text*, as libpq reads it; *place* is what holds it.

    Raises:
        UsageError: if it is none; no part of it that may be a password is repeated.
    """
    try:
        return _parsed(text)
    except UsageError as error:
        raise UsageError(f"{place}: {error.message}" if place else error.message, hint=error.hint) from error


def _parsed(text: str) -> dict[str, str]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    if "\0" in text:
        raise UsageError("not a connection string: it holds a NUL character", hint=_EXPECTED)
    if other := uris.other_database(text):
        raise UsageError(f"not a connection string: no PostgreSQL address ({other})", hint=_EXPECTED)
    try:
        found = conninfo_to_dict(uris.plain(text))
    except psycopg.Error as error:
        why = reason(error)
        harmless = why.startswith("invalid URI query parameter") and "password=" not in text
        shown = why if harmless else re.sub(_QUOTED, '"…"', why)
        raise UsageError(f"not a connection string: {shown}", hint=_EXPECTED) from error
    given = {keyword: str(value) for keyword, value in found.items() if value is not None}
    if "@" in given.get("host", "")[1:] or re.search(r"[^\d,]", given.get("port", "")):
        raise UsageError("not a connection string: the password holds @ or / as it is", hint=_EXPECTED)
    return given


def shown(text: str) -> str:
    """Return the connection string *text* as messages show it: where it leads, or that it cannot be parsed."""
    try:
        return Address(parameters=parsed(text)).describe
    except UsageError:
        return "a connection string that cannot be parsed (not shown)"


def user_address(text: str, environment: Mapping[str, str], place: str = "") -> Address:
    """Return the address that the user gives at *place*: libpq completes it as it does everywhere.

    Raises:
        UsageError: if *text* is not a connection string.
    """
    return Address(parameters=_with_default_tls(parsed(text, place), environment), place=place)


def own_address(text: str) -> Address:
    """Return the address of a server that this tool started: nothing of the environment changes it."""
    return Address(parameters={**_isolation(), **parsed(text)})


def repository_address(text: str, place: str, environment: Mapping[str, str], root: Path) -> Address:
    """Return the address in *text*, which stands at *place* in the repository at *root*.

    It may use the parameters in ``FROM_REPOSITORY``. Unless SCHEMA_SYNC_TRUSTED_HOSTS in *environment* names all
    of its hosts, libpq adds nothing of the user's: no password, password file, service, certificate or ticket.

    Raises:
        UsageError: if *text* is not a connection string, or holds a parameter that a repository may not set.
    """
    given = parsed(text, place)
    for keyword in sorted(given.keys() - FROM_REPOSITORY):
        raise UsageError(f"{place}: the connection parameter {keyword} cannot come from a repository", hint=_OURS)
    given = _with_root_certificate(given, place, environment, root)
    named = {name.strip().casefold() for name in environment.get(TRUSTED_HOSTS, "").split(",")} - {""}
    trusted = all(host.casefold() in named for host in given.get("host", "").split(","))  # each of a list of hosts
    given = _with_strongest_tls(given, place, environment, trusted=trusted)
    if trusted:
        trust = f"{TRUSTED_HOSTS} names the host: your own credentials may be used"
        return Address(parameters=given, place=place, trust=trust)
    if environment.get(SERVICE):
        raise UsageError(
            f"{place}: {SERVICE} is set, and would complete an address of the repository's",
            hint=f"Unset {SERVICE}, or name the host in {TRUSTED_HOSTS}.",
        )
    trust = f"none of your own credentials are used ({TRUSTED_HOSTS} does not name the host)"
    return Address(parameters={**_isolation(), **given}, place=place, trust=trust)


_OURS = (
    f"Leave it out; or put the whole connection string into the environment variable SUPABASE_DB_URL. From a"
    f" repository: {', '.join(sorted(FROM_REPOSITORY))}."
)


def pooler_address(text: str, place: str, environment: Mapping[str, str], root: Path) -> Address:
    """Return the address in *text*: the repository's, with the user's password for the database.

    Without TLS, on this machine, only SCRAM is used: another user's program that listens there learns no password.

    Raises:
        UsageError: as ``repository_address``.
    """
    address = repository_address(text, place, environment, root)
    if "sslmode" in address.parameters:
        return address
    return replace(address, parameters={**address.parameters, "require_auth": "scram-sha-256,none"})


def _isolation() -> dict[str, str]:
    """Return values for what libpq would else take from variables and from the user's home."""
    from psycopg.pq import Conninfo

    options = {o.keyword.decode(): (o.compiled or b"").decode() for o in Conninfo.get_defaults() if o.envvar}
    kept = {keyword: value for keyword, value in options.items() if keyword not in _PROTECTIVE | _SET_HERE}
    return kept | _ISOLATED


def _with_default_tls(given: dict[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    if "sslmode" in given or environment.get("PGSSLMODE") or not given.get("host", "").endswith(_HOSTED):
        return given
    return given | {"sslmode": "require"}


def _with_strongest_tls(
    given: dict[str, str], place: str, environment: Mapping[str, str], *, trusted: bool
) -> dict[str, str]:
    """Return *given* with the stronger one of its own sslmode and of PGSSLMODE."""
    mode = given.get("sslmode")
    if mode is None:
        return _with_default_tls(given, environment)
    if mode not in SSLMODES:
        raise UsageError(f"{place}: invalid sslmode {mode!r}", hint=f"Use one of {', '.join(SSLMODES)}.")
    local = all(host.startswith(("/", "@")) for host in given.get("host", "").split(","))
    if trusted and mode in {"disable", "allow"} and not local:
        raise UsageError(
            f"{place}: sslmode={mode} would send your credentials unencrypted",
            hint="Leave sslmode out of it, or use require or verify-full.",
        )
    wished = environment.get("PGSSLMODE", "")
    if wished in SSLMODES and SSLMODES.index(wished) > SSLMODES.index(mode):
        mode = wished
    return given | {"sslmode": mode}


def _with_root_certificate(
    given: dict[str, str], place: str, environment: Mapping[str, str], root: Path
) -> dict[str, str]:
    """Return *given* with the file of sslrootcert as an absolute path, which must lie in the project.

    The user's own PGSSLROOTCERT wins over it.
    """
    name = given.get("sslrootcert")
    if name is None:
        return given
    if name != "system":
        path = (root / name).resolve()
        if not path.is_relative_to(root.resolve()) or not path.is_file():
            raise UsageError(
                f"{place}: sslrootcert {name!r} is not a file in the project",
                hint="Name a file below the project's folder, or set PGSSLROOTCERT in the environment.",
            )
        name = str(path)
    others = {keyword: value for keyword, value in given.items() if keyword != "sslrootcert"}
    return others if environment.get("PGSSLROOTCERT") else others | {"sslrootcert": name}


# ---- connections


def connect(address: Address, seconds: float, *, longest: float = CONNECT_TIMEOUT_SECONDS) -> Session:
    """Return a connection to *address* in autocommit, as UTF-8, without prepared statements.

    All that is done with it has to end within *seconds* from now, connecting within *longest* of them. Where the
    server keeps bytes that are not UTF-8, they are read as escapes.

    Raises:
        SourceError: if the server cannot be reached in time, or refuses.
    """
    import psycopg

    from schema_sync.postgres.session import open_session

    until = time.monotonic() + seconds
    usual = {
        "keepalives": "1",
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        **({"tcp_user_timeout": str(round(seconds * 1000))} if seconds < math.inf else {}),
    }
    try:
        known = _resolved(address, min(until, time.monotonic() + longest))
        attempts = known.get("hostaddr", "").count(",") + 1
        given = address.parameters.get("connect_timeout", "")
        wanted = int(given) if re.fullmatch(r"\d{1,9}", given) else 0
        allowed = min(longest, wanted or longest, max(0.0, until - time.monotonic()) / attempts)
        timeout = str(max(_FEWEST_SECONDS, int(allowed)))
        # They beat the same in the address, so that a client-side limit always holds.
        ours = {"client_encoding": "UTF8", "connect_timeout": timeout}
        return open_session({**usual, **address.parameters, **known, **ours}, seconds, until)
    except (psycopg.Error, OSError) as error:
        place = f" The address is that of {address.place}." if address.place else ""
        raise SourceError(
            f"cannot connect to {address.describe}: {reason(error)}", hint=f"{_connect_hint(error)}{place}"
        ) from error


def own_session(text: str) -> Session:
    """Return a connection, without a limit of time, to the server that this tool started at *text*.

    Raises:
        SourceError: if the server cannot be reached, or refuses.
    """
    return connect(own_address(text), math.inf)


def _resolved(address: Address, until: float) -> dict[str, str]:
    """Return hosts with their addresses, resolved by *until* (monotonic clock); libpq would wait for ever."""
    given = address.parameters
    hosts = given.get("host", "").split(",")
    if (
        any(not host or host.startswith(("/", "@")) for host in hosts)
        or given.get("hostaddr")
        or os.environ.get("PGHOSTADDR")
    ):
        return {}
    ports = given.get("port", "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    if len(ports) != len(hosts):
        return {}  # libpq states what is wrong
    try:
        found = within(until - time.monotonic(), lambda: _looked_up(hosts, ports))
    except TimeoutError as error:
        raise TimeoutError("the resolver does not answer in time") from error
    most = found[: max(1, int((until - time.monotonic()) / _FEWEST_SECONDS))]
    joined = (",".join(part) for part in zip(*most, strict=True))
    return dict(zip(("host", "hostaddr", "port"), joined, strict=True))


def _looked_up(hosts: Sequence[str], ports: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return host, address and port for each address of the hosts that are known, in their order."""
    import socket

    found: list[tuple[str, str, str]] = []
    failed: list[OSError] = []
    for host, port in zip(hosts, ports, strict=True):
        try:
            infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            failed.append(type(error)(f"failed to resolve host {host!r}: {error}"))
        else:
            found.extend((host, str(info[4][0]), port) for info in infos)
    if not found:
        raise failed[0]
    return found


def reason(error: BaseException) -> str:
    """Return what libpq says, in a line, passwords masked."""
    text = re.sub(_NEXT_LINE, ". ", str(error).strip())
    return mask(" ".join(text.split()))


def _connect_hint(error: BaseException) -> str:
    text = str(error)
    if "password authentication failed" in text or "no password supplied" in text:
        return "Check user and password; the dashboard shows the string under Connect → Session pooler."
    if "does not exist" in text:
        return "Check the name of the database or role at the end and start of the string."
    return "Check host and port, and that this network may reach them (a direct host of Supabase needs IPv6)."
