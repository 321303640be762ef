"""Connection strings as other programs write them, in the form that PostgreSQL's client library reads.

Authority: PostgreSQL manual, "Connection URIs"; SQLAlchemy's documentation, "PostgreSQL"; asyncpg's, "Connection";
Prisma's, "PostgreSQL connection URLs".
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from schema_sync.errors import UsageError

SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_PREFIX = r"postgres(?:ql)?(?:\+\w+)?://"
_URI = r"(?s)postgres(?:ql)?(?P<driver>\+\w+)?(?P<place>://(?:[^@/]*@)?[^?]*)(?:\?(?P<query>.*))?"
# Only these are shown: what stands before a colon can also be a user, or a part of a secret.
_OTHER_DATABASE = (
    r"(?i)(sqlite|libsql|duckdb|file|mysql|mariadb|mongodb|mssql|sqlserver|oracle|db2|firebird|cockroachdb|redshift"
    r"|snowflake|bigquery|clickhouse|redis|rediss|prisma)(?:\+\w+)*:"
)
# How a driver caches, pools and waits. None changes which database is read, or how safely.
_UNUSED = frozenset({
    *("prepared_statement_cache_size", "statement_cache_size", "max_cached_statement_lifetime"),
    *("max_cacheable_statement_size", "command_timeout", "timeout", "async_fallback", "prepare_threshold"),
    *("pgbouncer", "connection_limit", "pool_timeout", "socket_timeout"),
})  # fmt: skip


def is_uri(text: str) -> bool:
    """Return whether *text* begins as the address of a PostgreSQL database does, with or without a driver."""
    return re.match(_PREFIX, text) is not None


def other_database(text: str) -> str:
    """Return which other database the address *text* is of, such as ``sqlite``; empty if none is recognised."""
    matched = re.match(_OTHER_DATABASE, text)
    return matched[1].lower() if matched else ""


def plain(text: str) -> str:
    """Return the connection string *text* without a driver, and without parameters that only drivers know.

    ``ssl=require`` becomes ``sslmode=require``. What is not a URI, and all other parameters, stay as they are.

    Raises:
        UsageError: if a parameter cannot be carried over; its value is not repeated.
    """
    uri = re.fullmatch(_URI, text)
    if uri is None:
        return text
    given = _parameters(uri)
    names = [name for name, _ in given]
    if uri["driver"] and names.count("host") > 1:
        raise UsageError("the parameter host is there twice", hint="Write the hosts as HOST:PORT,HOST:PORT.")
    kept = [part for name, part in given if name not in {*_UNUSED, "ssl"}]
    modes = {_sslmode(part) for name, part in given if name == "ssl"}
    if modes:
        modes |= {_value(part) for name, part in given if name == "sslmode"}
        kept += [f"sslmode={mode}" for mode in modes]
    if len(modes) > 1:
        raise UsageError("the parameters ssl and sslmode contradict each other", hint="Use sslmode alone.")
    return f"postgresql{uri['place']}{'?' if kept else ''}{'&'.join(kept)}"


def unused(text: str) -> tuple[str, ...]:
    """Return the names of the parameters that ``plain`` leaves out of *text*."""
    uri = re.fullmatch(_URI, text)
    return tuple(dict.fromkeys(name for name, _ in _parameters(uri) if name in _UNUSED)) if uri else ()


def _parameters(uri: re.Match[str]) -> list[tuple[str, str]]:
    """Return the name of each parameter, and the parameter as it is written."""
    return [(unquote(part.partition("=")[0]), part) for part in (uri["query"] or "").split("&") if part]


def _value(part: str) -> str:
    return unquote(part.partition("=")[2])


def _sslmode(part: str) -> str:
    """Return the sslmode that ``ssl=MODE`` means to asyncpg, and ``ssl=true`` to PostgreSQL's client library."""
    mode = "require" if _value(part) == "true" else _value(part)
    if mode not in SSLMODES:
        raise UsageError(
            "the parameter ssl has a value that sslmode does not have",
            hint=f"Use sslmode with one of {', '.join(SSLMODES)}.",
        )
    return mode
