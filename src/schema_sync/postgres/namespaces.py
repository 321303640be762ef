"""The schemas of a database, and whether those that are asked for exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

_INTERNAL = {"information_schema", "schema_sync_private"}  # the latter: a replay's own


def namespaces(rows: Iterable[Sequence[Any]], wanted: Iterable[str]) -> dict[int, str]:
    """Return the names of schemas by oid, from *rows* of both.

    Raises:
        UsageError: if one of *wanted* does not exist.
    """
    found: dict[int, str] = {int(oid): name for oid, name in rows}
    existing = set(found.values())
    for schema in wanted:
        if schema not in existing:
            known = sorted(n for n in existing - _INTERNAL if not n.startswith("pg_"))
            raise UsageError(
                f"schema {schema!r} does not exist in this database",
                hint=f"It has: {', '.join(known)}. Set `schemas` in the configuration, or pass --schema.",
            )
    return found
