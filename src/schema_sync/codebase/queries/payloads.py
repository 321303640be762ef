"""Rows that are written: the keys and literal values of dicts."""

from __future__ import annotations

from schema_sync.codebase.queries.values import Dict, Listed, Value
from schema_sync.model.queries import Row


def payload_rows(value: Value) -> tuple[Row, ...] | None:
    """Return the rows of an insert, upsert or update; None where they are not known."""
    if isinstance(value, Dict):
        return (value.row(),)
    if isinstance(value, Listed):
        rows = [item.row() for item in value.items if isinstance(item, Dict)]
        return tuple(rows) if rows and len(rows) == len(value.items) else None
    return None
