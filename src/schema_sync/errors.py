"""Every exception the package raises on purpose: what failed, and what to do next.

An error is shown to the user as its message and its hint, never as a traceback. Its ``exit_code`` is the
documented one: 2 for usage, configuration and binding, 3 for a source that could not be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

NOT_ON_WINDOWS = "schema-sync needs Linux or macOS; on Windows, install and run it in WSL"

_IN_URI = r"(?i)(?P<head>\b[a-z][a-z0-9+.-]*://[^\s:/@]*):\S*@"
_IN_PARAMETER = r"(?i)(?P<key>\b(?:ssl)?password)\s*=\s*(?:'(?:\\.|[^'\\])*'|[^\s&]+)"
# Personal access tokens, secret keys, JSON Web Tokens (legacy service keys), and what follows Bearer.
_KEY = r"\b(?:sbp_\w{8,}|sb_secret_[\w-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+|(?<=Bearer )\S+)"


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """Return *text* with ``***`` for passwords of connection strings, Supabase's tokens and keys, *secrets*."""
    for secret in secrets:
        text = text.replace(secret, "***")
    masked = re.sub(_IN_URI, r"\g<head>:***@", text)
    return re.sub(_KEY, "***", re.sub(_IN_PARAMETER, r"\g<key>=***", masked))


class SchemaSyncError(Exception):
    """Base of all errors that end a command with a message instead of a traceback.

    Attributes:
        message: what failed, with its place; credentials are masked.
        hint: the next step, or an empty string.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = mask(message)
        self.hint = mask(hint)
        super().__init__(self.message)


class UsageError(SchemaSyncError):
    """The command was called in a way it cannot serve, such as an unknown schema."""


class ConfigError(SchemaSyncError):
    """A configuration file or one of its values is wrong."""


class BindingError(SchemaSyncError):
    """A class could map to more than one database object, or a binding names what does not exist."""


class WriteError(SchemaSyncError):
    """Files could not be written; none was changed."""


class SourceError(SchemaSyncError):
    """The database side could not be read."""

    exit_code: ClassVar[int] = 3


class MigrationError(SourceError):
    """A migration failed on the embedded PostgreSQL.

    Attributes:
        path: the migration's file.
        line: 1-based line where the failing statement starts.
        statement: the statement's text, shortened.
        reason: what is wrong, without the place.
    """

    def __init__(self, message: str, *, path: str, line: int, statement: str, hint: str = "") -> None:
        self.path = path
        self.line = line
        self.statement = statement
        self.reason = mask(message)
        super().__init__(f"{path}:{line}: {message}\n  {statement}", hint=hint)
