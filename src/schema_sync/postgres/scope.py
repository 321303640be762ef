"""Which schemas a catalog is of, and what of them it leaves out on purpose, from the raw rows of the queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schema_sync.errors import UsageError
from schema_sync.model.catalog import EXTENSIONS, LeftOut, QName

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


def left_out(
    rows: Mapping[str, Sequence[Sequence[Any]]], schemas: Sequence[str], namespaces: Mapping[int, str]
) -> tuple[LeftOut, ...]:
    """Return the partitions, and what belongs to an extension, in *schemas* and in that for extensions, sorted."""
    members = {row[0] for row in rows["members"]}
    owned = [row for row in rows["types"] if row[3] in "dec" and row[0] in members]
    owned += [row for row in rows["members"] if row[2] is not None]
    names = {QName(schema=namespaces[row[1]], name=row[2]) for row in owned}
    found = [LeftOut(name=name, why="extension") for name in names if name.schema in {*schemas, EXTENSIONS}]
    partitions = {QName(schema=namespaces[row[1]], name=row[2]) for row in rows["relations"] if row[6]}
    found += [LeftOut(name=name, why="partition") for name in partitions]
    return tuple(sorted(found, key=lambda each: each.name))
