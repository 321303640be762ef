"""A schema that changes while it is read.

A read sees the system catalogs as of one moment, but the server's own functions (``pg_get_expr`` and the like) see
them as they are now: of what was dropped in between they return null, or fail. Authority: PostgreSQL manual,
"System Catalog Information Functions" and appendix "Error Codes".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from schema_sync.errors import SourceError

Result = TypeVar("Result")

_GONE = (
    r"cache lookup failed for |could not open relation with OID |could not find (?:tuple|pg_\w+ entry) for "
    r"|(?:relation|type|function|constraint|collation|schema) with OID \d+ does not exist"
    r"|invalid internal value for enum: "
)
_MISSING = frozenset({"42P01", "42704", "3F000"})  # undefined table, object, schema


class SchemaChangedError(SourceError):
    """The schema changed while it was read; *why* is how that showed."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the schema changed while it was read; try again ({why})",
            hint="Run the command when no migration is running. It was read twice.",
        )


def is_change(message: str, state: str = "") -> bool:
    """Whether an error of the server, in a query on the system catalogs, is that an object is no longer there."""
    return state in _MISSING or re.search(_GONE, message) is not None


def read_again(read: Callable[[], Result]) -> Result:
    """Return what *read* returns; where the schema changed meanwhile, it is read once more, in a new transaction.

    Raises:
        SchemaChangedError: if it changed again.
    """
    try:
        return read()
    except SchemaChangedError:
        return read()
